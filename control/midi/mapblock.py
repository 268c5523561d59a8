"""Reads one [[control]] table: one control or a row of them, and their bindings for every position of a bank.

control = "encoder.*"                  # the row, n counts it from 0
parameter = "eq.{band+n}.gain_db"      # a band each, walked by the bank `band`
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from masterd.control.midi.mapbinding import CONTROL_KEYS, read_binding
from masterd.control.midi.mapping import Action, Bank, Binding, Slot
from masterd.control.midi.messages import LSB_OFFSET, Kind
from masterd.control.midi.place import Place
from masterd.control.midi.profile import Profile
from masterd.control.midi.reader import Reader
from masterd.control.parameters import Parameter

LISTS = {"parameters": "parameter", "presets": "preset", "values": "value", "to": "to", "shows": "shows"}
"""Keys that hold a list for a row, and what an entry of it stands for."""
BLOCK_KEYS = {*CONTROL_KEYS, *LISTS}
BLANK = re.compile(r"\{(\w+)(\+n)?\}")


class Block:
    """One table on its way to slots."""

    def __init__(self, read: Reader, profile: Profile, banks: Mapping[str, Bank], parameters: Mapping[str, Parameter]) -> None:
        self.read = read
        self.profile = profile
        self.banks = banks
        self.parameters = parameters

    def slots(self, page: str) -> list[Slot]:
        """One for each control of the row; fewer when something is wrong, which was written down."""
        layer = self.read.take("layer", str, "", "a layer's name")
        lists = self._lists()
        made = []
        for n, name in enumerate(self._row(lists)):
            table = self._table(name, n, lists)
            if table is not None and (slot := self._slot(table, n, page, layer)):
                made.append(slot)
        return made

    def _lists(self) -> dict[str, list[Any]]:
        lists = {key: self.read.table[key] for key in LISTS if isinstance(self.read.table.get(key), list)}
        for key in LISTS:
            if key != LISTS[key] and key in self.read.table and key not in lists:
                self.read.wrong(key, "must be a list, an entry for each control of the row")
        return lists

    def _row(self, lists: Mapping[str, list[Any]]) -> list[str | None]:
        pattern = self.read.table.get("control")
        if not isinstance(pattern, str) or not (pattern.endswith("*") or "-" in pattern):
            for key in lists:
                self.read.wrong(key, 'a list is for a row: control = "encoder.*"')
            return [] if lists else [None]
        row = self.profile.row(pattern)
        if not row:
            self.read.wrong("control", f"the profile {self.profile.name} has no {pattern}")
        for key, items in lists.items():
            if row and len(items) != len(row):
                self.read.wrong(key, f"{len(items)} entries, and {pattern} are {len(row)} controls")
        return [place.name for place in row]

    def _table(self, name: str | None, n: int, lists: Mapping[str, list[Any]]) -> dict[str, Any] | None:
        """The table of one control; None where a list leaves it out."""
        table = {key: value for key, value in self.read.table.items() if key not in lists and key != "layer"}
        if name is not None:
            table["control"] = name
        for key, items in lists.items():
            if n >= len(items) or items[n] == "":
                return None
            table[LISTS[key]] = items[n]
        if table.get("action") == Action.BANK and "to" not in table and (bank := self.banks.get(str(table.get("bank")))):
            table["to"] = bank.first + n
        return table

    def _slot(self, table: dict[str, Any], n: int, page: str, layer: str) -> Slot | None:
        blanks = BLANK.findall(str(table.get("parameter", "")))
        walked = [word for word, _ in blanks if not word.isdigit()]
        if any(word not in self.banks for word in walked) or len(set(walked)) > 1:
            known = ", ".join(self.banks) or "none"
            self.read.wrong("parameter", f"{{{', '.join(walked)}}}: no such bank; there are {known}; a row counts with +n")
            return None
        bank = self.banks[walked[0]] if walked else None
        variants = self._variants(table, n, bank) if bank else (self._binding(table, n, 0),)
        place = next((binding.place for binding in variants if binding), None)
        return Slot(place, variants, page, layer, bank.name if bank else "") if place else None

    def _variants(self, table: dict[str, Any], n: int, bank: Bank) -> tuple[Binding | None, ...]:
        """A binding for each position; what differs between them is the parameter, unless the map says which range."""
        ahead = n + self.profile.offset if "+n}" in str(table["parameter"]) else 0
        variants: list[Binding | None] = []
        for at in range(bank.first, bank.last + 1):
            like = variants[0] if variants and not {"min", "max", "value"} & table.keys() else None
            inside = at + ahead <= bank.last
            variants.append((self._like(like, table, n, at) or self._binding(table, n, at)) if inside else None)
        return tuple(variants)

    def _like(self, like: Binding | None, table: dict[str, Any], n: int, position: int) -> Binding | None:
        found = self.parameters.get(BLANK.sub(lambda blank: self._count(blank, n, position), table["parameter"]))
        if like is None or like.parameter is None or found is None or found.kind != like.parameter.kind:
            return None
        return replace(like, parameter=found, low=found.min, high=found.max)

    def _binding(self, table: dict[str, Any], n: int, position: int) -> Binding | None:
        id = table.get("parameter")
        if isinstance(id, str):
            table = {**table, "parameter": BLANK.sub(lambda blank: self._count(blank, n, position), id)}
        read = Reader(self.read.problems, table, self.read.at, set(table))  # unknown keys were told with the whole table
        return read_binding(read, self.profile, self.parameters)

    def _count(self, blank: re.Match[str], n: int, position: int) -> str:
        word, plus = blank.groups()
        start = int(word) if word.isdigit() else position + (self.profile.offset if plus else 0)
        return str(start + (n if plus else 0))


def addresses(place: Place) -> list[tuple[str, int, int]]:
    """The control changes and notes it sends: kind, channel, number."""
    control = place.control
    if control is None:
        return [(place.name, 0, 0)]
    numbers = [control.number]
    if control.kind is Kind.CC and control.bits == 14:
        numbers.append(control.number + LSB_OFFSET)
    return [(str(control.kind), control.channel, number) for number in numbers]
