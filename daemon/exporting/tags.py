"""Tags and cover art, carried from any kind of file to any other (mutagen).

In between they have the names of Vorbis comments in lower case: title, artist, album, tracknumber, ... What a format has no
field for is kept under its own name. Gain tags are never carried, as they would be wrong: `gain_tags` makes them anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from masterd.daemon.exporting import tags_id3, tags_mp4, tags_vorbis
from masterd.daemon.reading.rates import MissingExtra
from masterd.daemon.reading.reader import AudioFileError

OF_THE_FILE = ("encoder", "encoded_by", "encodersettings", "itunsmpb", "itunnorm", "cuesheet", "tsse", "accurateripdiscid")
GAIN = ("replaygain_", "r128_")


@dataclass(frozen=True, slots=True)
class Picture:
    """Cover art; `kind` as ID3 numbers it, 3 is the front."""

    data: bytes
    mime: str = "image/jpeg"
    kind: int = 3
    description: str = ""


@dataclass(frozen=True, slots=True)
class Tags:
    """Every text may have several values."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    had_gain: bool = False
    """Whether there were gain tags, which are not in `texts`."""

    def first(self, name: str) -> str:
        """The first value, or nothing."""
        return (self.texts.get(name) or [""])[0]

    def with_texts(self, more: dict[str, list[str]]) -> Tags:
        """These and others over them."""
        return Tags(self.texts | more, self.pictures, self.had_gain)


def installed() -> bool:
    """Whether tags can be read and written."""
    try:
        import mutagen  # noqa: F401
    except ImportError:
        return False
    return True


def read_tags(path: Path) -> Tags:
    """What a file says about itself; nothing when it has no tags or none that can be read. MissingExtra."""
    file = _opened(path)
    if file is None or file.tags is None:
        return Tags()
    texts, pictures = _kind(file).read(file)
    had_gain = any(name.startswith(GAIN) for name in texts)
    kept = {name: values for name, values in texts.items() if values and not name.startswith(GAIN) and name not in OF_THE_FILE}
    return Tags(kept, tuple(Picture(*picture) for picture in pictures), had_gain)


def write_tags(path: Path, tags: Tags, suffix: str) -> None:
    """Into a complete file of the format with that ending, in place of those it has. MissingExtra, AudioFileError."""
    opened = _openers()[suffix](path)
    if opened.tags is None:
        opened.add_tags()
    _kind(opened).write(opened, tags.texts, [(it.data, it.mime, it.kind, it.description) for it in tags.pictures])
    try:
        opened.save()
    except Exception as reason:  # mutagen has no common base for what its formats raise
        raise AudioFileError(path, f"cannot be tagged: {reason}") from None


def _opened(path: Path) -> Any:
    try:
        import mutagen
    except ImportError:
        raise MissingExtra("carrying tags", "files") from None
    try:
        return mutagen.File(path)
    except mutagen.MutagenError:
        return None


def _openers() -> dict[str, Callable[[Path], Any]]:
    try:
        from mutagen import flac, mp3, mp4, oggopus, oggvorbis, wave
    except ImportError:
        raise MissingExtra("writing tags", "files") from None
    kinds = {
        ".wav": wave.WAVE, ".flac": flac.FLAC, ".mp3": mp3.MP3, ".m4a": mp4.MP4, ".ogg": oggvorbis.OggVorbis,
        ".opus": oggopus.OggOpus,
    }  # fmt: skip
    return kinds  # type: ignore[return-value, unused-ignore]


def _kind(file: Any) -> Any:
    from mutagen import id3, mp4

    if isinstance(file.tags, id3.ID3):
        return tags_id3
    return tags_mp4 if isinstance(file.tags, mp4.MP4Tags) else tags_vorbis
