"""Reads one binding: a [[control]] table of a map with everything about a row or a bank filled in."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from masterd.control.errors import MasterdError
from masterd.control.midi.address import ADDRESS_KEYS, address, has_address, is_number, spot
from masterd.control.midi.encodings import Encoding
from masterd.control.midi.mapping import Action, Binding
from masterd.control.midi.messages import Kind
from masterd.control.midi.place import Light, Place, PlaceKind, Ring, Style, raw_place
from masterd.control.midi.profile import Profile
from masterd.control.midi.reader import Reader, within
from masterd.control.midi.readings import READINGS
from masterd.control.midi.takeover import Mode
from masterd.control.parameters import Parameter, Value, is_unsafe, parameter
from masterd.control.protocol import DEFAULT_GLIDE_MS, MAX_GLIDE_MS

TARGET_KEYS = ("parameter", "preset", "value", "bank", "to", "shows")
CONTROL_KEYS = {
    *("control", "action", "encoding", "takeover", "layer", "ring", "colour", "latch", *TARGET_KEYS, *ADDRESS_KEYS),
    *("min", "max", "invert", "travel_per_tick", "glide_ms", "feedback", "allow_unsafe"),
}
PARAMETER_ACTIONS = (Action.TURN, Action.TOGGLE, Action.MOMENTARY, Action.SELECT, Action.DEFAULT)
NEEDS: Mapping[Action, tuple[str, ...]] = {
    **dict.fromkeys(PARAMETER_ACTIONS, ("parameter",)),
    Action.SELECT: ("parameter", "value"),
    Action.PRESET: ("preset",),
    Action.PAGE: ("to",),
    Action.SHIFT: ("to",),
    Action.BANK: ("bank", "to"),
    **dict.fromkeys((Action.BANK_LEFT, Action.BANK_RIGHT, Action.CHANNEL_LEFT, Action.CHANNEL_RIGHT), ("bank",)),
    Action.SHOW: ("shows",),
}
SILENT = (PlaceKind.METER, PlaceKind.STRIP)


def read_binding(read: Reader, profile: Profile, parameters: Mapping[str, Parameter]) -> Binding | None:
    """The binding, or None when something is wrong, which was written down."""
    before = len(read.problems)
    place = _place(read, profile)
    action = _action(read, place)
    target = _target(read, parameters)
    if place and action:
        _check_fit(read, place, action, target)
    low, high = _range(read, target)
    rest = _rest(read)
    value = _value(read, target)
    place = _shown(read, place) if place else None
    if len(read.problems) > before or place is None or action is None:
        return None
    return Binding(place, action, target, value=value, low=low, high=high, **rest)


def _place(read: Reader, profile: Profile) -> Place | None:
    name = read.take("control", str, None, "a control's name")
    if name is None:
        control = address(read)
        if control is None:
            return None
        is_button = control.kind in (Kind.NOTE, Kind.PROGRAM)
        place = profile.place_of(control) or raw_place(control, PlaceKind.BUTTON if is_button else PlaceKind.KNOB)
    elif (known := profile.places.get(name)) is None:
        near = difflib.get_close_matches(name, profile.places, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        read.wrong("control", f"the profile {profile.name} has no {name}{hint}")
        return None
    else:
        place = known.sending(address(read)) if has_address(read) else known
        if place.control is None and place.kind not in SILENT:
            read.wrong("control", f"what {name} sends is not known: learn it, or give cc, note or the like as well")
    return replace(place, encoding=_encoding(read, place))


def _encoding(read: Reader, place: Place) -> Encoding:
    known = list(Encoding)
    return Encoding(read.take("encoding", str, str(place.encoding), f"one of {', '.join(known)}", known.__contains__))


def _action(read: Reader, place: Place | None) -> Action | None:
    action = _named_action(read, place)
    if action is None:
        return None
    needed = NEEDS.get(action, ())
    for key in TARGET_KEYS:
        if key in needed and key not in read.table:
            read.wrong(key, f"{action} needs it")
        elif key in read.table and key not in needed and key != "shows":
            read.wrong(key, f"{action} has no use for it")
    return action


def _named_action(read: Reader, place: Place | None) -> Action | None:
    known = list(Action)
    if "action" in read.table:
        return Action(read.take("action", str, "turn", f"one of {', '.join(known)}", known.__contains__))
    if "preset" in read.table:
        return Action.PRESET
    if "value" in read.table:
        return Action.SELECT
    if "parameter" in read.table:
        return Action.TOGGLE if place and place.kind is PlaceKind.BUTTON else Action.TURN
    if "shows" in read.table:
        return Action.SHOW
    read.wrong("parameter", "say what it does: parameter, preset, action or shows")
    return None


def _target(read: Reader, parameters: Mapping[str, Parameter]) -> Parameter | None:
    id = read.take("parameter", str, None, "a parameter's id")
    if id is None:
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


def _check_fit(read: Reader, place: Place, action: Action, target: Parameter | None) -> None:
    control = place.control
    is_plain = control is None or (control.kind is Kind.CC and control.bits == 7)
    if place.is_relative and (action not in (Action.TURN, Action.SHOW) or not is_plain):
        read.wrong("encoding", "only a 7-bit cc that turns a parameter can be relative")
    if "shows" in read.table and place.follows and action is Action.TURN:
        read.wrong("shows", f"{place.name} stands where it is shown: a meter would turn it")
    if action is Action.TURN and place.kind is PlaceKind.BUTTON:
        read.wrong("action", "a button has no travel; toggle, momentary, select, default, undo and more are for buttons")
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
        return target.min, target.max
    return low, high


def _limit(read: Reader, key: str, target: Parameter, end: float) -> float:
    if target.kind == "choice" and isinstance(read.table.get(key), str):
        name = read.take(key, str, target.choices[int(end)], f"one of {', '.join(target.choices)}", target.choices.__contains__)
        return float(target.choices.index(name))
    if target.kind != "number" and key in read.table:
        read.wrong(key, f"{target.id} is a {target.kind}" + ("; give names of choices" if target.choices else ""))
        return end
    wanted = f"within {target.min:g} to {target.max:g} {target.unit}".rstrip()
    return float(read.take(key, (int, float), end, wanted, within(target.min, target.max)))


def _value(read: Reader, target: Parameter | None) -> Value | None:
    given = read.table.get("value")
    if given is None or target is None:
        return None
    try:
        return target.check(given)
    except MasterdError as error:
        read.wrong("value", str(error))
        return None


def _rest(read: Reader) -> dict[str, Any]:
    modes, styles = list(Mode), list(Style)
    mode = read.take("takeover", str, None, f"one of {', '.join(modes)}", modes.__contains__)
    style = read.take("ring", str, None, f"one of {', '.join(styles)}", styles.__contains__)
    to = read.take("to", (str, int), "", "a name, or a bank's position", lambda it: isinstance(it, str) or is_number(it))
    return {
        "preset": read.take("preset", str, "", "a preset's name"),
        "bank": read.take("bank", str, "", "a bank's name"),
        "to": to,
        "takeover": Mode(mode) if mode else None,
        "invert": read.take("invert", bool, False, "true or false"),
        "travel_per_tick": float(read.take("travel_per_tick", (int, float), 1 / 128, "above 0, to 1", lambda it: 0 < it <= 1)),
        "glide_ms": float(
            read.take("glide_ms", (int, float), DEFAULT_GLIDE_MS, f"0 to {MAX_GLIDE_MS:g}", within(0, MAX_GLIDE_MS))
        ),
        "shows": read.take("shows", str, "", f"one of {', '.join(READINGS)}", READINGS.__contains__),
        "style": Style(style) if style else None,
        "colour": read.take("colour", str, "", "a colour's name"),
        "latch": read.take("latch", bool, False, "true or false"),
    }


def _shown(read: Reader, place: Place) -> Place:
    """The place, shown where the map says; one that the profile does not know is shown where it is."""
    if read.table.get("feedback") is False:
        return replace(place, ring=None, light=None, follows=False)
    given = read.take("feedback", (dict, bool), True, "false, or a table with cc or note, and channel", lambda it: it is not True)
    if not isinstance(given, dict):
        return place if place.ring or place.light or place.name != str(place.control) else _shown_at(place, place.control)
    inner = Reader(read.problems, given, f"{read.at}feedback.", {"cc", "note", "channel"})
    return _shown_at(place, spot(inner, 0, place.control.channel if place.control else 1))


def _shown_at(place: Place, at: Any) -> Place:
    if at is None or getattr(at, "kind", None) is Kind.PROGRAM:
        return place
    top = getattr(at, "top", 127)
    return replace(place, ring=Ring(at, 0, {Style.FILL: (0, top)}), light=Light(at, 0, top))
