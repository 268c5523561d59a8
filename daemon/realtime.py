"""What the system grants an audio process: locked memory, real-time scheduling, small stacks, a bound on runaway threads.

Everything may be refused, and every refusal comes back as a sentence for `status`; nothing here raises for lack of a right.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

STACK_BYTES = 512 * 1024
PRIORITY = 70  # above the desktop's audio servers (20), below the kernel's own threads and the watchdogs at 90 and more
MCL_CURRENT, MCL_FUTURE = 1, 2
CAP_IPC_LOCK = 14
POLICIES = {os.SCHED_OTHER: "SCHED_OTHER", os.SCHED_FIFO: "SCHED_FIFO", os.SCHED_RR: "SCHED_RR", os.SCHED_BATCH: "SCHED_BATCH"}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.pthread_getschedparam.argtypes = [ctypes.c_ulong, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int)]
_libc.pthread_setschedparam.argtypes = [ctypes.c_ulong, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
_libc.mlockall.argtypes = [ctypes.c_int]


@dataclass(frozen=True)
class Granted:
    """Whether the system agreed, and the sentence to show."""

    ok: bool
    reason: str


@dataclass(frozen=True)
class Scheduling:
    """How the kernel runs a thread."""

    policy: int
    priority: int

    @property
    def realtime(self) -> bool:
        """Whether it goes before every ordinary thread."""
        return self.policy in (os.SCHED_FIFO, os.SCHED_RR)

    def __str__(self) -> str:
        name = POLICIES.get(self.policy, f"policy {self.policy}")
        return f"{name} priority {self.priority}" if self.realtime else f"not real time: {name}"


def scheduling_of(thread: int) -> Scheduling:
    """Of a pthread_t that is alive: one that has just processed a block."""
    policy, priority = ctypes.c_int(), ctypes.c_int()
    code = _libc.pthread_getschedparam(thread, policy, priority)
    if code:
        raise OSError(code, os.strerror(code))
    return Scheduling(policy.value & ~os.SCHED_RESET_ON_FORK, priority.value)


def promote(thread: int, priority: int = PRIORITY) -> Granted:
    """Gives a live pthread_t SCHED_FIFO, unless it has real-time scheduling already."""
    if (now := scheduling_of(thread)).realtime:
        return Granted(True, str(now))
    code = _libc.pthread_setschedparam(thread, os.SCHED_FIFO, ctypes.byref(ctypes.c_int(priority)))
    if code:
        wanted = f"RLIMIT_RTPRIO {rtprio_limit()}, wanted {priority}"
        return Granted(False, f"real-time scheduling refused: {refusal(code)} ({wanted})")
    return Granted(True, str(scheduling_of(thread)))


def rtprio_limit() -> int:
    """Highest real-time priority this process may ask for without privilege."""
    return resource.getrlimit(resource.RLIMIT_RTPRIO)[0]


def refusal(code: int) -> str:
    """`EPERM Operation not permitted`."""
    return f"{errno.errorcode.get(code, code)} {os.strerror(code)}"


def has_capability(number: int) -> bool:
    """Whether this thread holds a Linux capability effectively."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> number & 1)
    return False


def lock_memory() -> Granted:
    """Keeps every page of the process in memory, now and later, so that the audio thread never waits for one.

    Not tried where the limit is finite and holds for us: with MCL_FUTURE the first allocation beyond it would fail, anywhere.
    """
    limit = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    if limit != resource.RLIM_INFINITY and not has_capability(CAP_IPC_LOCK):
        return Granted(False, f"memory not locked: RLIMIT_MEMLOCK is {limit // 1024} kB, and CAP_IPC_LOCK is missing")
    if _libc.mlockall(MCL_CURRENT | MCL_FUTURE):
        return Granted(False, f"memory not locked: mlockall: {refusal(ctypes.get_errno())}")
    return Granted(True, "all memory locked")


def small_stacks() -> None:
    """Threads started from now on get STACK_BYTES: locked memory includes every stack, whole."""
    threading.stack_size(STACK_BYTES)


def bound_runaways(on_runaway: Callable[[], None], soft_ms: int = 200, hard_ms: int = 2000) -> Granted:
    """A real-time thread that runs `soft_ms` without ever sleeping calls `on_runaway` (main thread); at `hard_ms` the kernel ends
    the process, for a supervisor to start it again, instead of the machine being locked up. Main thread only."""
    signal.signal(signal.SIGXCPU, lambda *_: on_runaway())
    try:
        resource.setrlimit(resource.RLIMIT_RTTIME, (soft_ms * 1000, hard_ms * 1000))
    except (OSError, ValueError) as refused:
        return Granted(False, f"no bound on runaway threads: {refused}")
    return Granted(True, f"real-time threads are bound to {soft_ms} ms without sleep")
