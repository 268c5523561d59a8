"""What every host is, and how to leave one that no longer answers.

Life of a host: `open` (may hang with a hung server, so it is called in a thread nobody waits for), `start`, and then `stop` when
it is healthy, or `abandon` when it is not. An object is opened once; coming back means a new object.
"""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from masterd.daemon.bridge import BridgeStatus
from masterd.daemon.engine import Engine
from masterd.daemon.realtime import scheduling_of

STOP_WITHIN_S = 0.5

KEPT: list[object] = []
"""Memory that a library's threads may still touch: of every host that is being closed, and for good of one whose library hangs in
that or refuses. A library that has closed it has freed what those threads would need themselves."""


class HostError(Exception):
    """A host cannot be opened, started or stopped; the text says why, for people."""


@dataclass(frozen=True)
class HostFormat:
    """What an opened host runs at. `block_frames` may change later, and single blocks may be shorter or longer."""

    sample_rate_hz: float
    block_frames: int
    device: str


class Host(ABC):
    """One way to call an engine. All methods are for one control thread; none is called by the audio thread."""

    name: str
    retry_at_most_s: float = 5.0
    """Longest pause between two attempts to open it: short where an attempt costs next to nothing."""

    fades_in: bool = True
    """Whether somebody listens, so that what begins in the middle of a programme must not begin at full level."""

    engine: Engine | None = None
    """What it calls, once started. Kept even after the host is abandoned."""

    @abstractmethod
    def open(self) -> HostFormat:
        """Finds the device by its name and reserves it. HostError says why not, and which devices there are."""

    @abstractmethod
    def start(self, engine: Engine, token: int) -> None:
        """Lets the device call `engine`, with the `token` that Engine.attach gave, from now on. HostError when it refuses."""

    @abstractmethod
    def close(self) -> None:
        """Gives everything back; HostError when the library refuses. May take for ever when the device is dead: only `stop` and
        `abandon` call it."""

    @property
    @abstractmethod
    def gone(self) -> str | None:
        """Why the host says of itself that it is dead; None as long as it says nothing, which proves little."""

    @property
    def finished(self) -> bool:
        """Whether the programme has come to its end. Only a host that plays files ever says so."""
        return False

    @property
    def connected(self) -> bool:
        """Whether what is to hear it, does: before that it makes no sense to fade in."""
        return True

    @property
    def block_frames(self) -> int:
        """Frames of a block, as last announced."""
        return 0

    @property
    def bridge(self) -> BridgeStatus | None:
        """Where input and output are devices with a clock each, how the bridge between them stands."""
        return None

    def promote(self) -> None:  # noqa: B027 - most hosts come with their own scheduling
        """Called once after the first block: the audio thread exists now and may be given real-time scheduling."""

    @property
    def realtime(self) -> tuple[bool, str]:
        """Whether the audio thread is scheduled in real time, and how, or why not. Only while blocks come: it must be alive."""
        thread = self.engine.audio_thread if self.engine else 0
        if not thread:
            return False, "no block has been processed yet"
        scheduling = scheduling_of(thread)
        return scheduling.realtime, str(scheduling)

    def keep(self) -> None:
        """The memory of this host stays until it is known to be closed."""
        KEPT.append(self)

    def _close_aside(self) -> threading.Event:
        def close() -> None:
            self.close()
            with contextlib.suppress(ValueError):
                KEPT.remove(self)

        self.keep()
        return aside(f"close-{self.name}", close)

    def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """Closes a healthy host. HostError when it takes longer than `within_s`; it is then left like an abandoned one."""
        if not self._close_aside().wait(within_s):
            raise HostError(f"{self.name} did not close within {within_s} s and was left alone")

    def abandon(self) -> None:
        """Leaves a dead host at once. A thread that nobody waits for closes it; if it comes back, it plays silence."""
        self._close_aside()


def aside(name: str, work: Callable[[], object]) -> threading.Event:
    """Runs `work` in a thread nobody joins; the event is set when it is through, also if it failed."""
    done = threading.Event()

    def run() -> None:
        with contextlib.suppress(Exception):  # a host that dies while it is closed has nothing left to tell
            work()
        done.set()

    threading.Thread(target=run, name=name, daemon=True).start()
    return done
