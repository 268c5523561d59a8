"""The MIDI system of this machine through python-rtmidi: which one to use, its ports, messages in and out.

Messages are polled. rtmidi's callback would run inside JACK's process callback and take Python's lock there: the audio of the
whole machine would wait for it. A server that dies is not reported either: ports stay listed and open. So on JACK a pulse goes
round through two ports of our own, and when it stops coming back everything is closed and opened anew.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import Any

from masterd.control.errors import MasterdError

CLIENT = "masterd-midi"
"""Begins the names of all our clients; ports of such clients are never taken for a box."""
QUEUE_MESSAGES = 65536
"""Of one port: half a second of a hundred times a cable's full rate. rtmidi drops more, and prints so in JACK's thread."""
PROBE_S = 0.1
NUMBERS = re.compile(r"\s+(\d+):\d+$")
CALLBACK_ENDS_S = 0.02
PULSE_S = 1.0
PULSES_LOST = 3


class NoMidi(MasterdError):
    """There is no MIDI system here, or python-rtmidi is missing."""

    code = "no_midi"


def rtmidi() -> Any:
    """The library; NoMidi when it is not installed."""
    try:
        import rtmidi as library
    except ImportError:
        raise NoMidi("MIDI needs python-rtmidi: pip install 'masterd[midi]'") from None
    return library


def has_alsa() -> bool:
    """Whether the kernel has the ALSA sequencer."""
    return Path("/dev/snd/seq").exists()


def plain(name: str) -> str:
    """A port's name without ALSA's numbers, which change at every plug."""
    return NUMBERS.sub("", name)


def number(name: str) -> str:
    """ALSA's number of the client a port belongs to; empty where the system has none."""
    found = NUMBERS.search(name)
    return found[1] if found else ""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without what libjack writes to stderr by itself, at every try, when there is no server."""
    sys.stderr.flush()
    stderr = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(nowhere)
        os.close(stderr)


class Backend:
    """ALSA's sequencer where the kernel has it, else a running JACK server. NoMidi when there is neither. One thread."""

    def __init__(self) -> None:
        library = rtmidi()
        os.environ.setdefault("JACK_NO_START_SERVER", "1")
        self.api = library.API_LINUX_ALSA if has_alsa() else library.API_UNIX_JACK
        self.name = "ALSA" if has_alsa() else "JACK"
        self._library = library
        self._open: list[Any] = []
        self._looked_s = float("-inf")
        self.sources: Sequence[str] = ()
        """Ports that send, as the system names them, when `look` looked last."""
        self.sinks: Sequence[str] = ()
        """Ports that receive."""
        self.young: Set[str] = set()
        """Those of them that were not there at the look before. Under JACK a port is seen a moment before it can be connected,
        and rtmidi does not say that it failed: a port is opened when it is seen the second time."""
        try:
            with quiet():
                self._probe_in = self._client(library.MidiIn, "probe")
            self._probe_out = self._client(library.MidiOut, "probe")
            self._pulse = None if has_alsa() else Pulse(self._probe_in, self._probe_out)
        except (library.RtMidiError, OSError) as error:
            self.close()
            raise NoMidi(f"no MIDI here: no ALSA sequencer (/dev/snd/seq) and no JACK server ({error})") from None

    def _client(self, kind: Any, suffix: str) -> Any:
        more = {"queue_size_limit": QUEUE_MESSAGES} if kind is self._library.MidiIn else {}
        client = kind(rtapi=self.api, name=f"{CLIENT} {suffix}", **more)
        self._open.append(client)
        return client

    def look(self, now_s: float) -> bool:
        """Reads the ports anew every PROBE_S, on the two clients that are kept for it: a new client for each look would cost some
        20 ms. Whether it did."""
        if now_s - self._looked_s < PROBE_S:
            return False
        self._looked_s = now_s
        before = {*self.sources, *self.sinks}
        self.sources = [name for name in self._probe_in.get_ports() if not name.startswith(CLIENT)]
        self.sinks = [name for name in self._probe_out.get_ports() if not name.startswith(CLIENT)]
        self.young = {*self.sources, *self.sinks} - before
        return True

    def open_source(self, name: str) -> Source:
        """Connects to a port that sends; NoMidi when it has just gone."""
        return Source(self._connect(self._library.MidiIn, self._probe_in.get_ports(), name))

    def open_sink(self, name: str) -> Sink:
        """Connects to a port that receives; NoMidi when it has just gone."""
        return Sink(self._connect(self._library.MidiOut, self._probe_out.get_ports(), name))

    def _connect(self, kind: Any, ports: list[str], name: str) -> Any:
        client = self._client(kind, "in" if kind is self._library.MidiIn else "out")
        try:
            client.open_port(ports.index(name), name="port")
        except (ValueError, self._library.RtMidiError) as error:
            self._drop([client])
            raise NoMidi(f"cannot open {name}: {error}") from None
        return client

    def drop(self, *ends: Source | Sink | None) -> None:
        """Disconnects from ports."""
        self._drop([end.client for end in ends if end and end.client in self._open])

    def _drop(self, clients: list[Any]) -> None:
        """Closes clients. rtmidi frees a client's buffers before it leaves the JACK graph, where its callback may still be at
        work on them: the callback gets time to end after its port is gone."""
        for client in clients:
            client.close_port()
        if clients and self.api == self._library.API_UNIX_JACK:
            time.sleep(CALLBACK_ENDS_S)
        for client in clients:
            self._open.remove(client)
            client.delete()

    def is_alive(self, now_s: float) -> bool:
        """False when the MIDI system has died under us: close this and make another."""
        return self._pulse is None or self._pulse.beats(now_s)

    def close(self) -> None:
        """Lets go of everything."""
        self._drop([*self._open])


class Source:
    """An open port that sends."""

    def __init__(self, client: Any) -> None:
        self.client = client
        client.ignore_types(sysex=False, timing=True, active_sense=True)

    def messages(self) -> Iterator[list[int]]:
        """All that have come in, oldest first."""
        while (received := self.client.get_message()) is not None:
            yield received[0]


class Sink:
    """An open port that receives."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def send(self, message: bytes) -> None:
        """Sends one message; a box that is gone swallows it."""
        self.client.send_message(message)


class Pulse:
    """A message that goes out and comes back through the server once a second, on the two clients that list ports."""

    def __init__(self, source: Any, sink: Any) -> None:
        self._source, self._sink = source, sink
        before = source.get_ports()
        sink.open_virtual_port("pulse")
        ours = [at for at, port in enumerate(source.get_ports()) if port.startswith(CLIENT) and port not in before]
        source.open_port(ours[0], name="pulse")
        self._sent_s = float("-inf")
        self._missing = 0

    def beats(self, now_s: float) -> bool:
        """Whether the last PULSES_LOST pulses did not all get lost."""
        if now_s - self._sent_s >= PULSE_S:
            self._sent_s = now_s
            self._missing = 0 if self._source.get_message() else self._missing + 1
            self._sink.send_message((0xB0, 0, 0))
        return self._missing <= PULSES_LOST
