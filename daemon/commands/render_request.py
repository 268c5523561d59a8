"""From the words of `masterd render` to a request, with everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from masterd.control import proposal
from masterd.control.errors import MasterdError
from masterd.control.parameters import Value
from masterd.daemon.delivery import profile as delivery
from masterd.daemon.exporting.cue_sheet import CD_RATE_HZ
from masterd.daemon.exporting.formats import FORMATS
from masterd.daemon.rendering import automation
from masterd.daemon.rendering.job import Output, RenderJob
from masterd.daemon.rendering.lanes import CEILING
from masterd.daemon.rendering.planning import Encoding, Request
from masterd.daemon.rendering.wanted import find_preset, wanted_values

NOTHING = Path()


def request(
    sources: Sequence[Path],
    outs: Sequence[str],
    *,
    formats: Sequence[str],
    preset: str | None,
    settings: Sequence[str],
    sheet: Path | None,
    moves: Path | None,
    target: str | None,
    ceiling: str | None,
    bits: str | None,
    dither: str,
    rate_hz: str | None,
    kbps: Sequence[str],
    quality: Sequence[str],
    broadcast: bool,
    rf64: bool,
    tags: bool,
    replaygain: bool,
    album: bool,
    cue: Path | None,
    linear_phase: bool,
    mono: bool,
    force: bool,
) -> tuple[Request, list[str]]:
    """What is asked for, and what is wrong with it so far."""
    lufs, limit_dbtp, wrong = loudness(target, ceiling)
    proposed: dict[str, Value] = {}
    if sheet is not None:
        try:
            proposed = proposal.read(sheet)
        except MasterdError as reason:
            wrong.append(str(reason))
    ceilings = [f"{CEILING}={limit_dbtp}"] if limit_dbtp is not None else []
    values, wrong_values = wanted_values(preset, [*settings, *ceilings], proposed)
    turns = automation.Automation()
    if moves is not None:
        try:
            turns = automation.read(moves, find_preset)
        except automation.BrokenAutomation as reason:
            wrong += str(reason).splitlines()
    at_hz = int(rate_hz) if rate_hz else CD_RATE_HZ if cue else None
    like = Output(NOTHING, bits or ("16" if cue else "24"), dither, at_hz, broadcast=broadcast, rf64=rf64)
    job = RenderJob((), (), values, turns, linear_phase, lufs, tags, replaygain, cue, mono, force)
    by_kbps, by_quality = encoding("--bitrate", kbps, wrong), encoding("--quality", quality, wrong)
    suffixes = [f".{it}" for it in formats] or [".wav"]
    return Request(sources, outs, job, like, suffixes, by_kbps, by_quality, album), [*wrong, *wrong_values]


def loudness(target: str | None, ceiling: str | None) -> tuple[float | None, str | float | None, list[str]]:
    """LUFS and dBTP that are wanted, and what is wrong with them."""
    if target is None:
        return None, ceiling, []
    try:
        lufs: float | None = float(target)
    except ValueError:
        try:
            profile = delivery.load(target)
        except MasterdError as reason:
            return None, ceiling, [f"--target: {reason}"]
        ceiling = ceiling if ceiling is not None else profile.ceiling_dbtp  # type: ignore[assignment]
        lufs = profile.target_lufs
        if lufs is None:
            return None, ceiling, [f"--target: profile {target} asks for no loudness"]
    if lufs is None or not -70 <= lufs <= 0:
        return None, ceiling, [f"--target: {target} is not a loudness from -70 to 0 LUFS"]
    return lufs, ceiling, []


def encoding(option: str, texts: Sequence[str], wrong: list[str]) -> Encoding:
    """`256` for every format, `mp3=256` for one."""
    numbers: Encoding = {}
    for text in texts:
        form, equals, number = text.rpartition("=")
        suffix = f".{form}" if equals else ""
        try:
            numbers[suffix] = float(number)
        except ValueError:
            wrong.append(f"{option}: {text!r} is not a number, or FORMAT=number")
        if suffix and suffix not in FORMATS:
            wrong.append(f"{option}: there is no format {form!r}; there are {', '.join(it[1:] for it in FORMATS)}")
    return numbers
