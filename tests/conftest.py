"""Two workers share the tests, file by file. Those of the whole system need a sound server, real-time threads or the pace of the
machine, and stay with one of them. Those that build share a build folder, and stay together too.

A test with real daemons or sound servers is run a second time when it fails: they are judged by when things happen, and a shared
machine may stand still for seconds. pytest's summary names it (RERUN) with what failed, and counts it: each is to be looked into.
The law of the callback is not judged by the clock and has no second try.
"""

from __future__ import annotations

import signal
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("masterd", deadline=None)  # how long an example takes says something about the machine alone
settings.load_profile("masterd")

# Programs that tests start heed these as in a terminal, also when the tests run under nohup or as a job in the background.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

TOGETHER = ("system", "native")
STARTERS = tuple(f"instruments.{it}" for it in ("daemon", "jackd", "masterctl", "network"))
"""What starts daemons or sound servers."""
LAWS = ("test_realtime_safety.py", "test_realtime_safety_of_the_daemon.py")
FIRST = (*TOGETHER, "bench")
"""The longest, or a worker would be left alone with one of them at the end."""


def room(nodeid: str) -> str:
    """The folder of a test below tests/."""
    return nodeid.split("/")[1] if nodeid.count("/") > 1 else ""


def is_clocked(item: pytest.Item) -> bool:
    """Whether real time judges it."""
    values = vars(item.module).values() if isinstance(item, pytest.Function) else ()
    return room(item.nodeid) == "system" or any(getattr(value, "__module__", None) in STARTERS for value in values)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest first, else as it was; a second try for what real time judges."""
    for item in items:
        if item.path.name not in LAWS and is_clocked(item):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda it: FIRST.index(here) if (here := room(it.nodeid)) in FIRST else len(FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """By the folder of a test; marks of pytest-xdist's own do not reach its scheduler with every pytest."""
    from xdist.scheduler import LoadScopeScheduling

    class Rooms(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return here if (here := room(nodeid)) in TOGETHER else nodeid.split("::")[0]

    config.option.loadscopereorder = False
    return Rooms(config, log)
