"""The same work on many files, by several processes: one that fails, or dies, takes no other with it.

The processes are fresh ones (spawn). They leave an interrupt from the keyboard to their employer, who asks them to stop, so that
each has the time to leave nothing half done behind.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from masterd.control.errors import MasterdError

Job = TypeVar("Job")
Result = TypeVar("Result")
Told = Callable[..., None]
"""How far a piece of work is, by whatever numbers the work has."""

TELL_EVERY_S = 0.1
STOP_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Result]):
    """Of one job: a result, or what went wrong."""

    result: Result | None
    error: str = ""


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def all_done(
    work: Callable[[Job, Told], Result],
    jobs: Sequence[Job],
    processes: int,
    tell: Callable[[int, tuple[Any, ...]], None] = lambda index, how_far: None,
    finished: Callable[[int, Outcome[Result]], None] = lambda index, outcome: None,
) -> list[Outcome[Result]]:
    """Outcomes in the order of the jobs. `work` must be a module's function, jobs and results must pickle. `tell` and `finished`
    are called in this thread with the number of the job."""
    outcomes: dict[int, Outcome[Result]] = {}

    def keep(index: int, outcome: Outcome[Result]) -> None:
        outcomes[index] = outcome
        finished(index, outcome)

    if min(processes, len(jobs)) <= 1:
        for index, job in enumerate(jobs):
            keep(index, _tried(work, job, lambda *how_far, index=index: tell(index, how_far)))
    else:
        _by_several(work, jobs, min(processes, len(jobs)), tell, keep)
    return [outcomes[index] for index in range(len(jobs))]


def _tried(work: Callable[[Job, Told], Result], job: Job, tell: Told) -> Outcome[Result]:
    try:
        return Outcome(work(job, tell))
    except (MasterdError, OSError) as reason:
        return Outcome(None, str(reason))


class _Worker:
    """A process and the pipe to it."""

    def __init__(self, work: Callable[..., Any]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(work, theirs))
        self.process.start()
        theirs.close()
        self.index = -1

    def begin(self, index: int, job: object) -> None:
        """Gives it a job."""
        self.index = index
        self.pipe.send(job)

    def stop(self) -> None:
        """Asks it to end, and waits a while."""
        self.process.terminate()
        self.process.join(STOP_WITHIN_S)
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _by_several(
    work: Callable[[Job, Told], Result],
    jobs: Sequence[Job],
    processes: int,
    tell: Callable[[int, tuple[Any, ...]], None],
    keep: Callable[[int, Outcome[Result]], None],
) -> None:
    waiting = deque(enumerate(jobs))
    crew = [_Worker(work) for _ in range(processes)]
    try:
        for worker in crew:
            worker.begin(*waiting.popleft())
        while busy := [worker for worker in crew if worker.index >= 0]:
            ready = wait([worker.pipe for worker in busy])
            for worker in [worker for worker in busy if worker.pipe in ready]:
                try:
                    kind, content = worker.pipe.recv()
                except (EOFError, OSError):
                    kind, content = "done", Outcome(None, f"its process ended (exit code {_code(worker)})")
                    index, position = worker.index, crew.index(worker)
                    worker.stop()
                    worker = crew[position] = _Worker(work)
                    worker.index = index
                if kind == "told":
                    tell(worker.index, content)
                    continue
                index, worker.index = worker.index, -1
                if waiting:
                    worker.begin(*waiting.popleft())
                keep(index, content)
    finally:
        for worker in crew:
            worker.process.terminate()
        for worker in crew:
            worker.stop()


def _code(worker: _Worker) -> int | None:
    worker.process.join(STOP_WITHIN_S)
    return worker.process.exitcode


def _serve(work: Callable[..., Any], pipe: Connection) -> None:
    """The process: jobs in, how far they are and their outcomes out, until it is asked to stop or its employer is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    last_s = 0.0

    def tell(*how_far: Any) -> None:
        nonlocal last_s
        if (now_s := time.monotonic()) - last_s >= TELL_EVERY_S:
            last_s = now_s
            pipe.send(("told", how_far))

    try:
        while True:
            pipe.send(("done", _tried(work, pipe.recv(), tell)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _leave(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: what is left behind is being cleared away
    sys.exit(0)
