"""A cue sheet: where the tracks of a CD begin, in minutes, seconds and frames of 1/75 s, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from masterd.daemon.exporting.tags import Tags

CD_RATE_HZ, CD_FRAMES_PER_S = 44100, 75
SECTOR_FRAMES = CD_RATE_HZ // CD_FRAMES_PER_S
MOST_TRACKS, SHORTEST_TRACK_S, LONGEST_S = 99, 4, 79 * 60 + 57
TEXT_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class CueTrack:
    """`start_frames` counts samples at 44.1 kHz from the beginning of its own file."""

    file: Path
    start_frames: int
    tags: Tags


def sector_at(frames: int) -> int:
    """The last sector boundary at or before a sample: a track must begin on one, and must not lose its first sound."""
    return frames - frames % SECTOR_FRAMES


def padding_frames(frames: int) -> int:
    """Silence that completes the last sector."""
    return -frames % SECTOR_FRAMES


def refusals(lengths_frames: Sequence[int]) -> list[str]:
    """Why tracks of these lengths are no CD (IEC 60908)."""
    wrong = []
    if len(lengths_frames) > MOST_TRACKS:
        wrong.append(f"--cue: {len(lengths_frames)} tracks; a CD holds {MOST_TRACKS}")
    short = [i for i, frames in enumerate(lengths_frames, 1) if frames < SHORTEST_TRACK_S * CD_RATE_HZ]
    if short:
        wrong.append(f"--cue: shorter than the {SHORTEST_TRACK_S} s of a CD track: {', '.join(f'track {i}' for i in short)}")
    if (whole := sum(lengths_frames) / CD_RATE_HZ) > LONGEST_S:
        wrong.append(f"--cue: {clock(round(whole * CD_RATE_HZ))} is longer than the {clock(LONGEST_S * CD_RATE_HZ)} of a CD")
    return wrong


def clock(frames: int) -> str:
    """mm:ss:ff."""
    sectors = frames // SECTOR_FRAMES
    minutes, rest = divmod(sectors, 60 * CD_FRAMES_PER_S)
    return f"{minutes:02d}:{rest // CD_FRAMES_PER_S:02d}:{rest % CD_FRAMES_PER_S:02d}"


def cue_sheet(tracks: Sequence[CueTrack]) -> str:
    """The text; files by their names, so sheet and audio stay in one folder."""
    album = tracks[0].tags
    lines = [f"REM {name.upper()} {_quoted(album.first(name))}" for name in ("genre", "date") if album.first(name)]
    if len(code := album.first("barcode")) == 13 and code.isdigit():
        lines.append(f"CATALOG {code}")
    lines += _named("", album.first("albumartist") or album.first("artist"), album.first("album"))
    file = None
    for number, track in enumerate(tracks, 1):
        if track.file != file:
            lines.append(f"FILE {_quoted(track.file.name)} WAVE")
            file = track.file
        lines.append(f"  TRACK {number:02d} AUDIO")
        lines += _named("    ", track.tags.first("artist"), track.tags.first("title"))
        if len(code := track.tags.first("isrc").replace("-", "")) == 12 and code.isalnum():
            lines.append(f"    ISRC {code.upper()}")
        lines.append(f"    INDEX 01 {clock(track.start_frames)}")
    return "\r\n".join([*lines, ""])


def _named(indent: str, performer: str, title: str) -> list[str]:
    named = (("PERFORMER", performer), ("TITLE", title))
    return [f"{indent}{word} {_quoted(text)}" for word, text in named if text]


def _quoted(text: str) -> str:
    return '"' + " ".join(text.replace('"', "'").split())[:TEXT_CHARACTERS] + '"'
