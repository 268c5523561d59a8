"""Two workers share the tests; those that need a sound server, real-time threads or the machine's pace stay with one of them."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "system" in item.path.parent.parts or item.get_closest_marker("jack"):
            item.add_marker(pytest.mark.xdist_group("machine"))
