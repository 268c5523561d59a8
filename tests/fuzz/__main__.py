"""`python -m fuzz TARGET [OPTION OF LIBFUZZER...]`: one target of the folder targets/ under atheris, until told otherwise."""

from __future__ import annotations

import gc
import importlib
import logging
import sys
from types import FunctionType

import atheris

WATCHED = ("masterd.control", "masterd.daemon")
NOT_WATCHED = ("masterd.daemon.hosts", "masterd.daemon.sources", "masterd.daemon.supervisor", "masterd.daemon.engine")
"""What runs in other threads would look like a new path at every turn."""


def watch() -> None:
    """Has every function of ours tell which way it goes. (atheris.instrument_imports does not see an editable installation.)"""
    for it in gc.get_objects():
        module = (isinstance(it, FunctionType) and it.__module__) or ""
        if module.startswith(WATCHED) and not module.startswith(NOT_WATCHED):
            atheris.instrument_func(it)


def main() -> None:
    name, *options = sys.argv[1:]
    target = importlib.import_module(f"fuzz.targets.{name}").Target()
    watch()
    logging.disable(logging.CRITICAL)
    atheris.Setup([sys.argv[0], *options], lambda data: target(atheris.FuzzedDataProvider(data)))
    atheris.Fuzz()


main()
