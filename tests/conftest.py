"""Two workers share the tests; those that need a sound server, real-time threads or the machine's pace stay with one of them.

Those that build share a build folder, and stay together too. The marks are set before pytest-xdist reads them."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("masterd", deadline=None)  # how long an example takes says something about the machine alone
settings.load_profile("masterd")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "system" or item.get_closest_marker("jack"):
            item.add_marker(pytest.mark.xdist_group("machine"))
        elif item.path.parent.name == "native":
            item.add_marker(pytest.mark.xdist_group("build"))
