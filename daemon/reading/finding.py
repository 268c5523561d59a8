"""Which files are meant: those that are named, and in a folder every audio file, its folders' too, sorted as a person would."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# fmt: off
AUDIO = (
    ".wav", ".wave", ".bwf", ".rf64", ".w64", ".aif", ".aiff", ".aifc", ".caf", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".mp2",
    ".m4a", ".m4b", ".mp4", ".aac", ".wma", ".ape", ".wv", ".tta", ".dsf", ".dff", ".ac3", ".eac3", ".mka", ".au", ".snd",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Found:
    """A file, and its name without ending from the folder on in which it was found: `disc 1/03 song`."""

    path: Path
    name: Path


def found(paths: Sequence[Path]) -> list[Found]:
    """In the order given; hidden files of a folder are left out."""
    return [each for path in paths for each in (_inside(path) if path.is_dir() else [Found(path, Path(path.stem))])]


def _inside(folder: Path) -> Iterator[Found]:
    names = (path.relative_to(folder) for path in folder.rglob("*") if path.suffix.lower() in AUDIO and path.is_file())
    for name in sorted(names, key=lambda name: [_natural(part) for part in name.parts]):
        if not any(part.startswith(".") for part in name.parts):
            yield Found(folder / name, name.with_suffix(""))


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Numbers by their value: 2 before 10."""
    parts = re.findall(r"(\d+)|(\D+)", text.casefold())
    return [(0, int(number), "") if number else (1, 0, word) for number, word in parts]
