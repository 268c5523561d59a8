"""Which host: the one that is configured, or the first that opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from masterd.daemon.engine import Latency
from masterd.daemon.hosts.base import Host, HostError, HostFormat
from masterd.daemon.hosts.jack import JackHost, JackOptions
from masterd.daemon.hosts.portaudio import PortAudioHost, PortAudioOptions
from masterd.daemon.hosts.simulated import SimulatedHost
from masterd.daemon.hosts.stream import Sink, Source

AUTO = ("jack", "portaudio", "simulated")


@dataclass(frozen=True)
class AirSettings:
    """Where the programme comes from and goes to. `sample_rate_hz` 0 is the device's own choice (and 48000 without a device);
    JACK decides rate and block itself."""

    host: Literal["auto", "jack", "portaudio", "simulated"] = "auto"
    sample_rate_hz: float = 0
    block_frames: int = 512
    latency: Latency = "normal"
    jack: JackOptions = field(default_factory=JackOptions)
    portaudio: PortAudioOptions = field(default_factory=PortAudioOptions)
    paced: bool = True
    """Simulated host only: by the clock, or as fast as it can."""
    fade_ms: float = 30.0
    """How long the output takes to come in after a start or a loss, and to go out (at most 50) at the end."""
    alone: Callable[[float], Source] | None = None
    """What the simulated host plays when no programme is given; a real device then plays its own input. None: silence."""


OpenSource = Callable[[float], Source]
"""Opens the programme at a sample rate in Hz; 0 is its own."""
OpenSink = Callable[[float], Sink]
"""Opens a recording at a sample rate in Hz."""


def make_host(name: str, settings: AirSettings, open_source: OpenSource | None, open_sink: OpenSink | None) -> Host:
    """A host that is not open yet. Only the simulated one takes its source and sink by itself."""
    if name == "jack":
        return JackHost(settings.jack)
    if name == "portaudio":
        return PortAudioHost(settings.portaudio, settings.sample_rate_hz, settings.block_frames)
    opener = open_source or settings.alone
    source = opener(settings.sample_rate_hz) if opener else None
    rate_hz = source.sample_rate_hz if source else settings.sample_rate_hz or 48000
    sinks = [open_sink(rate_hz)] if open_sink else []
    return SimulatedHost(rate_hz, settings.block_frames, source, sinks, settings.paced)


def open_host(name: str, make: Callable[[str], Host]) -> tuple[Host, HostFormat]:
    """Opens the host `name`, or with `auto` the first of JACK, PortAudio and the simulated one that can. HostError otherwise."""
    refused: list[str] = []
    for candidate in AUTO if name == "auto" else (name,):
        host = make(candidate)
        try:
            return host, host.open()
        except HostError as reason:
            refused.append(str(reason))
            host.close()
    raise HostError("; ".join(refused))
