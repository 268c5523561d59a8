"""The engine as a JACK client: in_1, in_2, out_1, out_2. The callbacks are C (native/engine/host_jack.c)."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass, field
from typing import Any

from masterd.daemon.engine import Engine
from masterd.daemon.hosts.base import Host, HostError, HostFormat
from masterd.daemon.hosts.jack_patch import Patchbay
from masterd.daemon.hosts.libjack import (
    AUDIO_TYPE,
    LIBRARY,
    NO_START_SERVER,
    PORT_IS_INPUT,
    PORT_IS_OUTPUT,
    SERVER_NAME,
    address_of,
    explain,
    function_pointer,
    libjack,
    renew,
)
from masterd.native import ffi, lib

C_FUNCTIONS = {
    "port_buffer": "jack_port_get_buffer",
    "port_range": "jack_port_get_latency_range",
    "set_port_range": "jack_port_set_latency_range",
}
CLOSE_WITHIN_S = 2.0
PORTS = (("in_1", PORT_IS_INPUT), ("in_2", PORT_IS_INPUT), ("out_1", PORT_IS_OUTPUT), ("out_2", PORT_IS_OUTPUT))


@dataclass(frozen=True)
class JackOptions:
    """`capture` and `playback` are what to connect to by itself: regular expressions on full port names, the first two that match
    in JACK's order being left and right (`system:capture_.*`); empty for no connection."""

    client_name: str = "masterd"
    server: str = ""  # JACK's default: JACK_DEFAULT_SERVER, or "default"
    library: str = LIBRARY
    capture: str = ""
    playback: str = ""
    shun: str = ""
    """A client whose ports, and the ports it plays to, are never connected to this one's outputs, whoever tries."""
    wanted: dict[str, set[str]] = field(default_factory=dict, compare=False)
    """Connections that were there when the server was lost; filled by the host, made again by the next one."""


_closing: dict[JackHost, float] = {}
"""Hosts inside jack_client_close, and since when."""


def _pass_by_stuck() -> None:
    """Some versions of JACK 2 never return from closing a client whose server has died, and then let nobody in."""
    for host, since_s in list(_closing.items()):
        if time.monotonic() - since_s > CLOSE_WITHIN_S and _closing.pop(host, 0.0):
            renew(host.options.library)


class JackHost(Host):
    """One client of one server."""

    name = "jack"
    retry_at_most_s = 0.5  # to find no server takes a millisecond

    def __init__(self, options: JackOptions) -> None:
        self.options = options
        self.jack: ctypes.CDLL
        self.client: int | None = None
        self.patchbay: Patchbay | None = None
        self._c: Any = ffi.new("host_jack *")

    def open(self) -> HostFormat:
        """Becomes a client of the server, which is never started. HostError: no library, no server, or the name is taken."""
        _pass_by_stuck()
        self.jack = libjack(self.options.library)
        self._become_client()
        self._c.sample_rate_hz = self.jack.jack_get_sample_rate(self.client)
        self._c.block_frames = self.jack.jack_get_buffer_size(self.client)
        for member, function in C_FUNCTIONS.items():
            kind = ffi.typeof(getattr(self._c, member))
            setattr(self._c, member, ffi.cast(kind, function_pointer(self.jack, function)))
        self._register()
        return HostFormat(float(self._c.sample_rate_hz), self.block_frames, self.options.client_name)

    def _become_client(self) -> None:
        """Not with JackUseExactName: JACK 2 answers that as if the server were broken when the name is taken."""
        status = ctypes.c_int()
        options = NO_START_SERVER | (SERVER_NAME if self.options.server else 0)
        server = ctypes.c_char_p(self.options.server.encode())
        self.client = self.jack.jack_client_open(self.options.client_name.encode(), options, ctypes.byref(status), server)
        if not self.client:
            raise HostError(f"JACK server {self.options.server or 'default'}: {explain(status.value)}")
        if self.jack.jack_get_client_name(self.client).decode() != self.options.client_name:
            self.close()
            raise HostError(
                f'JACK server {self.options.server or "default"}: the client name "{self.options.client_name}" is taken'
            )

    def _register(self) -> None:
        for index, (name, flag) in enumerate(PORTS):
            port = self.jack.jack_port_register(self.client, name.encode(), AUDIO_TYPE, flag, 0)
            if not port:
                raise HostError(f"JACK did not give the port {name}")
            self._c.port[index] = ffi.cast("void *", port)

    def start(self, engine: Engine, token: int) -> None:
        """Activates the client and begins to connect its ports, which goes on as long as the host lives."""
        assert self.client, "not open"
        self.engine = engine
        self._c.engine, self._c.token = engine.pointer, token
        self._c.latency_frames = engine.latency_frames
        own = int(ffi.cast("uintptr_t", self._c))
        for what in ("process", "xrun", "buffer_size", "sample_rate", "latency"):
            getattr(self.jack, f"jack_set_{what}_callback")(self.client, self.callback(what), own)
        self.jack.jack_on_info_shutdown(self.client, address_of("host_jack_shutdown"), own)
        if self.jack.jack_activate(self.client):
            raise HostError("JACK refused to activate the client")
        self.patchbay = Patchbay(self.jack, self.client, self.options, lambda: self.gone is not None)

    def callback(self, what: str) -> int:
        """Address of the function that JACK calls for process, xrun, buffer_size, sample_rate or latency."""
        return address_of(f"host_jack_{what}")

    def close(self) -> None:
        """Leaves the server."""
        if self.patchbay:
            self.patchbay.end()  # nobody may be inside libjack with a client that is being freed
        if self.client:
            client, self.client = self.client, None
            _closing[self] = time.monotonic()
            self.jack.jack_client_close(client)  # not 0 when the server is dead; the client is freed all the same
            _closing.pop(self, None)

    def abandon(self) -> None:
        """As every host; xruns it may still report are not counted."""
        self._c.abandoned = 1
        super().abandon()

    @property
    def gone(self) -> str | None:
        """What the server said when it ended."""
        if not lib.host_jack_gone(self._c):
            return None
        said: bytes = ffi.string(self._c.reason)
        return said.decode(errors="replace") or "the JACK server is gone"

    @property
    def connected(self) -> bool:
        """Whether every connection that could be made has been."""
        return self.patchbay is not None and self.patchbay.settled

    @property
    def block_frames(self) -> int:
        """The server's period."""
        return int(self._c.block_frames)
