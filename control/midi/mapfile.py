"""Reads a map file: TOML, all of its errors found at once, each with the key it is about.

    port = "X-TOUCH MINI"              # a regular expression, looked for in the port's name

    [[control]]
    cc = 7                             # or note = 40, or pitch_bend = true
    parameter = "compressor.threshold_db"
    min = -40                          # the rest is optional

docs/midi.md lists every key.
"""

from __future__ import annotations

import contextlib
import re
import tomllib
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from masterd.control.errors import MasterdError
from masterd.control.midi.encodings import Encoding
from masterd.control.midi.mapping import BUTTONS, Action, Binding, MidiMap
from masterd.control.midi.messages import LSB_OFFSET, Control, Kind
from masterd.control.midi.profile import Profile, names, profile
from masterd.control.midi.reader import Reader
from masterd.control.parameters import PARAMETERS, Parameter, is_unsafe, parameter
from masterd.control.protocol import DEFAULT_GLIDE_MS, MAX_GLIDE_MS

FILE_KEYS = {"name", "port", "profile", "control"}
SHOWN_KEYS = {"cc", "note", "channel"}
CONTROL_KEYS = {
    *("cc", "note", "pitch_bend", "channel", "bits", "parameter", "preset", "action", "encoding", "takeover"),
    *("min", "max", "invert", "travel_per_tick", "glide_ms", "feedback", "allow_unsafe"),
}


class BadMap(MasterdError):
    """The map file cannot be used; `problems` names every key that is wrong."""

    code = "bad_midi_map"

    def __init__(self, path: str, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(f"{path} cannot be used:" + "".join(f"\n  {problem}" for problem in problems))


def load(path: Path, parameters: Mapping[str, Parameter] = PARAMETERS) -> MidiMap:
    """The map in a file, or BadMap."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadMap(str(path), ["there is no such file; `masterctl midi learn PARAMETER` begins one"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadMap(str(path), [str(getattr(error, "strerror", None) or error)]) from None
    return parse(text, str(path), path.stem, parameters)


def parse(text: str, source: str = "map", name: str = "map", parameters: Mapping[str, Parameter] = PARAMETERS) -> MidiMap:
    """The map in a TOML text, or BadMap that tells of `source`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMap(source, [str(error)]) from None
    problems: list[str] = []
    found = Reader(problems, data, "", FILE_KEYS)
    port = found.take("port", str, "", "a text", _is_pattern)
    profile_name = found.take("profile", str, "generic", f"one of {', '.join(names())}", names().__contains__)
    make = profile(profile_name)
    blocks = found.take("control", list, [], "[[control]] tables", lambda it: all(isinstance(block, dict) for block in it))
    bindings = [_binding(problems, block, f"control[{at}].", make, parameters) for at, block in enumerate(blocks, 1)]
    _check_doubles(problems, bindings)
    if problems:
        raise BadMap(source, problems)
    title = found.take("name", str, name, "a text")
    return MidiMap(title, port, make, tuple(binding for binding in bindings if binding))


def _is_pattern(text: str) -> bool:
    with warnings.catch_warnings(), contextlib.suppress(re.error, FutureWarning):
        warnings.simplefilter("error", FutureWarning)  # "[[": its meaning is about to change
        re.compile(text)
        return True
    return False


def _within(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: low <= value <= high


def _binding(
    problems: list[str], block: Mapping[str, Any], at: str, make: Profile, parameters: Mapping[str, Parameter]
) -> Binding | None:
    before = len(problems)
    read = Reader(problems, block, at, CONTROL_KEYS)
    control = _control(read)
    action = _action(read)
    target = _target(read, action, parameters)
    encoding = Encoding(read.take("encoding", str, "absolute", f"one of {', '.join(Encoding)}", list(Encoding).__contains__))
    _check_fit(read, control, action, encoding, target)
    low, high = _range(read, target)
    invert = read.take("invert", bool, False, "true or false")
    jump = read.take("takeover", str, "pickup", "pickup or jump", ("pickup", "jump").__contains__) == "jump"
    travel = read.take("travel_per_tick", (int, float), 1 / 128, "above 0, to 1", lambda it: 0 < it <= 1)
    glide_ms = read.take("glide_ms", (int, float), DEFAULT_GLIDE_MS, f"0 to {MAX_GLIDE_MS:g}", _within(0, MAX_GLIDE_MS))
    preset = read.take("preset", str, "", "a preset's name")
    shown_on = _shown_on(read, control, encoding, make)
    if len(problems) > before or control is None or action is None:
        return None
    return Binding(control, action, target, preset, encoding, jump, low, high, invert, float(travel), float(glide_ms), shown_on)


def _control(read: Reader) -> Control | None:
    kinds = [kind for kind in Kind if kind in read.table]
    if len(kinds) != 1:
        read.wrong("cc", "give exactly one of cc, note, pitch_bend")
        return None
    channel = read.take("channel", int, 1, "1 to 16", _within(1, 16))
    if kinds[0] is Kind.PITCH_BEND:
        read.take("pitch_bend", bool, True, "true", lambda it: it)
        return Control(Kind.PITCH_BEND, channel, 0, 14)
    bits = read.take("bits", int, 7, "7 or 14", (7, 14).__contains__)
    number = read.take(str(kinds[0]), int, 0, "0 to 127", _within(0, 127))
    if bits == 14 and (kinds[0] is not Kind.CC or number >= LSB_OFFSET):
        read.wrong("bits", f"14 bits are two control changes, n and n + {LSB_OFFSET}: cc must be 0 to {LSB_OFFSET - 1}")
    return Control(kinds[0], channel, number, bits)


def _action(read: Reader) -> Action | None:
    if ("parameter" in read.table) + ("preset" in read.table) + (read.table.get("action") in ("undo", "redo")) != 1:
        read.wrong("parameter", 'give exactly one of parameter, preset, action = "undo" or action = "redo"')
        return None
    if "preset" in read.table:
        return Action.PRESET
    default = Action.TOGGLE if "note" in read.table else Action.TURN
    actions = [str(action) for action in Action if action is not Action.PRESET]
    return Action(read.take("action", str, str(default), f"one of {', '.join(actions)}", actions.__contains__))


def _target(read: Reader, action: Action | None, parameters: Mapping[str, Parameter]) -> Parameter | None:
    id = read.take("parameter", str, None, "a parameter's id")
    if id is None or action is None:
        return None
    found = parameters.get(id)
    if found is None:
        try:
            found = parameter(id)
        except MasterdError as error:
            read.wrong("parameter", str(error))
            return None
    if not read.take("allow_unsafe", bool, False, "true or false") and is_unsafe(found):
        read.wrong("parameter", f"{id} decides how loud the air gets; say allow_unsafe = true if a knob may turn it")
    return found


def _check_fit(
    read: Reader, control: Control | None, action: Action | None, encoding: Encoding, target: Parameter | None
) -> None:
    if encoding is not Encoding.ABSOLUTE and (
        action in BUTTONS or (control and (control.kind is not Kind.CC or control.bits != 7))
    ):
        read.wrong("encoding", "only a 7-bit cc that turns a parameter can be relative")
    if action is Action.TURN and control and control.kind is Kind.NOTE:
        read.wrong("action", "a note has no travel; toggle, momentary, undo and redo are for notes")
    if action is Action.MOMENTARY and target and target.kind != "switch":
        read.wrong("action", f"momentary is for switches, and {target.id} is none")
    if action is Action.TOGGLE and target and target.kind == "number":
        read.wrong("action", f"toggle is for switches and choices, and {target.id} is a number")


def _range(read: Reader, target: Parameter | None) -> tuple[float, float]:
    if target is None:
        return 0.0, 1.0
    low, high = (_limit(read, key, target, end) for key, end in (("min", target.min), ("max", target.max)))
    if low >= high:
        read.wrong("min", f"{low:g} is not below max, {high:g}; invert = true turns the direction round")
    return low, high


def _limit(read: Reader, key: str, target: Parameter, end: float) -> float:
    if target.kind == "choice" and isinstance(read.table.get(key), str):
        name = read.take(key, str, target.choices[int(end)], f"one of {', '.join(target.choices)}", target.choices.__contains__)
        return float(target.choices.index(name))
    if target.kind != "number" and key in read.table:
        read.wrong(key, f"{target.id} is a {target.kind}" + ("; give names of choices" if target.choices else ""))
        return end
    wanted = f"within {target.min:g} to {target.max:g} {target.unit}".rstrip()
    return float(read.take(key, (int, float), end, wanted, _within(target.min, target.max)))


def _shown_on(read: Reader, control: Control | None, encoding: Encoding, make: Profile) -> Control | None:
    if control is None or read.table.get("feedback") is False:
        return None
    given = read.take("feedback", (dict, bool), True, "false, or a table with cc or note, and channel", lambda it: it is not True)
    if not isinstance(given, dict):
        return make.shown_on(control, is_relative=encoding is not Encoding.ABSOLUTE)
    inner = Reader(read.problems, given, f"{read.at}feedback.", SHOWN_KEYS)
    if ("cc" in given) == ("note" in given):
        inner.wrong("cc", "give exactly one of cc, note")
        return None
    kind = Kind.CC if "cc" in given else Kind.NOTE
    number = inner.take(str(kind), int, 0, "0 to 127", _within(0, 127))
    return Control(kind, inner.take("channel", int, control.channel, "1 to 16", _within(1, 16)), number)


def _check_doubles(problems: list[str], bindings: list[Binding | None]) -> None:
    used: dict[tuple[str, int, int], int] = {}
    for at, binding in enumerate(bindings, 1):
        for place in _places(binding.control) if binding else ():
            if place in used:
                kind, channel, number = place
                problems.append(f"control[{at}]: {kind} {number} channel {channel} is used by control[{used[place]}] already")
            used.setdefault(place, at)


def _places(control: Control) -> list[tuple[str, int, int]]:
    numbers = [control.number]
    if control.kind is Kind.CC and control.bits == 14:
        numbers.append(control.number + LSB_OFFSET)
    return [(str(control.kind), control.channel, number) for number in numbers]
