"""The audit log: who changed what, when, from where, and what was refused to whom. JSON Lines in the state's folder.

    {"time":"2026-03-14T06:00:01.250Z","who":"studio","address":"10.8.0.2","op":"set","changes":{"limiter.drive_db":[3.0,4.0]},...}

A thread of its own writes it, so nobody waits for the disk. What the disk refuses is kept and tried again, within bounds; what
was lost beyond them is an entry of its own. A turn of a knob is one entry, from where to where, with the number of its steps.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec

from masterd.control.protocol import AuditEntry, encode_json

FILE_BYTES = 4 << 20
FILES = 5
"""At most so many, so long each: the newest is audit.jsonl, the one before audit.1.jsonl."""
MOST_WAITING = 10_000
MOST_READ = 1000
MOST_CHANGES = 32
SAME_TURN_S = 0.5
LONGEST_TURN_S = 5.0
RETRY_S = 2.0
LAST_WAIT_S = 2.0

log = logging.getLogger(__name__)
decode_entry = msgspec.json.Decoder(AuditEntry).decode


def now_text() -> str:
    """UTC, to the millisecond."""
    now = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"


def may_go_on(it: AuditEntry) -> bool:
    """Whether the next entry may belong to this one: a turn of a knob, or somebody who is refused again and again."""
    return it.code != "ok" or (bool(it.changes) and it.op in ("set", "adjust"))


def same_turn(a: AuditEntry, b: AuditEntry) -> bool:
    """Whether `b` goes on with what `a` turned, or is refused the same again."""
    return (a.who, a.address, a.op, a.code, a.origin) == (b.who, b.address, b.op, b.code, b.origin) and set(a.changes) == set(
        b.changes
    )


class Audit:
    """The log. `report` hears from the thread why writing fails, or None when it works again."""

    def __init__(self, folder: Path, report: Callable[[str | None], object] = lambda why: None) -> None:
        self.folder, self.report = folder, report
        self.path = folder / "audit.jsonl"
        self._waiting: deque[AuditEntry] = deque()
        self._turn: AuditEntry | None = None
        self._turn_began_s = self._turn_went_on_s = 0.0
        self._lost = 0
        self._stopping = False
        self._failed = False
        self._changed = threading.Condition()
        self._files = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)

    def __enter__(self) -> Audit:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Writes everything; waits for that at most LAST_WAIT_S."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(LAST_WAIT_S)

    def __call__(self, entry: AuditEntry) -> None:
        """Will be written. Any thread, never waits for the disk."""
        now_s = time.monotonic()
        with self._changed:
            if self._turn and now_s - self._turn_went_on_s < SAME_TURN_S and same_turn(self._turn, entry):
                self._turn = joined(self._turn, entry)
            else:
                self._finish_turn()
                self._turn, self._turn_began_s = entry, now_s
            self._turn_went_on_s = now_s
            if not may_go_on(entry):
                self._finish_turn()
            self._changed.notify()

    def newest(self, count: int) -> list[AuditEntry]:
        """The last `count` entries, oldest first, those not yet written included. Waits for the disk: not in the control
        thread."""
        with self._files:
            with self._changed:
                waiting = [*self._waiting, *([self._turn] if self._turn else [])]
            found = waiting[-count:]
            for path in self._paths():
                if len(found) >= count:
                    break
                found = [*tail(path, count - len(found)), *found]
        return found

    def _paths(self) -> list[Path]:
        """Newest first."""
        return [self.path, *(self.folder / f"audit.{n}.jsonl" for n in range(1, FILES))]

    def _finish_turn(self) -> None:
        if self._turn:
            self._waiting.append(self._turn)
            self._turn = None
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self._lost += 1

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._turn or self._stopping)
                self._rest()
                if not self._waiting:
                    if self._stopping:
                        return
                    continue
            if not self._write() and self._stopping:
                return

    def _rest(self) -> None:
        """Waits until the turn is over that is under way, or a moment when the disk has just failed."""
        if self._failed:
            self._changed.wait_for(lambda: self._stopping, RETRY_S)
        while self._turn and not self._stopping:
            now_s = time.monotonic()
            left_s = min(self._turn_went_on_s + SAME_TURN_S, self._turn_began_s + LONGEST_TURN_S) - now_s
            if left_s <= 0 or len(self._waiting) > 100:
                break
            self._changed.wait(left_s)
        self._finish_turn()

    def _write(self) -> bool:
        """Everything that waits, onto the disk; what is there is not waiting any more."""
        with self._files:
            with self._changed:
                entries, self._waiting = self._waiting, deque()
                lost, self._lost = self._lost, 0
            told = (
                [AuditEntry(time=now_text(), who="daemon", address="local", op="audit.lost", code="ok", count=lost)]
                if lost
                else []
            )
            try:
                self._append(b"".join(encode_json(it) + b"\n" for it in (*told, *entries)))
            except OSError as reason:
                with self._changed:
                    self._waiting.extendleft(reversed(entries))
                    self._lost += lost
                return self._tell(str(reason))
        return self._tell(None)

    def _tell(self, why: str | None) -> bool:
        self._failed = why is not None
        if why:
            log.error("the audit log could not be written: %s", why)
        self.report(why)
        return not why

    def _append(self, lines: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size + len(lines) > FILE_BYTES:
            self._rotate()
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            before = os.fstat(handle).st_size
            if before and not ends_in_newline(self.path):
                lines = b"\n" + lines
            if os.write(handle, lines) != len(lines):
                os.ftruncate(handle, before)
                raise OSError(28, "No space left on device")
            os.fsync(handle)
        finally:
            os.close(handle)

    def _rotate(self) -> None:
        paths = self._paths()
        for newer, older in reversed(list(itertools.pairwise(paths))):
            with contextlib.suppress(FileNotFoundError):
                newer.replace(older)


def joined(a: AuditEntry, b: AuditEntry) -> AuditEntry:
    """One entry for two of one turn."""
    changes = {id: (a.changes[id][0], new) for id, (_, new) in b.changes.items() if id in a.changes}
    return msgspec.structs.replace(b, time=a.time, count=a.count + b.count, changes=changes)


def ends_in_newline(path: Path) -> bool:
    """Whether the last line was written whole; a power cut may have torn it."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def tail(path: Path, count: int) -> list[AuditEntry]:
    """The last `count` readable entries of a file; none when there is no file."""
    try:
        lines = path.read_bytes().splitlines()[-count:]
    except OSError:
        return []
    found: list[AuditEntry] = []
    for line in lines:
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
            found.append(decode_entry(line))
    return found
