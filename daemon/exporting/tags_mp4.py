"""The atoms of an MP4, by the common names of tags."""

from __future__ import annotations

from typing import Any

ATOMS = {
    "title": "©nam", "artist": "©ART", "album": "©alb", "albumartist": "aART", "composer": "©wrt", "genre": "©gen",
    "date": "©day",
    "comment": "©cmt", "copyright": "cprt", "lyrics": "©lyr", "grouping": "©grp", "titlesort": "sonm", "artistsort": "soar",
    "albumsort": "soal", "encodedby": "©too",
}  # fmt: skip
NAMES = {atom: name for name, atom in ATOMS.items()}
PAIRS = {"tracknumber": "trkn", "discnumber": "disk"}
FREE = "----:com.apple.iTunes:"
ENCODER_ATOM, GAPLESS = "©too", "iTunSMPB"

Texts = dict[str, list[str]]
Pictures = list[tuple[bytes, str, int, str]]


def read(file: Any) -> tuple[Texts, Pictures]:
    """Texts and pictures."""
    texts: Texts = {}
    for atom, values in file.tags.items():
        if atom in NAMES and atom != ENCODER_ATOM:
            texts[NAMES[atom]] = [str(value) for value in values]
        elif atom.startswith("----:"):
            texts[atom.rpartition(":")[2].lower()] = [bytes(value).decode(errors="replace") for value in values]
    for name, atom in PAIRS.items():
        if pairs := file.tags.get(atom):
            texts[name] = [f"{number}/{of}" if of else str(number) for number, of in pairs]
    if tempo := file.tags.get("tmpo"):
        texts["bpm"] = [str(tempo[0])]
    return texts, [(bytes(it), _mime(it), 3, "") for it in file.tags.get("covr", [])]


def _mime(cover: Any) -> str:
    from mutagen import mp4

    return "image/png" if cover.imageformat == mp4.MP4Cover.FORMAT_PNG else "image/jpeg"


def write(file: Any, texts: Texts, pictures: Pictures) -> None:
    """In place of what there is."""
    from mutagen import mp4

    file.tags.clear()
    for name, values in texts.items():
        if name in ATOMS:
            file.tags[ATOMS[name]] = values
        elif name in PAIRS and (pair := _pair(values[0])):
            file.tags[PAIRS[name]] = [pair]
        else:
            file.tags[FREE + (name if name == GAPLESS else name.upper())] = [value.encode() for value in values]
    forms = {"image/png": mp4.MP4Cover.FORMAT_PNG}
    covers = [mp4.MP4Cover(data, forms.get(mime, mp4.MP4Cover.FORMAT_JPEG)) for data, mime, _, _ in pictures]
    if covers:
        file.tags["covr"] = covers


def _pair(text: str) -> tuple[int, int] | None:
    number, _, of = text.partition("/")
    try:
        return int(number), int(of or 0)
    except ValueError:
        return None
