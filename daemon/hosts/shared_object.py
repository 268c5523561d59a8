"""A second instance of a shared library that is already loaded: the same code, nothing of its state."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


def loaded_file(name: str) -> Path | None:
    """The file that this process has loaded as `name` (`libjack.so.0` is loaded as libjack.so.0.1.0), or None. Private copies are
    loaded too, and their files are gone."""
    wanted = Path(name).name
    for line in Path("/proc/self/maps").read_text().splitlines():
        file = Path(line.split(maxsplit=5)[-1])
        if file.name.startswith(wanted) and file.exists():
            return file
    return None


@contextlib.contextmanager
def private_copy(file: Path) -> Iterator[str]:
    """The path of a copy, to be loaded at once: the loader takes it for another library, and keeps it when the file is gone."""
    with tempfile.TemporaryDirectory(prefix="masterd-") as folder:
        yield shutil.copy(str(file), str(Path(folder) / file.name))
