"""`masterd devices`: what the hosts see on this machine, by the names the configuration takes."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

import click

from masterd.daemon.hosts.base import HostError
from masterd.daemon.patience import NoAnswer, within

ASK_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Found:
    """One thing sound can come from or go to. A host that is not there has a reason in place of a device."""

    host: str
    device: str
    inputs: int = 0
    outputs: int = 0
    sample_rate_hz: float = 0
    reason: str = ""


def jack() -> list[Found]:
    """The JACK server, if it takes clients. HostError when it does not."""
    from masterd.daemon.hosts.jack import JackHost, JackOptions

    probe = JackHost(JackOptions(client_name=f"masterd-probe-{os.getpid()}"))
    format = probe.open()
    probe.close()
    return [Found("jack", os.environ.get("JACK_DEFAULT_SERVER", "default"), 2, 2, format.sample_rate_hz)]


def portaudio() -> list[Found]:
    """PortAudio's devices with two channels in or out."""
    from masterd.daemon.hosts.libportaudio import give_back, opening
    from masterd.daemon.hosts.portaudio import PortAudioOptions, devices as listed

    ours = PortAudioOptions().host_api
    with opening() as sounddevice:
        able = [it for it in listed(sounddevice) if it.host_api == ours and (it.stereo("input") or it.stereo("output"))]
        give_back(sounddevice._lib)
    made = [Found("portaudio", it.name, it.input_channels, it.output_channels, it.default_sample_rate_hz) for it in able]
    return made or [Found("portaudio", "", reason="no device with two channels")]


def found() -> list[Found]:
    """Everything, in the order in which `auto` tries the hosts."""
    everything: list[Found] = []
    for host, ask in (("jack", jack), ("portaudio", portaudio)):
        try:
            everything += within(ASK_WITHIN_S, ask)
        except (HostError, NoAnswer) as reason:
            everything.append(Found(host, "", reason=str(reason)))
    return [*everything, Found("simulated", "clock", 2, 2)]


def line(it: Found) -> str:
    """For people."""
    if it.reason:
        return f"{it.host:10} - ({it.reason})"
    channels = f"  in {it.inputs} out {it.outputs}" if it.inputs or it.outputs else ""
    rate = f"  {it.sample_rate_hz:g} Hz" if it.sample_rate_hz else ""
    return f"{it.host:10} {it.device}{channels}{rate}"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A list of objects.")
def devices(as_json: bool) -> None:
    """Lists what sound can come from and go to: `--host`, `--device` and `--input-device` of `masterd run`
    take these names."""
    everything = found()
    click.echo(json.dumps([asdict(it) for it in everything], indent=1) if as_json else "\n".join(map(line, everything)))
