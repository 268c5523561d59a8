"""Where the log goes: standard output, one line per record, with the journal's priorities when it is the journal that reads."""

from __future__ import annotations

import logging
import os
import sys

PRIORITIES = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}


def read_by_journal() -> bool:
    """Whether standard output is the journal's stream: JOURNAL_STREAM names its device and inode."""
    try:
        about = os.fstat(sys.stdout.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{about.st_dev}:{about.st_ino}"


class JournalFormatter(logging.Formatter):
    """`<6>text`, every line of it."""

    def format(self, record: logging.LogRecord) -> str:
        """With the sd-daemon prefix."""
        prefix = f"<{PRIORITIES.get(record.levelno, 6)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines() or [""])


def start(level: int = logging.INFO) -> None:
    """Sends everything of `level` and above to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    plain = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(JournalFormatter("%(message)s") if read_by_journal() else plain)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.raiseExceptions = False  # a reader that went away is no reason for noise
