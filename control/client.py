"""The client library: what every script, command line, MIDI box and screen holds to turn a daemon.

>>> with Client() as daemon:
...     daemon.set({"limiter.ceiling_dbtp": -2})
...     daemon.get("limiter.ceiling_dbtp")
{'limiter.ceiling_dbtp': -2.0}

A Client belongs to one thread. A refused request raises the matching exception of `errors` and has changed nothing; a daemon
that does not answer in time raises Unreachable, and the late answer is dropped when it comes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import msgspec
import zmq

from masterd.control import protocol
from masterd.control.calls import Calls
from masterd.control.errors import Unreachable
from masterd.control.parameters import Parameter, Value
from masterd.control.places import DEFAULT_NAME, endpoint
from masterd.control.protocol import (
    DEFAULT_GLIDE_MS,
    Answer,
    DaemonStatus,
    EqResponse,
    MidiLearning,
    MidiState,
    MonitorState,
    Request,
    Spectrum,
    StateSnapshot,
)
from masterd.control.reach import why_unreachable

if TYPE_CHECKING:
    from masterd.control.follow import Follower, MeterReader

T = TypeVar("T")
DEFAULT_TIMEOUT_S = 2.0
KNOCK_AFTER_MS = 50


class Client:
    """A connection to the daemon `name` of this machine, made at the first request. Usable in a `with`."""

    def __init__(self, name: str = DEFAULT_NAME, timeout_s: float = DEFAULT_TIMEOUT_S, origin: str = "client") -> None:
        self.name = name
        self.timeout_s = timeout_s
        self.endpoint = endpoint(name, "ctl")
        self._calls = Calls(origin)
        self._socket: zmq.Socket[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the socket; what was not sent yet is dropped. The next request connects again."""
        if self._socket is not None:
            self._socket.close(0)
            self._socket = None

    def request(self, request: Request) -> Answer:
        """Sends `request` and waits for its answer: the way of every method below."""
        deadline = time.monotonic() + self.timeout_s
        socket = self._connected()
        frames = self._calls.encode(request)
        try:
            if not self._is_open(socket, deadline):
                raise self._silent()
            socket.send_multipart(frames, zmq.NOBLOCK)
            while socket.poll(self._left_ms(deadline), zmq.POLLIN):
                if answer := self._calls.match(request, socket.recv_multipart(zmq.NOBLOCK)):
                    return answer
        except zmq.ZMQError as error:
            self.close()
            raise Unreachable(f"{self.endpoint}: {error}") from error
        raise self._silent()

    def _connected(self) -> zmq.Socket[bytes]:
        if self._socket is None:
            if reason := why_unreachable(self.name, self.endpoint):
                raise Unreachable(reason)
            socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.DEALER)
            socket.linger = 0
            socket.immediate = True  # nothing queues for a daemon that is not there, to go on air when it comes back
            socket.connect(self.endpoint)
            self._socket = socket
        return self._socket

    def _is_open(self, socket: zmq.Socket[bytes], deadline: float) -> bool:
        """Whether requests can go out; False at once when the daemon has gone, after waiting when it may be coming."""
        if socket.poll(KNOCK_AFTER_MS, zmq.POLLOUT):
            return True
        return not why_unreachable(self.name, self.endpoint) and bool(socket.poll(self._left_ms(deadline), zmq.POLLOUT))

    def _silent(self) -> Unreachable:
        self.close()
        reason = why_unreachable(self.name, self.endpoint)
        return Unreachable(
            reason
            or f"the daemon {self.name!r} at {self.endpoint} did not answer within {self.timeout_s:g} s; "
            "it is running but busy or stuck: see its log"
        )

    @staticmethod
    def _left_ms(deadline: float) -> int:
        return max(0, round((deadline - time.monotonic()) * 1000))

    def _ask(self, request: Request, shape: type[T] | Any) -> T:
        result: T = msgspec.convert(self.request(request).result, shape)
        return result

    def describe(self, *ids: str) -> list[Parameter]:
        """What can be turned: all parameters, or those named, as the daemon has them."""
        return self._ask(protocol.Describe(ids=list(ids) or None), list[Parameter])

    def get(self, *ids: str) -> dict[str, Value]:
        """Values now: all, or those named."""
        return self._ask(protocol.Get(ids=list(ids) or None), dict[str, Value])

    def set(self, values: Mapping[str, Value], glide_ms: float = DEFAULT_GLIDE_MS, if_revision: int | None = None) -> Answer:
        """Sets all of `values` or none; with `if_revision` only when nobody changed anything since."""
        return self.request(protocol.Set(values=dict(values), glide_ms=glide_ms, if_revision=if_revision))

    def adjust(
        self,
        values: Mapping[str, float],
        travel: bool = False,
        glide_ms: float = DEFAULT_GLIDE_MS,
        if_revision: int | None = None,
    ) -> Answer:
        """Moves by amounts in each parameter's unit, or in knob travel (1.0 is the whole range); held at the ends."""
        return self.request(protocol.Adjust(values=dict(values), travel=travel, glide_ms=glide_ms, if_revision=if_revision))

    def preset_list(self) -> list[str]:
        """Names of all presets, factory ones first."""
        return self._ask(protocol.PresetList(), list[str])

    def preset_load(self, name: str, glide_ms: float = DEFAULT_GLIDE_MS, if_revision: int | None = None) -> Answer:
        """Goes to a preset."""
        return self.request(protocol.PresetLoad(name=name, glide_ms=glide_ms, if_revision=if_revision))

    def preset_save(self, name: str) -> Answer:
        """Keeps the present values under `name`; ImmutablePreset for factory names."""
        return self.request(protocol.PresetSave(name=name))

    def preset_delete(self, name: str) -> Answer:
        """Removes a user preset."""
        return self.request(protocol.PresetDelete(name=name))

    def undo(self, steps: int = 1, glide_ms: float = DEFAULT_GLIDE_MS) -> Answer:
        """Back by `steps` changes; NothingToUndo at the beginning of history."""
        return self.request(protocol.Undo(steps=steps, glide_ms=glide_ms))

    def redo(self, steps: int = 1, glide_ms: float = DEFAULT_GLIDE_MS) -> Answer:
        """Forward again by `steps` changes."""
        return self.request(protocol.Redo(steps=steps, glide_ms=glide_ms))

    def snapshot(self) -> StateSnapshot:
        """All values, and the event number up to which they are true."""
        return self._ask(protocol.Snapshot(), StateSnapshot)

    def status(self) -> DaemonStatus:
        """How the daemon is."""
        return self._ask(protocol.Status(), DaemonStatus)

    def reset_loudness(self) -> Answer:
        """Starts integrated loudness, range and maxima anew."""
        return self.request(protocol.ResetLoudness())

    def spectrum(
        self, point: Literal["input", "output"] = "output", kind: Literal["third_octave", "fft"] = "third_octave"
    ) -> Spectrum:
        """What sounds there now: 1/3 octaves (averaged over 1 s) or an FFT of 8192 frames."""
        return self._ask(protocol.AskSpectrum(point=point, kind=kind), Spectrum)

    def monitor(self) -> MonitorState:
        """What the monitor output plays; NoMonitor."""
        return self._ask(protocol.AskMonitor(), MonitorState)

    def monitor_hear(self, simulation: str, dim_db: float = 0.0) -> MonitorState:
        """Listens through another loudspeaker; UnknownSimulation, NoMonitor."""
        return self._ask(protocol.MonitorHear(simulation=simulation, dim_db=dim_db), MonitorState)

    def eq_response(self, points: int = 128) -> EqResponse:
        """What the equaliser does at `points` frequencies from 20 Hz to 20 kHz, as the daemon's kernel is designed now."""
        return self._ask(protocol.AskEqResponse(points=points), EqResponse)

    def midi_list(self) -> MidiState:
        """The boxes of all MIDI processes, and where learning is."""
        return self._ask(protocol.MidiList(), MidiState)

    def midi_learn(self, parameter: str, box: str = "", allow_unsafe: bool = False) -> MidiLearning:
        """Begins to learn which control turns `parameter`; the steps are events. NoMidiProcess, LearnBusy, UnsafeParameter."""
        return self._ask(protocol.MidiLearn(parameter=parameter, box=box, allow_unsafe=allow_unsafe), MidiLearning)

    def midi_learn_confirm(self) -> MidiLearning:
        """Lets the control lose what it turned before."""
        return self._ask(protocol.MidiLearnConfirm(), MidiLearning)

    def midi_learn_cancel(self) -> MidiLearning | None:
        """Ends learning."""
        return self._ask(protocol.MidiLearnCancel(), MidiLearning | None)

    def midi_monitor(self, seconds: float) -> Answer:
        """Moves come as events for so long."""
        return self.request(protocol.MidiMonitor(seconds=seconds))

    def follow(self) -> Iterator[StateSnapshot | protocol.AnyEvent]:
        """A snapshot, then every event in order without a gap; another snapshot whenever events were lost or the daemon
        restarted. Raises Unreachable when it falls silent; following anew is right then."""
        with self.follower() as follower:
            while True:
                if (item := follower.poll(1.0)) is not None:
                    yield item

    def follower(self) -> Follower:
        """What `follow` runs on, for loops that must not wait. Asks its snapshots through this client: same thread."""
        from masterd.control.follow import Follower

        return Follower(self)

    def meters(self) -> Iterator[protocol.Meters]:
        """Meter frames, always the newest; Unreachable when none comes for the time-out."""
        with self.meter_reader() as reader:
            while True:
                yield reader.read(self.timeout_s)

    def meter_reader(self) -> MeterReader:
        """What `meters` runs on, for loops that must not wait."""
        from masterd.control.follow import MeterReader

        return MeterReader(self.name)
