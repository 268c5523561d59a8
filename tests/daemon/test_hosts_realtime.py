"""What the system grants is granted, and what it refuses is told. Each case in a process of its own: limits never rise again."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from instruments.jackd import can_be_realtime

BEGIN = """
import ctypes, os, resource, sys, threading
from masterd.daemon import realtime
me = threading.get_ident()
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", BEGIN + code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def without_privilege(code: str) -> str:
    """As an ordinary user, if this is root: by the process itself, after it has loaded everything."""
    drop = "os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)\n"
    return run((drop if os.geteuid() == 0 else "") + code)


needs_realtime = pytest.mark.skipif(not can_be_realtime(), reason="this user may not run real-time threads")


@needs_realtime
def test_a_thread_is_promoted():
    out = run(
        "print(realtime.scheduling_of(me)); print(realtime.promote(me, 7)); print(os.sched_getscheduler(0), realtime.promote(me))"
    )
    first, second, third = out.splitlines()
    assert first == "not real time: SCHED_OTHER"
    assert second == "Granted(ok=True, reason='SCHED_FIFO priority 7')"
    assert third == "1 Granted(ok=True, reason='SCHED_FIFO priority 7')", "one that is real time already stays as it is"


def test_a_refused_promotion_says_why():
    out = without_privilege("resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0)); print(realtime.promote(me, 70))")
    wanted = "real-time scheduling refused: EPERM Operation not permitted (RLIMIT_RTPRIO 0, wanted 70)"
    assert out == f"Granted(ok=False, reason='{wanted}')"


def test_memory_is_locked_or_the_refusal_says_why():
    out = without_privilege("resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536)); print(realtime.lock_memory())")
    assert out == "Granted(ok=False, reason='memory not locked: RLIMIT_MEMLOCK is 64 kB, and CAP_IPC_LOCK is missing')"


def test_locked_memory_is_locked_for_the_kernel_too():
    code = (
        "g = realtime.lock_memory(); print(g.ok, next(l for l in open('/proc/self/status') if l.startswith('VmLck')).split()[1])"
    )
    granted, kilobytes = run(code).split()
    assert (granted == "True") == (int(kilobytes) > 10_000)


def test_stacks_are_small():
    code = """
realtime.small_stacks()
size = ctypes.c_size_t()
def look():
    attr = (ctypes.c_char * 64)()
    libc = ctypes.CDLL(None)
    libc.pthread_getattr_np(ctypes.c_ulong(threading.get_ident()), attr)
    libc.pthread_attr_getstacksize(attr, ctypes.byref(size))
t = threading.Thread(target=look); t.start(); t.join()
print(size.value)
"""
    assert int(run(code)) == 512 * 1024


@needs_realtime
def test_a_runaway_is_told_before_it_is_ended():
    code = """
said = []
print(realtime.bound_runaways(lambda: said.append(1), soft_ms=50, hard_ms=5000))
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
while not said: pass
print("told")
"""
    assert run(code).splitlines() == ["Granted(ok=True, reason='real-time threads are bound to 50 ms without sleep')", "told"]


@needs_realtime
def test_a_runaway_that_goes_on_is_ended():
    code = """
realtime.bound_runaways(lambda: None, 50, 200)
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
while True: pass
"""
    done = subprocess.run([sys.executable, "-c", BEGIN + code], capture_output=True, text=True, timeout=60)
    assert done.returncode == -9
