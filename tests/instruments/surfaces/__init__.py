"""Simulated controllers: what each sends for a hand, and what it shows for the bytes it is sent, from the makers' tables.

They know nothing of the profiles: an error in one of those is an error here. Each comes with a script, which the tests play over
JACK and write into docs/midi/.
"""

from instruments.surfaces.akai import MidiMix
from instruments.surfaces.arturia import BeatStep
from instruments.surfaces.base import Act, Box, GenericBox
from instruments.surfaces.behringer import Bcf2000, Bcf2000Preset2, Bcr2000, XTouchCompact, XTouchMini, XTouchMiniStandard
from instruments.surfaces.djtechtools import Twister
from instruments.surfaces.korg import NanoKontrol2
from instruments.surfaces.mackie import LogicControl, MackieControl, MackieExtender
from instruments.surfaces.novation import LaunchControlXl, LaunchControlXl3

BOXES: tuple[type[Box], ...] = (
    MackieControl,
    LogicControl,
    MackieExtender,
    XTouchMini,
    XTouchMiniStandard,
    XTouchCompact,
    Bcr2000,
    Bcf2000,
    Bcf2000Preset2,
    NanoKontrol2,
    MidiMix,
    LaunchControlXl,
    LaunchControlXl3,
    Twister,
    BeatStep,
    GenericBox,
)

__all__ = ["BOXES", "Act", "Box"]
