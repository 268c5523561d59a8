"""The engine on a sound card through PortAudio, whose callback is C (native/engine/host_portaudio.c), passed by sounddevice.

One device in both directions is one stream, and one clock. Two devices are two streams with a clock each: the output's callback
runs the engine, which hears the input over a bridge (native/engine/bridge.h).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from masterd.daemon.bridge import Bridge, BridgeStatus
from masterd.daemon.engine import Engine
from masterd.daemon.hosts import libportaudio
from masterd.daemon.hosts.base import Host, HostError, HostFormat
from masterd.daemon.realtime import PRIORITY, promote
from masterd.native import ffi, lib

Direction = Literal["input", "output"]

UNFED_S = 2.0
"""An input that has given nothing for so long, by the output's frames, is gone; some take a while to start."""


@dataclass(frozen=True)
class PortAudioOptions:
    """Devices by name: the whole name as `masterd devices` shows it, or a part that only one device has; empty is the default.
    None as the input is silence. `latency` is PortAudio's: "low", "high", or seconds. `margin_ms`: for how long one of two
    devices may be late and nothing is heard of it."""

    host_api: str = "ALSA"
    input_device: str | None = ""
    output_device: str = ""
    margin_ms: float = 30.0
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
    """Two channels, 32-bit float."""

    name = "portaudio"

    def __init__(self, options: PortAudioOptions, sample_rate_hz: float = 0, block_frames: int = 512) -> None:
        self.options, self.sample_rate_hz, self.frames = options, sample_rate_hz, block_frames
        self._streams: list[Any] = []
        """The one that runs the engine, and the input's own if there is one."""
        self._bridge: Bridge | None = None
        self._pa: Any = None
        self._refused = ""
        self._c: Any = ffi.new("host_portaudio *")

    def open(self) -> HostFormat:
        """HostError: no PortAudio, no such device (with the names there are), or a device refuses rate or format."""
        with libportaudio.opening() as sounddevice:
            self._pa = sounddevice._lib
            try:
                return self._open(sounddevice)
            except BaseException:
                self.close()
                raise

    def _open(self, sounddevice: Any) -> HostFormat:
        wanted, api = self.options.input_device, self.options.host_api
        ins = None if wanted is None else find(sounddevice, api, wanted, "input")
        outs = find(sounddevice, api, self.options.output_device, "output")
        if sounddevice._lib is not self._pa:
            raise HostError("PortAudio took too long to list its devices")
        if ins is None:
            return self._open_output(sounddevice, outs)
        return self._open_duplex(sounddevice, ins) if ins == outs else self._open_both(sounddevice, ins, outs)

    def _open_output(self, sounddevice: Any, outs: Device) -> HostFormat:
        rate_hz = self._open_stream(
            sounddevice, "output", outs.index, outs.name, self.sample_rate_hz or outs.default_sample_rate_hz
        )
        return HostFormat(rate_hz, self.frames, outs.name)

    def _open_duplex(self, sounddevice: Any, device: Device) -> HostFormat:
        rate_hz = self.sample_rate_hz or device.default_sample_rate_hz
        rate_hz = self._open_stream(sounddevice, "duplex", (device.index, device.index), device.name, rate_hz)
        return HostFormat(rate_hz, self.frames, device.name)

    def _open_both(self, sounddevice: Any, ins: Device, outs: Device) -> HostFormat:
        name = f"{ins.name} -> {outs.name}"
        rate_hz = self._open_output(sounddevice, outs).sample_rate_hz
        try:
            input_rate_hz = self._open_stream(sounddevice, "input", ins.index, ins.name, rate_hz)
        except HostError as refused:
            raise HostError(f"{refused}; {outs.name} runs at {rate_hz:g} Hz, and both must run at the same rate") from None
        if input_rate_hz != rate_hz:
            raise HostError(f"{name}: {input_rate_hz:g} Hz and {rate_hz:g} Hz, and both must run at the same rate")
        self._bridge = Bridge(rate_hz, self.options.margin_ms)
        self._c.bridge = self._bridge.pointer
        return HostFormat(rate_hz, self.frames, name)

    def _open_stream(self, sounddevice: Any, kind: str, device: int | tuple[int, int], name: str, rate_hz: float) -> float:
        """Its sample rate, in whole Hz."""
        callback = lib_address("host_portaudio_input" if kind == "input" else "host_portaudio_callback")
        finished = sounddevice._ffi.cast("PaStreamFinishedCallback *", lib_address("host_portaudio_finished"))
        try:
            stream = sounddevice._StreamBase(
                kind=kind,
                samplerate=rate_hz,
                blocksize=self.frames,
                device=device,
                channels=2,
                dtype="float32",
                latency=self.options.latency,
                callback=callback,
                finished_callback=finished,
                userdata=ffi.cast("void *", self._c),
            )
        except (sounddevice.PortAudioError, ValueError) as refused:
            raise HostError(f"{name}: {refused}") from None
        self._streams.append(stream)
        return float(round(stream.samplerate))

    def start(self, engine: Engine, token: int) -> None:
        """Starts the streams, the input first; on ALSA their threads are asked for in real time."""
        self.engine = engine
        self._c.engine, self._c.token = engine.pointer, token
        if self.options.input_device is not None:  # the device before may have had a bridge that nobody feeds any more
            engine.hear(self._bridge)
        for stream in reversed(self._streams):
            if self.options.host_api == "ALSA":
                libportaudio.prefer_alsa_realtime(int(ffi.cast("uintptr_t", stream._ptr)))
            if code := self._pa.Pa_StartStream(stream._ptr):
                raise HostError(f"PortAudio did not start the stream (error {code})")

    def promote(self) -> None:
        """Real-time scheduling for the streams' threads, unless they have it already; a refusal shows in `realtime`."""
        if self.engine:
            threads = [self.engine.audio_thread, *([self._bridge.writing_thread] if self._bridge else [])]
            granted = [promote(thread, self.options.priority) for thread in threads if thread]
            self._refused = next((it.reason for it in granted if not it.ok), "")

    @property
    def realtime(self) -> tuple[bool, str]:
        """As every host; with the reason when it was refused."""
        return (False, self._refused) if self._refused else super().realtime

    def close(self) -> None:
        """Drops what is still buffered. With the library that opened it: there may be a newer one by now."""
        streams, self._streams = self._streams, []
        for stream in streams:
            self._pa.Pa_AbortStream(stream._ptr)
        if refused := [code for stream in streams if (code := self._pa.Pa_CloseStream(stream._ptr))]:
            raise HostError(f"PortAudio did not close a stream (error {refused[0]})")
        libportaudio.give_back(self._pa)

    def abandon(self) -> None:
        """The next host gets a PortAudio of its own, unless this one can be closed. A JACK stream never is: that hangs, and frees
        what is in use."""
        self._c.abandoned = 1
        if self._streams and self.options.host_api == libportaudio.JACK_API:
            self.keep()
        else:
            super().abandon()

    @property
    def gone(self) -> str | None:
        """PortAudio says so for some devices that are unplugged; on JACK it never does. The engine does not miss an input."""
        if lib.host_portaudio_gone(self._c):
            return "PortAudio has ended the stream"
        if (bridge := self.bridge) and self.engine and bridge.unfed_frames > UNFED_S * self.engine.sample_rate_hz:
            return f"the input has given nothing for {UNFED_S:g} s"
        return None

    @property
    def bridge(self) -> BridgeStatus | None:
        """Between two devices."""
        return self._bridge.status() if self._bridge else None

    @property
    def block_frames(self) -> int:
        """As configured; PortAudio cuts the device's periods into these."""
        return self.frames


def lib_address(name: str) -> Any:
    """Of one of our C functions, for a library that calls it."""
    return ffi.addressof(lib, name)


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
