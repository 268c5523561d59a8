"""Watches a daemon in a thread of its own, so that a scrape never waits for it, and every scraper sees the same."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from masterd.control.client import Client
from masterd.control.errors import MasterdError
from masterd.control.metrics.picture import Picture

ASK_EVERY_S = 1.0
FRAME_WITHIN_S = 0.1
CEILING = "limiter.ceiling_dbtp"

log = logging.getLogger(__name__)


class Watch:
    """Runs from entering a `with` to leaving it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._picture = Picture(time.monotonic())
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._revision = -1
        self._complaint = ""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    @property
    def name(self) -> str:
        """The daemon's."""
        return self._client.name

    @contextmanager
    def picture(self) -> Iterator[Picture]:
        """The picture, which stands still meanwhile. Any thread."""
        with self._lock:
            yield self._picture

    def _run(self) -> None:
        ask_s = time.monotonic()
        with self._client, self._client.meter_reader() as reader:
            while not self._over.is_set():
                frame = reader.poll(FRAME_WITHIN_S)
                if frame:
                    with self._lock:
                        self._picture.metered(frame, time.monotonic())
                if (now_s := time.monotonic()) >= ask_s:
                    self._ask()
                    ask_s = now_s + ASK_EVERY_S

    def _ask(self) -> None:
        try:
            status = self._client.status()
            ceiling = self._client.get(CEILING)[CEILING] if status.revision != self._revision else None
        except MasterdError as error:
            self._complain(str(error))
            with self._lock:
                self._picture.silent()
            return
        self._complain("")
        self._revision = status.revision
        with self._lock:
            self._picture.answered(status, time.monotonic())
            if ceiling is not None:
                self._picture.ceiling_dbtp = float(ceiling)

    def _complain(self, text: str) -> None:
        if text != self._complaint:
            log.warning("%s", text or f"the daemon {self._client.name} answers")
        self._complaint = text
