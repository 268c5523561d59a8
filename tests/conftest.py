"""Two workers share the tests. Those of the whole system need a sound server, real-time threads or the pace of the machine, and
stay with one of them. Those that build share a build folder, and stay together too."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("masterd", deadline=None)  # how long an example takes says something about the machine alone
settings.load_profile("masterd")


TOGETHER = ("system", "native")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """By the folder of a test; marks of pytest-xdist's own do not reach its scheduler with every pytest."""
    from xdist.scheduler import LoadScopeScheduling

    class Rooms(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            room = nodeid.split("/")[1] if nodeid.count("/") > 1 else ""
            return room if room in TOGETHER else nodeid

    return Rooms(config, log)
