"""The configuration file: TOML, every key optional, every error at once with its key and line. Nothing starts on half a file.

The tables are the dataclasses below; a field's default is the key's, and its `Key` says what may be written there.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from masterd.control import places
from masterd.control.errors import MasterdError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Key:
    """What a key may hold: `right` says it to a person, `reads` gives the value or raises ValueError."""

    right: str
    reads: Callable[[Any], Any]
    live: bool = False
    """Whether a reload can change it while audio runs."""


def key(default: Any, right: str, reads: Callable[[Any], Any], live: bool = False) -> Any:
    """A field of a table."""
    make: Any = {"default_factory": lambda: default} if isinstance(default, tuple) else {"default": default}
    return field(metadata={"key": Key(right, reads, live)}, **make)


def _require(ok: bool) -> None:
    if not ok:
        raise ValueError


def switch(value: Any) -> bool:
    """true or false, nothing else."""
    _require(isinstance(value, bool))
    return bool(value)


def text(value: Any) -> str:
    """A text without control characters."""
    _require(isinstance(value, str) and value.isprintable())
    return str(value)


def instance_name(value: Any) -> str:
    """A name that is also a folder's, a unit's and a JACK client's."""
    _require(isinstance(value, str) and NAME.fullmatch(value) is not None)
    return str(value)


def optional_name(value: Any) -> str:
    """The same, or empty."""
    return "" if value == "" else instance_name(value)


def one_of(*choices: Any) -> Callable[[Any], Any]:
    """One of these, type and all."""

    def reads(value: Any) -> Any:
        _require(any(type(value) is type(it) and value == it for it in choices))
        return value

    return reads


def number(low: float, high: float) -> Callable[[Any], float]:
    """A finite number in the range."""

    def reads(value: Any) -> float:
        _require(isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and low <= value <= high)
        return float(value)

    return reads


def whole(low: int, high: int) -> Callable[[Any], int]:
    """A whole number in the range."""

    def reads(value: Any) -> int:
        _require(type(value) is int and low <= value <= high)
        return int(value)

    return reads


def pattern(value: Any) -> str:
    """A regular expression."""
    _require(isinstance(value, str))
    try:
        re.compile(value)
    except re.error:
        raise ValueError from None
    return str(value)


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts; one text alone is a list of one."""
    return tuple(text(it) for it in ([value] if isinstance(value, str) else value if isinstance(value, list) else [None]))


RATES_HZ = (44100, 48000, 88200, 96000, 176400, 192000)


@dataclass(frozen=True, slots=True)
class DaemonTable:
    """Who this is."""

    name: str = key(places.DEFAULT_NAME, "up to 32 letters, digits, - and _", instance_name)
    preset: str = key("broadcast", "the name of a preset", text)


@dataclass(frozen=True, slots=True)
class AudioTable:
    """Where the programme comes from and goes to."""

    host: str = key("auto", "auto, jack, portaudio or simulated", one_of("auto", "jack", "portaudio", "simulated"))
    device: str = key("", "part of a device's name as `masterd devices` shows it, or empty", text)
    sample_rate_hz: int = key(0, f"0 (the device's own) or one of {', '.join(map(str, RATES_HZ))}", one_of(0, *RATES_HZ))
    block_frames: int = key(512, "a whole number from 16 to 8192", whole(16, 8192))
    latency: str = key("normal", "normal or low", one_of("normal", "low"))


@dataclass(frozen=True, slots=True)
class JackTable:
    """The JACK host."""

    server: str = key("", "the name of a JACK server, or empty for the default one", text)
    client: str = key("", "up to 32 letters, digits, - and _, or empty", optional_name)
    capture: str = key("", "a regular expression on full port names, or empty to connect nothing", pattern)
    playback: str = key("", "a regular expression on full port names, or empty to connect nothing", pattern)


@dataclass(frozen=True, slots=True)
class SourceTable:
    """Files instead of the sound card's input."""

    files: tuple[str, ...] = key((), "a list of WAV or FLAC files", texts)
    loop: bool = key(True, "true or false", switch)


@dataclass(frozen=True, slots=True)
class RecordTable:
    """What leaves, written to a file."""

    path: str = key("", "a file to write, or empty", text)


@dataclass(frozen=True, slots=True)
class MidiTable:
    """MIDI beside the daemon."""

    on: bool = key(False, "true or false", switch)
    map: str = key("", "a mapping file, or empty for the default one", text)


@dataclass(frozen=True, slots=True)
class StateTable:
    """What a start begins with."""

    restore: bool = key(True, "true (go on where it stopped) or false (begin with the preset)", switch)


@dataclass(frozen=True, slots=True)
class MetersTable:
    """The meter messages."""

    rate_hz: float = key(30.0, "a number from 1 to 100", number(1, 100), live=True)


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file."""

    daemon: DaemonTable = field(default_factory=DaemonTable)
    audio: AudioTable = field(default_factory=AudioTable)
    jack: JackTable = field(default_factory=JackTable)
    source: SourceTable = field(default_factory=SourceTable)
    record: RecordTable = field(default_factory=RecordTable)
    midi: MidiTable = field(default_factory=MidiTable)
    state: StateTable = field(default_factory=StateTable)
    meters: MetersTable = field(default_factory=MetersTable)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file. `line` is 0 when unknown."""

    key: str
    what: str
    line: int = 0

    def __str__(self) -> str:
        return (f"line {self.line}: " if self.line else "") + (f"{self.key}: " if self.key else "") + self.what


class ConfigRefused(MasterdError):
    """The configuration cannot be used; `problems` is everything that is wrong with it."""

    code = "config_refused"

    def __init__(self, where: str, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join([f"{where}: nothing of it is used:", *(f"  {problem}" for problem in problems)]))


def load(path: Path, overrides: Mapping[str, object] | None = None) -> Config:
    """The configuration in a file, with `overrides` by dotted key on top, or ConfigRefused."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES + 1)
        if len(content) > FILE_BYTES:
            raise ConfigRefused(str(path), [Problem("", f"longer than {FILE_BYTES} bytes")])
        return parse(content.decode(), str(path), overrides)
    except OSError as reason:
        raise ConfigRefused(str(path), [Problem("", f"cannot be read: {reason.strerror}")]) from None
    except UnicodeDecodeError as reason:
        raise ConfigRefused(str(path), [Problem("", f"not UTF-8: {reason}")]) from None


def parse(toml: str, where: str = "configuration", overrides: Mapping[str, object] | None = None) -> Config:
    """The configuration in a text, or ConfigRefused."""
    try:
        document: dict[str, Any] = tomllib.loads(toml)
    except (tomllib.TOMLDecodeError, RecursionError) as reason:
        raise ConfigRefused(where, [Problem("", f"not TOML: {reason}")]) from None
    for dotted, value in (overrides or {}).items():
        table, _, name = dotted.partition(".")
        if isinstance(document.setdefault(table, {}), dict):
            document[table][name] = value
    values, problems = collect(document, lines_of(toml))
    if problems:
        raise ConfigRefused(where, problems)
    return Config(**values)


def collect(document: Mapping[str, Any], lines: Mapping[str, int]) -> tuple[dict[str, Any], list[Problem]]:
    """The tables, and everything that is wrong."""
    tables = {it.name: type(getattr(Config(), it.name)) for it in dataclasses.fields(Config)}
    problems = [Problem(name, unknown("table", name, tables), lines.get(name, 0)) for name in document if name not in tables]
    made: dict[str, Any] = {}
    for name, table in tables.items():
        given = document.get(name, {})
        if not isinstance(given, dict):
            problems.append(Problem(name, f"must be a table: [{name}]", lines.get(name, 0)))
            continue
        values, wrong = read_table(name, table, given)
        problems += [dataclasses.replace(it, line=lines.get(it.key, 0)) for it in wrong]
        if not wrong:
            made[name] = table(**values)
    return made, sorted(problems, key=lambda it: it.line)


def read_table(name: str, table: type, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The values of one table, and what is wrong in it."""
    keys: dict[str, Key] = {it.name: it.metadata["key"] for it in dataclasses.fields(table)}
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for entry, value in given.items():
        if entry not in keys:
            problems.append(Problem(f"{name}.{entry}", unknown("key", entry, keys)))
            continue
        try:
            values[entry] = keys[entry].reads(value)
        except (ValueError, OverflowError):
            problems.append(Problem(f"{name}.{entry}", f"{str(value)[:80]!r} must be {keys[entry].right}"))
    return values, problems


def unknown(kind: str, name: str, known: Mapping[str, object]) -> str:
    """What to say about a name that is not in `known`."""
    near = difflib.get_close_matches(name, list(known), 1, cutoff=0.5)
    return f"unknown {kind}; did you mean {near[0]}?" if near else f"unknown {kind}; there are {', '.join(known)}"


HEADER = re.compile(r"\s*\[+\s*([\w.-]+)\s*\]")
ENTRY = re.compile(r"\s*([\w.-]+)\s*=")


def lines_of(toml: str) -> dict[str, int]:
    """The line of each plain key, by dotted name; good enough to point at, not a parser."""
    lines: dict[str, int] = {}
    table = ""
    for at, line in enumerate(toml.splitlines(), 1):
        if header := HEADER.match(line):
            table = header[1]
            lines.setdefault(table, at)
        elif entry := ENTRY.match(line):
            lines.setdefault(f"{table}.{entry[1]}" if table else entry[1], at)
    return lines


def differences(old: Config, new: Config) -> Iterator[tuple[str, bool]]:
    """Dotted keys whose values differ, and whether each can change while audio runs."""
    for table in dataclasses.fields(Config):
        before, after = getattr(old, table.name), getattr(new, table.name)
        for it in dataclasses.fields(before):
            if getattr(before, it.name) != getattr(after, it.name):
                yield f"{table.name}.{it.name}", it.metadata["key"].live
