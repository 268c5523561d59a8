"""Two workers share the tests, file by file. Those of the whole system need a sound server, real-time threads or the pace of the
machine, and stay with one of them. Those that build share a build folder, and stay together too."""

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
FIRST = (*TOGETHER, "bench")
"""The longest, or a worker would be left alone with one of them at the end."""


def room(nodeid: str) -> str:
    """The folder of a test below tests/."""
    return nodeid.split("/")[1] if nodeid.count("/") > 1 else ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest first; else as it was."""
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
