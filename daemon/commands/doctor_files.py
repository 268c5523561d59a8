"""The part of `masterd doctor` about files: what reading and rendering some of them takes beside masterd itself."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from masterd.daemon.commands.finding import Finding
from masterd.daemon.reading import ffmpeg

NOT_LIVE = "not needed for what is live"
ENCODES = "MP3, AAC, Opus and Ogg Vorbis are not written, AAC, WMA and films not read, `masterd preview` has no codecs"
LIBRARIES = {
    "soxr": "files are rendered, measured and analysed at the sample rates of the engine only",
    "mutagen": "renderings carry no tags, cover art or gains",
}
ANSWERS_WITHIN_S = 10.0


def files() -> Iterator[Finding]:
    """What `masterd render` and its like call for."""
    yield encoder()
    for name, without in LIBRARIES.items():
        yield library(name, without)


def encoder() -> Finding:
    """Are the ffmpeg commands there, and do they run?"""
    todo = f"install ffmpeg; without it {ENCODES}; {NOT_LIVE}"
    missing = [command for command in ffmpeg.COMMANDS if not shutil.which(command)]
    if missing:
        return Finding("ffmpeg", False, f"{' and '.join(missing)} not found", todo)
    try:
        run = subprocess.run([ffmpeg.COMMAND, "-version"], capture_output=True, text=True, timeout=ANSWERS_WITHIN_S, check=True)
    except (OSError, subprocess.SubprocessError) as reason:
        return Finding("ffmpeg", False, f"does not run: {reason}", todo)
    known = re.match(r"ffmpeg version (\S+)", run.stdout)
    return Finding("ffmpeg", True, f"{shutil.which(ffmpeg.COMMAND)}, version {known[1] if known else 'unknown'}")


def library(name: str, without: str) -> Finding:
    """Is a library of the extra `files` installed?"""
    try:
        return Finding(name, True, f"version {version(name)}")
    except PackageNotFoundError:
        return Finding(name, False, "not installed", f"`pip install 'masterd[files]'`; without it {without}; {NOT_LIVE}")
