"""The engine on a sound card through PortAudio, whose callback is C (native/engine/host_portaudio.c), passed by sounddevice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from masterd.daemon.engine import Engine
from masterd.daemon.hosts import libportaudio
from masterd.daemon.hosts.base import Host, HostError, HostFormat
from masterd.daemon.realtime import PRIORITY, promote
from masterd.native import ffi, lib

Direction = Literal["input", "output"]


@dataclass(frozen=True)
class PortAudioOptions:
    """Devices by name: the whole name as `masterd devices` shows it, or a part that only one device has; empty is the default.
    `latency` is PortAudio's: "low", "high", or seconds."""

    host_api: str = "ALSA"
    input_device: str = ""
    output_device: str = ""
    latency: Literal["low", "high"] | float = "low"
    priority: int = PRIORITY


@dataclass(frozen=True)
class Device:
    """One entry of PortAudio's list. The index holds until the next rescan."""

    index: int
    name: str
    host_api: str
    input_channels: int
    output_channels: int
    default_sample_rate_hz: float

    def stereo(self, direction: Direction) -> bool:
        """Whether it has two channels that way."""
        return (self.input_channels if direction == "input" else self.output_channels) >= 2


class PortAudioHost(Host):
    """One duplex stream of two channels, 32-bit float."""

    name = "portaudio"

    def __init__(self, options: PortAudioOptions, sample_rate_hz: float = 0, block_frames: int = 512) -> None:
        self.options, self.sample_rate_hz, self.frames = options, sample_rate_hz, block_frames
        self._stream: Any = None
        self._pa: Any = None
        self._refused = ""
        self._c: Any = ffi.new("host_portaudio *")

    def open(self) -> HostFormat:
        """HostError: no PortAudio, no such device (with the names there are), or the device refuses rate or format."""
        sounddevice = libportaudio.rescanned()
        self._pa = sounddevice._lib
        ins = find(sounddevice, self.options.host_api, self.options.input_device, "input")
        outs = find(sounddevice, self.options.host_api, self.options.output_device, "output")
        self._stream = self._open_stream(sounddevice, ins, outs)
        name = ins.name if ins == outs else f"{ins.name} -> {outs.name}"
        return HostFormat(float(round(self._stream.samplerate)), self.frames, name)

    def _open_stream(self, sounddevice: Any, ins: Device, outs: Device) -> Any:
        finished = sounddevice._ffi.cast("PaStreamFinishedCallback *", ffi.addressof(lib, "host_portaudio_finished"))
        try:
            return sounddevice._StreamBase(
                kind="duplex",
                samplerate=self.sample_rate_hz or outs.default_sample_rate_hz,
                blocksize=self.frames,
                device=(ins.index, outs.index),
                channels=2,
                dtype="float32",
                latency=self.options.latency,
                callback=ffi.addressof(lib, "host_portaudio_callback"),
                finished_callback=finished,
                userdata=ffi.cast("void *", self._c),
            )
        except (sounddevice.PortAudioError, ValueError) as refused:
            raise HostError(f"{ins.name} -> {outs.name}: {refused}") from None

    def start(self, engine: Engine, token: int) -> None:
        """Starts the stream; on ALSA its thread is asked for in real time."""
        self.engine = engine
        self._c.engine, self._c.token = engine.pointer, token
        if self.options.host_api == "ALSA":
            libportaudio.prefer_alsa_realtime(int(ffi.cast("uintptr_t", self._stream._ptr)))
        if code := self._pa.Pa_StartStream(self._stream._ptr):
            raise HostError(f"PortAudio did not start the stream (error {code})")

    def promote(self) -> None:
        """Real-time scheduling for the stream's thread, unless it has it already; a refusal shows in `realtime`."""
        if self.engine:
            granted = promote(self.engine.audio_thread, self.options.priority)
            self._refused = "" if granted.ok else granted.reason

    @property
    def realtime(self) -> tuple[bool, str]:
        """As every host; with the reason when it was refused."""
        return (False, self._refused) if self._refused else super().realtime

    def close(self) -> None:
        """Drops what is still buffered. With the library that opened it: there may be a newer one by now."""
        if self._stream:
            stream, self._stream = self._stream, None
            self._pa.Pa_AbortStream(stream._ptr)
            self._pa.Pa_CloseStream(stream._ptr)

    def abandon(self) -> None:
        """The next host gets a PortAudio of its own. A JACK stream is never closed: that hangs, and frees what is in use."""
        self._c.abandoned = 1
        if self._stream:
            libportaudio.spoil()
            if self.options.host_api == libportaudio.JACK_API:
                self.keep()
                return
        super().abandon()

    @property
    def gone(self) -> str | None:
        """PortAudio says so for some devices that are unplugged; on JACK it never does."""
        return "PortAudio has ended the stream" if lib.host_portaudio_gone(self._c) else None

    @property
    def block_frames(self) -> int:
        """As configured; PortAudio cuts the device's periods into these."""
        return self.frames


def devices(sounddevice: Any) -> list[Device]:
    """All devices of all host APIs."""
    apis = [api["name"] for api in sounddevice.query_hostapis()]
    return [
        Device(
            device["index"],
            device["name"],
            apis[device["hostapi"]],
            device["max_input_channels"],
            device["max_output_channels"],
            device["default_samplerate"],
        )
        for device in sounddevice.query_devices()
    ]


def default_index(sounddevice: Any, host_api: str, direction: Direction) -> int:
    """Of the default device of a host API, -1 without one."""
    for api in sounddevice.query_hostapis():
        if api["name"] == host_api:
            return int(api[f"default_{direction}_device"])
    return -1


def find(sounddevice: Any, host_api: str, name: str, direction: Direction) -> Device:
    """The device of that name, or the only one with `name` in its name; without a name the default. HostError lists the names."""
    able = [device for device in devices(sounddevice) if device.host_api == host_api and device.stereo(direction)]
    if name:
        same = [device for device in able if device.name == name]
        chosen = same or [device for device in able if name.lower() in device.name.lower()]
    else:
        chosen = [device for device in able if device.index == default_index(sounddevice, host_api, direction)]
    if len(chosen) == 1:
        return chosen[0]
    wanted = f'"{name}"' if name else "a default device"
    problem = f"{len(chosen)} {direction} devices match {wanted}" if chosen else f"no {direction} device {wanted}"
    names = ", ".join(f'"{device.name}"' for device in able) or "none"
    raise HostError(f"{problem} on {host_api}; there are: {names}")
