"""The state on the disk: state.json with a schema number and a checksum, the one before it as state.json.bak.

    {"schema":1,"crc32":"0badcafe","state":{...}}     the checksum is over the bytes of the state

A file that cannot be used is set aside under a name with the time and never overwritten; the backup is used, or nothing.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from masterd.control.decoding import guarded
from masterd.control.errors import Refused
from masterd.control.files import sweep, write_atomically
from masterd.daemon.state import Saved, checked, complete

SCHEMA = 1
DELAY_S = 0.5
"""From the first unsaved change to the writing; with the disk's own time the file stays under one second behind."""
RETRY_S = 2.0


class Unusable(Exception):
    """The file is not a state of this version; the text says why."""


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """The file."""

    schema: int
    crc32: str
    state: msgspec.Raw


decode_envelope = guarded(msgspec.json.Decoder(Envelope).decode)
decode_saved = guarded(msgspec.json.Decoder(Saved).decode)


def encode(saved: Saved) -> bytes:
    """The content of state.json."""
    state = msgspec.json.encode(saved)
    return msgspec.json.encode(Envelope(SCHEMA, f"{zlib.crc32(state):08x}", msgspec.Raw(state)))


def decode(content: bytes) -> Saved:
    """The state in a file's content, or Unusable. An unknown parameter is an error, a missing one is flat."""
    try:
        envelope = decode_envelope(content)
        if envelope.schema != SCHEMA:
            raise Unusable(f"schema {envelope.schema}, this version reads {SCHEMA}")
        if f"{zlib.crc32(envelope.state):08x}" != envelope.crc32:
            raise Unusable("checksum is wrong")
        return usable(decode_saved(bytes(envelope.state)))
    except (msgspec.DecodeError, Refused) as reason:
        raise Unusable(str(reason)) from None


def usable(saved: Saved) -> Saved:
    """`saved` with complete, checked values, or Refused."""
    values, base, back = complete(checked(saved.values)), complete(checked(saved.base)), saved.unconfirmed
    if back:
        back = replace(back, values=checked(back.values), base=back.base and complete(checked(back.base)))
    return replace(saved, revision=max(saved.revision, 0), values=values, base=base, unconfirmed=back)


class Store:
    """state.json and its backup in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "state.json"
        self.backup = folder / "state.json.bak"

    def load(self) -> tuple[Saved | None, list[str]]:
        """The newest usable state, or None, and what was wrong on the way. Bad files are set aside. Never raises for content."""
        if self.folder.is_dir():
            sweep(self.folder)
        problems: list[str] = []
        for path in (self.path, self.backup):
            try:
                return decode(path.read_bytes()), problems
            except FileNotFoundError:
                continue
            except Unusable as reason:
                problems.append(f"{path.name}: {reason}; {self.set_aside(path)}")
            except OSError as reason:
                problems.append(f"{path.name}: {reason}")
        return None, problems

    def set_aside(self, path: Path) -> str:
        """Renames a bad file; says where it is now."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        aside = path.with_name(f"{path.name}.bad-{stamp}-{time.monotonic_ns() % 10**6:06d}")
        try:
            path.rename(aside)
        except OSError as reason:
            return f"could not be set aside: {reason}"
        return f"kept as {aside.name}"

    def save(self, saved: Saved) -> None:
        """Writes; when it returns the state is on the disk. OSError: the file is as it was. Waits for the disk."""
        write_atomically(self.path, encode(saved), self.backup)


class Saver:
    """A thread that keeps the file at most a second behind, so that the control loop never waits for the disk."""

    def __init__(self, store: Store, report: Callable[[str | None], None], delay_s: float = DELAY_S, retry_s: float = RETRY_S):
        self.store = store
        self.report = report  # called from the thread: why saving fails, or None when it works again
        self.delay_s, self.retry_s = delay_s, retry_s
        self._newest: Saved | None = None
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="saver", daemon=True)

    def __enter__(self) -> Saver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Writes what is unsaved; waits for that at most a second."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(1.0)

    def keep(self, saved: Saved) -> None:
        """Will write this, unless a newer one comes before. Any thread, never waits for the disk."""
        with self._changed:
            is_first = self._newest is None
            self._newest = saved
            if is_first:  # it waits already for those that follow: waking it at every turn of a knob would take turns with it
                self._changed.notify()

    def _run(self) -> None:
        wait_s = self.delay_s
        while (saved := self._next(wait_s)) is not None:
            wait_s = self.delay_s if self._write(saved) else self.retry_s

    def _next(self, wait_s: float) -> Saved | None:
        """What to write, `wait_s` after it was asked for or at once when stopping; None when there is nothing more to do."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._stopping)
            self._changed.wait_for(lambda: self._stopping, wait_s)
            saved, self._newest = self._newest, None
            return saved

    def _write(self, saved: Saved) -> bool:
        try:
            self.store.save(saved)
        except OSError as reason:
            with self._changed:
                if self._newest is None and not self._stopping:
                    self._newest = saved
            self.report(str(reason))
            return False
        self.report(None)
        return True
