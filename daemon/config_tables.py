"""What a configuration may hold: its tables are these dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field

from masterd.control import places
from masterd.control.allowed import Allowed
from masterd.control.toml_keys import (
    corridor,
    instance_name,
    ip_address,
    key,
    networks,
    number,
    one_of,
    optional_name,
    pattern,
    switch,
    text,
    texts,
    whole,
)
from masterd.daemon.network_tables import AccessTable, NetworkTable

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
    input_device: str = key("", "part of a device's name as `masterd devices` shows it, or empty for the same as device", text)
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
    map: tuple[str, ...] = key((), "a map file, or a list of them, or empty for those of the configuration folder", texts)


LISTEN = "an IP address of this machine"
ALLOW = "a list of addresses and networks, like 192.168.1.7 and 192.168.1.0/24"


@dataclass(frozen=True, slots=True)
class OscTable:
    """An OSC server beside the daemon."""

    on: bool = key(False, "true or false", switch)
    listen: str = key("127.0.0.1", LISTEN, ip_address)
    port: int = key(10023, "a whole number from 1 to 65535", whole(1, 65535))
    allow: tuple[str, ...] = key((), ALLOW, networks)
    allow_unsafe: bool = key(False, "true or false", switch)

    def __post_init__(self) -> None:
        Allowed(self.allow).guard(self.listen)


@dataclass(frozen=True, slots=True)
class MetricsTable:
    """A Prometheus endpoint beside the daemon."""

    on: bool = key(False, "true or false", switch)
    listen: str = key("127.0.0.1", LISTEN, ip_address)
    port: int = key(9823, "a whole number from 1 to 65535", whole(1, 65535))
    allow: tuple[str, ...] = key((), ALLOW, networks)
    corridor_lufs: tuple[float, ...] = key((), "empty, or two rising numbers from -70 to 0", corridor)

    def __post_init__(self) -> None:
        Allowed(self.allow).guard(self.listen)


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
    osc: OscTable = field(default_factory=OscTable)
    metrics: MetricsTable = field(default_factory=MetricsTable)
    state: StateTable = field(default_factory=StateTable)
    meters: MetersTable = field(default_factory=MetersTable)
    network: NetworkTable = field(default_factory=NetworkTable)
    access: AccessTable = field(default_factory=AccessTable)
