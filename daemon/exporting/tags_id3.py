"""ID3 frames, in MP3, WAV and AIFF, by the common names of tags."""

from __future__ import annotations

from typing import Any

FRAMES = {
    "title": "TIT2", "artist": "TPE1", "album": "TALB", "albumartist": "TPE2", "composer": "TCOM", "conductor": "TPE3",
    "lyricist": "TEXT", "genre": "TCON", "date": "TDRC", "originaldate": "TDOR", "tracknumber": "TRCK", "discnumber": "TPOS",
    "copyright": "TCOP", "isrc": "TSRC", "organization": "TPUB", "language": "TLAN", "bpm": "TBPM", "initialkey": "TKEY",
    "grouping": "TIT1", "subtitle": "TIT3", "compilation": "TCMP", "mood": "TMOO", "titlesort": "TSOT", "artistsort": "TSOP",
    "albumsort": "TSOA", "encodedby": "TENC",
}  # fmt: skip
NAMES = {frame: name for name, frame in FRAMES.items()}
UTF8 = 3

Texts = dict[str, list[str]]
Pictures = list[tuple[bytes, str, int, str]]


def read(file: Any) -> tuple[Texts, Pictures]:
    """Texts and pictures."""
    texts: Texts = {}
    for frame in file.tags.values():
        name = _name(frame)
        if name:
            texts.setdefault(name, []).extend(_values(frame))
    return texts, [(it.data, it.mime, int(it.type), it.desc) for it in file.tags.getall("APIC")]


def _name(frame: Any) -> str:
    if frame.FrameID == "TXXX":
        return str(frame.desc).lower()
    if frame.FrameID in ("COMM", "USLT"):
        return {"COMM": "comment", "USLT": "lyrics"}[frame.FrameID]
    return NAMES.get(frame.FrameID, "")


def _values(frame: Any) -> list[str]:
    if frame.FrameID == "USLT":
        return [str(frame.text)]
    return [str(text) for text in (frame.genres if frame.FrameID == "TCON" else frame.text)]


def write(file: Any, texts: Texts, pictures: Pictures) -> None:
    """In place of what there is."""
    from mutagen import id3

    file.tags.clear()
    for name, values in texts.items():
        if name == "comment":
            frame = id3.COMM(encoding=UTF8, lang="XXX", desc="", text=values)
        elif name == "lyrics":
            frame = id3.USLT(encoding=UTF8, lang="XXX", desc="", text="\n".join(values))
        elif name in FRAMES:
            frame = getattr(id3, FRAMES[name])(encoding=UTF8, text=values)
        else:
            frame = id3.TXXX(encoding=UTF8, desc=name.upper(), text=values)
        file.tags.add(frame)
    for data, mime, kind, description in pictures:
        file.tags.add(id3.APIC(encoding=UTF8, mime=mime, type=kind, desc=description, data=data))
