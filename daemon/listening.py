"""From the configuration to the monitor output."""

from __future__ import annotations

import typing
from collections.abc import Callable
from pathlib import Path

from masterd.control.errors import MasterdError
from masterd.daemon import audio
from masterd.daemon.air import Air, AirEvent, AirSettings
from masterd.daemon.config import Config
from masterd.daemon.hosts.jack import JackOptions
from masterd.daemon.hosts.portaudio import PortAudioOptions
from masterd.daemon.monitor import Monitor


class MonitorRefused(MasterdError):
    """The monitor would play where the air plays."""

    code = "monitor_refused"


def monitor(config: Config, air: Air, on_event: Callable[[AirEvent], None]) -> Monitor | None:
    """The monitor that is configured, or None. MonitorRefused, UnknownSimulation."""
    table = config.monitor
    if not table.on:
        return None
    if table.host == "portaudio" and table.device in ("", config.audio.device):
        raise MonitorRefused("monitor.device: name a sound card of its own; the default one and the air's would put it on air")
    open_sink = audio.opened_at(Path(table.path), "monitor.path") if table.path else None
    return Monitor(air, settings(config), on_event, table.simulation, open_sink)


def settings(config: Config) -> AirSettings:
    """What the monitor's own output is told: no input, and under JACK never a port that the air plays to."""
    table, name = config.monitor, audio.client_name(config.daemon.name)
    return AirSettings(
        host=typing.cast(typing.Any, table.host),
        sample_rate_hz=config.audio.sample_rate_hz,
        block_frames=config.audio.block_frames,
        latency="low",
        jack=JackOptions(
            client_name=f"{config.jack.client or name}-monitor",
            server=config.jack.server,
            playback=table.playback,
            shun=config.jack.client or name,
        ),
        portaudio=PortAudioOptions(input_device=None, output_device=table.device),
    )
