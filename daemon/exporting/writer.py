"""A file in the making, whatever its format: hidden beside its target until it is complete, then there at once.

write ... write      the audio
finish               the audio is complete; what describes it (tags, loudness) may now be put into `unfinished`
publish              the file takes its name
close                finish and publish
abort                nothing is left
"""

from __future__ import annotations

import contextlib
import glob
import os
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy.typing as npt

from masterd.control.files import sync_folder
from masterd.daemon.reading.reader import AudioFileError


def check_place(path: Path, force: bool = False, make_folder: bool = False) -> list[str]:
    """What is wrong with writing there; empty when nothing is."""
    wrong = []
    if not path.parent.is_dir() and not make_folder:
        wrong.append(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        wrong.append(f"{path}: is a folder")
    elif path.exists() and not force:
        wrong.append(f"{path}: exists already; --force overwrites it")
    return wrong


def in_the_making(path: Path) -> list[Path]:
    """The hidden files of everybody who writes there, or was ended while doing so."""
    return sorted(path.parent.glob(f".{glob.escape(path.name)}.*.part"))


class Writer(AbstractContextManager["Writer"], ABC):
    """`frames` is what it took so far. Any one thread; waits for the disk. Leaving a `with` by an exception aborts."""

    def __init__(self, path: Path | str, force: bool = False, guard: ExitStack | None = None) -> None:
        """`guard` aborts it in the end unless it was published; it is told before there is a file, so an interrupt at any time
        leaves nothing."""
        self.path, self.force, self.frames = Path(path), force, 0
        if wrong := check_place(self.path, force):
            raise AudioFileError(self.path, wrong[0].removeprefix(f"{self.path}: "))
        self.unfinished = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        self._open, self._finished = True, False
        if guard is not None:
            guard.callback(self.abort)

    @abstractmethod
    def _append(self, block: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Writes and returns what the file now holds of it."""

    @abstractmethod
    def _finish(self) -> None:
        """Completes the audio."""

    @abstractmethod
    def _give_up(self) -> None:
        """Lets go of the file or process, if there is one yet, finished or not, without an error."""

    def write(self, block: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Appends (frames, 2), full scale 1; what the file holds of it, or for a lossy file what its encoder was given.
        AudioFileError when the disk is full or the encoder fails."""
        if not self._open or self._finished:
            raise AudioFileError(self.path, "is closed")
        held = self._append(block)
        self.frames += len(block)
        return held

    def finish(self) -> None:
        """The audio is complete. AudioFileError. Any number of times."""
        if self._open and not self._finished:
            self._finish()
            self._finished = True

    def publish(self) -> None:
        """Puts the file under its name. AudioFileError, and nothing left, when that fails. Any number of times."""
        if not self._open:
            return
        try:
            self.finish()
            self._rename()
        except OSError as reason:
            raise AudioFileError(self.path, f"cannot be written: {reason}") from None
        finally:
            self.abort()

    close = publish

    def _rename(self) -> None:
        with self.unfinished.open("rb") as file:
            os.fsync(file.fileno())
        if self.force:
            self.unfinished.replace(self.path)
        else:
            _rename_without_overwriting(self.unfinished, self.path)
        sync_folder(self.path.parent)

    def abort(self) -> None:
        """Gives up: nothing is left of an unfinished file. Any number of times."""
        if self._open:
            self._open = False
            with contextlib.suppress(OSError):
                self._give_up()
            self.unfinished.unlink(missing_ok=True)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()


def _rename_without_overwriting(source: Path, target: Path) -> None:
    """A hard link refuses an existing name in one step; file systems without links are asked first."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        if target.exists():
            raise FileExistsError(f"{target} exists already") from None
        source.rename(target)
