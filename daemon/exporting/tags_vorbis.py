"""Vorbis comments, in FLAC, Ogg Vorbis and Opus, by the common names of tags, which are theirs. Pictures are FLAC's own, or its
picture block in base64."""

from __future__ import annotations

import base64
from typing import Any

PICTURE_BLOCK = "metadata_block_picture"

Texts = dict[str, list[str]]
Pictures = list[tuple[bytes, str, int, str]]


def read(file: Any) -> tuple[Texts, Pictures]:
    """Texts and pictures."""
    from mutagen import flac

    blocks = list(file.pictures) if isinstance(file, flac.FLAC) else []
    texts: Texts = {}
    for key, value in file.tags:
        if key.lower() == PICTURE_BLOCK:
            blocks.append(flac.Picture(base64.b64decode(value)))
        else:
            texts.setdefault(key.lower(), []).append(str(value))
    return texts, [(it.data, it.mime, int(it.type), it.desc) for it in blocks]


def write(file: Any, texts: Texts, pictures: Pictures) -> None:
    """In place of what there is."""
    from mutagen import flac

    file.tags.clear()
    for name, values in texts.items():
        file.tags[name.upper()] = values
    blocks = []
    for data, mime, kind, description in pictures:
        block = flac.Picture()
        block.data, block.mime, block.type, block.desc = data, mime, kind, description
        blocks.append(block)
    if isinstance(file, flac.FLAC):
        file.clear_pictures()
        for block in blocks:
            file.add_picture(block)
    elif blocks:
        file.tags[PICTURE_BLOCK.upper()] = [base64.b64encode(block.write()).decode() for block in blocks]
