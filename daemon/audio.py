"""From the configuration to the audio side: which host, which programme, which recording."""

from __future__ import annotations

import threading
import typing
from pathlib import Path

from masterd.control import places
from masterd.control.errors import MasterdError
from masterd.daemon.config import Config
from masterd.daemon.engine import Latency
from masterd.daemon.exporting.writer import in_the_making
from masterd.daemon.hosts.choice import AirSettings, OpenSink, OpenSource
from masterd.daemon.hosts.jack import JackOptions
from masterd.daemon.hosts.portaudio import PortAudioOptions
from masterd.daemon.hosts.stream import Sink, Source

BITS = {".wav": "32f", ".flac": "24"}
MARGIN_MS = {"normal": 30.0, "low": 8.0}
"""For how long an input with a clock of its own may be late; a busy machine stands still for up to 25 ms."""


class WrongEnding(MasterdError):
    """A recording must say by its ending what it is."""

    code = "audio_file"


def settings(config: Config) -> AirSettings:
    """What Air is told."""
    audio, jack = config.audio, config.jack
    return AirSettings(
        host=typing.cast(typing.Any, audio.host),
        sample_rate_hz=audio.sample_rate_hz,
        block_frames=audio.block_frames,
        latency=typing.cast(Latency, audio.latency),
        jack=JackOptions(
            client_name=jack.client or client_name(config.daemon.name),
            server=jack.server,
            capture=jack.capture,
            playback=jack.playback,
        ),
        portaudio=PortAudioOptions(
            input_device=audio.input_device or audio.device,
            output_device=audio.device,
            margin_ms=MARGIN_MS[audio.latency],
        ),
        alone=demo,
    )


def client_name(name: str) -> str:
    """The JACK client of the daemon `name`: no two daemons of a machine share one."""
    return "masterd" if name == places.DEFAULT_NAME else f"masterd-{name}"


def demo(sample_rate_hz: float) -> Source:
    """The built-in programme."""
    from masterd.daemon.sources.demo import DemoProgramme

    return DemoProgramme(sample_rate_hz or 48000)


def programme(config: Config) -> OpenSource | None:
    """The files that are configured, or None. MasterdError when one of them cannot be played."""
    if not config.source.files:
        return None
    from masterd.daemon.sources.files import FileProgramme

    FileProgramme(config.source.files).close()

    def open_files(sample_rate_hz: float) -> Source:
        return FileProgramme(config.source.files, config.source.loop)

    return open_files


def recording(config: Config) -> OpenSink | None:
    """The file that is configured, or None; a second recording of one run gets a number. MasterdError when it cannot be one."""
    return opened_at(Path(config.record.path), "record.path") if config.record.path else None


def opened_at(path: Path, key: str) -> OpenSink:
    """Recordings at `path`; WrongEnding names the `key`."""
    from masterd.daemon.sinks.recorder import Recorder

    if path.suffix.lower() not in BITS:
        raise WrongEnding(f"{key}: {path} must end in .wav or .flac")

    one_at_a_time = threading.Lock()  # an attempt to open a host that was given up may be at it still

    def open_file(sample_rate_hz: float) -> Sink:
        with one_at_a_time:
            return Recorder(free(path), int(sample_rate_hz), BITS[path.suffix.lower()])

    return open_file


def session(config: Config) -> Path | None:
    """The folder that is configured for sessions, or None."""
    return Path(config.record.session) if config.record.session else None


def free(path: Path) -> Path:
    """`path`, or the first of path-2, path-3 ... under which nobody has recorded, or does: what was recorded is never
    overwritten, neither that of a host that was left and has not let go, nor that of a daemon that died."""
    candidate, number = path, 1
    while candidate.exists() or in_the_making(candidate):
        number += 1
        candidate = path.with_stem(f"{path.stem}-{number}")
    return candidate
