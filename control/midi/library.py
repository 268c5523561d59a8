"""All profiles there are: those of this package, and the user's, which win over them by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from masterd.control.midi.profile import Profile
from masterd.control.midi.profilefile import load_profile
from masterd.control.midi.refused import BadProfile
from masterd.control.places import config_directory

FOLDER = Path(__file__).parent / "profiles"
GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Library:
    """Profiles by name, and why some files are none."""

    profiles: dict[str, Profile]
    refused: list[BadProfile] = field(default_factory=list)

    def names(self) -> list[str]:
        """Of all that can be used."""
        return sorted(self.profiles)

    def recognised(self, port: str) -> Profile | None:
        """The profile for a port of that name: of several that fit, the one that fits more of it."""
        automatic = (it for it in self.profiles.values() if it.automatic)
        fitting = [(match, it) for it in automatic if (match := re.search(it.port, port, re.IGNORECASE))]
        return max(fitting, key=lambda it: (len(it[0][0]), it[1].name))[1] if fitting else None


def user_folder() -> Path:
    """Where the user's profiles are."""
    return config_directory() / "midi" / "profiles"


def library(folder: Path | None = None) -> Library:
    """The package's profiles and those in `folder`, the user's when not given. A bad file is refused, the others still load."""
    made = Library(dict(built_in()))
    folder = folder or user_folder()
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        try:
            made.profiles[path.stem] = load_profile(path)
        except BadProfile as refused:
            made.refused.append(refused)
    return made


@cache
def built_in() -> dict[str, Profile]:
    """The package's own."""
    return _named(load_profile(path) for path in sorted(FOLDER.glob("*.toml")))


def _named(profiles: Iterable[Profile]) -> dict[str, Profile]:
    return {profile.name: profile for profile in profiles}
