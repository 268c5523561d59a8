"""What can be asked: values, what they may be, how the daemon is, what it meters. From an address or a pattern to its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from masterd.control import words
from masterd.control.errors import UnknownParameter
from masterd.control.osc.codec import Argument, Message
from masterd.control.osc.link import Link
from masterd.control.osc.meters import Viewers
from masterd.control.osc.patterns import Tree, is_pattern, matching, tree_of
from masterd.control.osc.points import Form, Point
from masterd.control.osc.remotes import PRESET, Arguments
from masterd.control.parameters import Parameter


class Points:
    """Every parameter of the daemon in every form, by address. A pattern stays within the form that it begins with."""

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        points = {form: [Point(parameter, form) for parameter in parameters.values()] for form in Form}
        self._by_address = {form: {point.address: point for point in of_form} for form, of_form in points.items()}
        self._trees = {form: tree_of(by_address) for form, by_address in self._by_address.items()}

    def find(self, address: str) -> list[Point]:
        """The points an address means. UnknownParameter with those nearest to it."""
        form = Form.TRAVEL if address.startswith(f"{Form.TRAVEL}/") else Form.UNIT
        by_address = self._by_address[form]
        return [by_address[it] for it in named(address, by_address, self._trees[form])]


def named(address: str, known: Mapping[str, object], tree: Tree | None = None) -> list[str]:
    """The addresses of `known` that one means. UnknownParameter."""
    if address in known:
        return [address]
    found = list(matching(address, tree_of(known) if tree is None else tree)) if is_pattern(address) else []
    if not found:
        raise UnknownParameter(address, known)
    return found


class Questions:
    """Answers from the picture of the daemon, and from the daemon itself where that does not hold it."""

    def __init__(self, link: Link, viewers: Viewers) -> None:
        self._link, self._viewers = link, viewers
        self.points = Points({})

    def came(self) -> None:
        """Another daemon, perhaps with other parameters."""
        self.points = Points(self._link.parameters)

    def answers(self, address: str, now_s: float) -> list[Message]:
        """Unreachable, UnknownParameter."""
        root = "/" + address.split("/")[1]
        if root == PRESET:
            known = self._presets()
        elif root == "/status":
            known = self._status()
        elif root == "/meters":
            known = {level: (number,) for level, number in self._viewers.now(now_s).items()}
        elif root == "/describe":
            known = {f"/describe{Point(it, Form.UNIT).address}": described(it) for it in self._link.parameters.values()}
        else:
            points = self.points.find(address)
            return [Message(it.address, (it.argument(self._link.values[it.parameter.id]),)) for it in points]
        all_of_it = address == root and address not in known
        return [Message(it, known[it]) for it in (known if all_of_it else named(address, known))]

    def _presets(self) -> dict[str, Arguments]:
        names = self._link.ask(words.preset_list())
        return {PRESET: (self._link.preset, int(self._link.dirty)), f"{PRESET}/list": tuple(names)}

    def _status(self) -> dict[str, Arguments]:
        status = msgspec.structs.asdict(self._link.ask(words.status()))
        return {f"/status/{name}": arguments(value) for name, value in status.items()}


def arguments(value: Any) -> Arguments:
    """One field of the status: lists and structs one after the other, nothing for what there is not."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.astuple(value)
    if isinstance(value, list | tuple):
        return tuple(argument for it in value for argument in arguments(it))
    return () if value is None else (int(value),) if isinstance(value, bool) else (value,)


def described(parameter: Parameter) -> Arguments:
    """Kind, label, unit, min, max, default, step, curve, and the choices."""
    it = parameter
    default: Argument = Point(it, Form.UNIT).argument(it.default)
    return (it.kind, it.label, it.unit, float(it.min), float(it.max), default, float(it.step), str(it.curve), *it.choices)
