"""The client library: what every script, command line, MIDI box and screen holds to turn a daemon.

>>> with Client() as daemon:
...     daemon.set({"limiter.ceiling_dbtp": -2})
...     daemon.get("limiter.ceiling_dbtp")
{'limiter.ceiling_dbtp': -2.0}

A Client belongs to one thread; `async_client.AsyncClient` is the same for asyncio. A refused request raises the matching
exception of `errors` and has changed nothing. A daemon that cannot be spoken to raises Unreachable, as early as that is certain,
and one of its kinds where more is known: SilentDaemon, UnknownKey, WrongServerKey. An answer that comes late is dropped.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Self, TypeVar

import zmq

from masterd.control import protocol, words
from masterd.control.address import Address
from masterd.control.calls import Calls, Question
from masterd.control.errors import Unreachable
from masterd.control.line import Line
from masterd.control.places import DEFAULT_NAME
from masterd.control.protocol import Answer, Request, StateSnapshot

if TYPE_CHECKING:
    from masterd.control.follow import Follower, MeterReader

P = ParamSpec("P")
T = TypeVar("T")
DEFAULT_TIMEOUT_S = 2.0


def _asked(word: Callable[P, Question[T]]) -> Callable[Concatenate[Client, P], T]:
    @functools.wraps(word)
    def method(client: Client, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return client.ask(word(*args, **kwargs))

    return method


class Client:
    """A connection to a daemon, made at the first request. `where` is an Address, or a daemon's name on this machine."""

    def __init__(self, where: Address | str = DEFAULT_NAME, timeout_s: float = DEFAULT_TIMEOUT_S, origin: str = "client") -> None:
        self.address = where if isinstance(where, Address) else Address(where)
        self.timeout_s = timeout_s
        self._calls = Calls(origin)
        self._line: Line | None = None

    @property
    def name(self) -> str:
        """What people call the daemon."""
        return self.address.name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the socket; what was not sent yet is dropped. The next request connects again."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def ask(self, question: Question[T]) -> T:
        """Asks one of `words`: what every method below does."""
        return question.understood(self.request(question.request))

    def request(self, request: Request) -> Answer:
        """Sends `request` and waits for its answer."""
        deadline_s = time.monotonic() + self.timeout_s
        try:
            self._line = self._line or Line(self.address, self.timeout_s)
            self._line.send(self._calls.encode(request), deadline_s)
            while True:
                if answer := self._calls.match(request, self._line.receive(deadline_s)):
                    return answer
        except zmq.ZMQError as error:
            self.close()
            raise Unreachable(f"{self.address}: {error}") from error
        except Unreachable:
            self.close()
            raise

    describe = _asked(words.describe)
    get = _asked(words.get)
    set = _asked(words.set)
    adjust = _asked(words.adjust)
    preset_list = _asked(words.preset_list)
    preset_load = _asked(words.preset_load)
    preset_save = _asked(words.preset_save)
    preset_delete = _asked(words.preset_delete)
    undo = _asked(words.undo)
    redo = _asked(words.redo)
    confirm = _asked(words.confirm)
    revert = _asked(words.revert)
    lock = _asked(words.lock)
    unlock = _asked(words.unlock)
    whoami = _asked(words.whoami)
    audit = _asked(words.audit)
    snapshot = _asked(words.snapshot)
    status = _asked(words.status)
    reset_loudness = _asked(words.reset_loudness)
    spectrum = _asked(words.spectrum)
    eq_response = _asked(words.eq_response)
    monitor = _asked(words.monitor)
    monitor_hear = _asked(words.monitor_hear)
    analyse_begin = _asked(words.analyse_begin)
    analyse_result = _asked(words.analyse_result)
    midi_list = _asked(words.midi_list)
    midi_learn = _asked(words.midi_learn)
    midi_learn_confirm = _asked(words.midi_learn_confirm)
    midi_learn_cancel = _asked(words.midi_learn_cancel)
    midi_monitor = _asked(words.midi_monitor)

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

        return MeterReader(self.address)
