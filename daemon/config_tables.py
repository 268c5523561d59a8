"""What a configuration may hold: its tables are these dataclasses, a field's default is the key's, its `Key` says what is right.

A reader gives the value, or raises ValueError.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from masterd.control import places

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


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
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # "[[": its meaning is about to change
            re.compile(value)
    except (re.error, FutureWarning):
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
    """What leaves, written to a file; and what comes in, with everything the engine is told."""

    path: str = key("", "a file to write, or empty", text)
    session: str = key("", "a folder for sessions, or empty", text)


@dataclass(frozen=True, slots=True)
class MonitorTable:
    """An output of its own to listen to what is on air, never connected to it."""

    on: bool = key(False, "true or false", switch)
    host: str = key("jack", "jack, portaudio or simulated", one_of("jack", "portaudio", "simulated"))
    device: str = key("", "part of a device's name as `masterd devices` shows it, and not the air's", text)
    playback: str = key("", "a regular expression on full JACK port names, or empty to connect nothing", pattern)
    path: str = key("", "a file to write what is heard to, or empty", text)
    simulation: str = key("direct", "the name of a simulation: direct, mono, phone, ...", text)


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
    monitor: MonitorTable = field(default_factory=MonitorTable)
    midi: MidiTable = field(default_factory=MidiTable)
    state: StateTable = field(default_factory=StateTable)
    meters: MetersTable = field(default_factory=MetersTable)
