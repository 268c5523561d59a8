"""Writing a file so that a crash at any instant leaves the old one or the new one, never half of either."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

PRIVATE = 0o600
KEPT_GROUP = -1
"""The group that new files of this process have."""


def sync_folder(folder: Path) -> None:
    """Waits until the folder's entries are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def temporary(folder: Path, content: bytes, mode: int, group: int) -> Path:
    """A new file in `folder` with `content` on the disk; nothing is left behind when that fails (OSError)."""
    handle, name = tempfile.mkstemp(prefix=".new-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            if group != KEPT_GROUP:  # the service may not call it, not even to change nothing
                os.fchown(handle, -1, group)
            os.fchmod(handle, mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    return Path(name)


def write_atomically(
    path: Path, content: bytes, backup: Path | None = None, mode: int = PRIVATE, group: int = KEPT_GROUP
) -> None:
    """Replaces `path` by `content`; with `backup`, what it held before stays there. At no instant may more people read it than
    `mode` says. Any thread; waits for the disk. OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = temporary(path.parent, content, mode, group)
    try:
        if backup and path.exists():
            keep_as(path, backup)
        new.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink()
        raise
    sync_folder(path.parent)


def keep_as(path: Path, backup: Path) -> None:
    """Makes `backup` a second name of what `path` holds now."""
    link = backup.with_name(f".{backup.name}.link")
    link.unlink(missing_ok=True)
    os.link(path, link)
    link.replace(backup)


def sweep(folder: Path) -> None:
    """Removes what writers that were killed left behind."""
    for stale in folder.glob(".new-*"):
        with contextlib.suppress(OSError):
            stale.unlink()
