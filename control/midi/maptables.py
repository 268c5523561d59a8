"""Reads the tables of a map, in a map file or a profile: banks, pages, controls, and which rows change places when flipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from masterd.control.midi.mapblock import BLOCK_KEYS, Block, addresses
from masterd.control.midi.mapping import Action, Bank, Binding, Slot, Tables
from masterd.control.midi.profile import Profile
from masterd.control.midi.reader import Reader, within
from masterd.control.parameters import Parameter

TABLE_KEYS = {"control", "page", "bank", "flip"}
BANK_KEYS = {"name", "first", "last", "width"}
PAGE_KEYS = {"name", "control"}
MAX_BANK = 128


def read_tables(read: Reader, profile: Profile, parameters: Mapping[str, Parameter]) -> Tables:
    """What the tables say; what is wrong in them was written down."""
    banks = {**profile.map.banks, **_banks(read)}
    slots: list[Slot] = []
    where: list[str] = []
    pages: list[str] = []
    for page, at, blocks in _blocks(read):
        if page:
            pages.append(page)
        for number, table in enumerate(blocks, 1):
            block = Reader(read.problems, table, f"{at}control[{number}].", BLOCK_KEYS)
            made = Block(block, profile, banks, parameters).slots(page)
            slots += made
            where += [f"{at}control[{number}]"] * len(made)
    _check_doubles(read.problems, slots, where)
    tables = Tables(tuple(slots), tuple(dict.fromkeys(pages)), banks, tuple(_flips(read, profile)))
    _check_names(read.problems, tables.over(profile.map), slots, where)
    return tables


def _blocks(read: Reader) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """The [[control]] tables of all pages, then of each page: its name, where it stands, the tables."""
    yield "", read.at, read.tables("control")
    for number, table in enumerate(read.tables("page"), 1):
        page = Reader(read.problems, table, f"{read.at}page[{number}].", PAGE_KEYS)
        name = page.take("name", str, "", "a text")
        if not name:
            page.wrong("name", "a page needs a name")
        yield name or str(number), page.at, page.tables("control")


def _banks(read: Reader) -> dict[str, Bank]:
    banks = {}
    for number, table in enumerate(read.tables("bank"), 1):
        bank = Reader(read.problems, table, f"{read.at}bank[{number}].", BANK_KEYS)
        name = bank.take("name", str, "", "a name of letters", str.isidentifier)
        if not name:
            bank.wrong("name", "a bank needs a name of letters")
        first, last = (bank.take(key, int, 1, f"1 to {MAX_BANK}", within(1, MAX_BANK)) for key in ("first", "last"))
        width = bank.take("width", int, 1, f"1 to {MAX_BANK}", within(1, MAX_BANK))
        if last < first:
            bank.wrong("last", f"{last} is below first, {first}")
        banks[name] = Bank(name, first, max(first, last), width)
    return banks


def _flips(read: Reader, profile: Profile) -> Iterator[tuple[str, str]]:
    pairs = read.take("flip", list, [], 'a list of pairs of rows: [["encoder.*", "fader.*"]]', _are_pairs)
    for first, second in pairs:
        rows = profile.row(first), profile.row(second)
        if not all(rows):
            read.wrong("flip", f"the profile {profile.name} has no {first if not rows[0] else second}")
        yield from zip((place.name for place in rows[0]), (place.name for place in rows[1]), strict=False)


def _are_pairs(items: list[Any]) -> bool:
    return all(isinstance(it, list) and len(it) == 2 and all(isinstance(row, str) for row in it) for it in items)


def _check_doubles(problems: list[str], slots: list[Slot], where: list[str]) -> None:
    used: dict[tuple[Any, ...], str] = {}
    for slot, at in zip(slots, where, strict=True):
        for place in addresses(slot.place):
            key = (place, slot.page, slot.layer)
            if key in used:
                kind, channel, number = place
                problems.append(f"{at}: {kind} {number} channel {channel} is used by {used[key]} already")
            used.setdefault(key, at)


def _check_names(problems: list[str], whole: Tables, slots: list[Slot], where: list[str]) -> None:
    """Pages, layers and banks that buttons go to are there."""
    layers = {slot.layer for slot in whole.slots}
    for slot, at in zip(slots, where, strict=True):
        for binding in slot.variants:
            if binding and (problem := _wrong_name(binding, whole, layers)) and f"{at}.{problem}" not in problems:
                problems.append(f"{at}.{problem}")


def _wrong_name(binding: Binding, whole: Tables, layers: set[str]) -> str:
    if binding.action is Action.PAGE and binding.to not in whole.pages:
        return f"to: there is no page {binding.to!r}; there are {', '.join(whole.pages) or 'none'}"
    if binding.action is Action.SHIFT and binding.to not in layers:
        return f"to: nothing is in a layer {binding.to!r}; there are {', '.join(sorted(layers - {''})) or 'none'}"
    bank = whole.banks.get(binding.bank)
    if binding.bank and bank is None:
        return f"bank: there is no bank {binding.bank!r}; there are {', '.join(whole.banks) or 'none'}"
    if binding.action is Action.BANK and bank and not (isinstance(binding.to, int) and bank.first <= binding.to <= bank.last):
        return f"to: {binding.to!r} is not {bank.first} to {bank.last}"
    if binding.colour and not (binding.place.light and binding.colour in binding.place.light.colours):
        known = ", ".join(binding.place.light.colours) if binding.place.light else ""
        return f"colour: {binding.place.name} has no {binding.colour}; it has {known or 'no colours'}"
    return ""
