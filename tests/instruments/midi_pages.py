"""Writes docs/midi/PROFILE.md: `PYTHONPATH=tests python -m instruments.midi_pages`. What a profile knows, what its map does, and
a conversation between its simulated controller, the surface and the daemon's state, byte by byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from instruments.midi_studio import Studio
from instruments.surfaces import BOXES, Box
from masterd.control.midi.library import built_in
from masterd.control.midi.mapping import Action, Binding, Slot
from masterd.control.midi.place import Place, PlaceKind
from masterd.control.midi.profile import Profile
from masterd.control.parameters import parameter
from masterd.control.protocol import DEFAULT_GLIDE_MS, Adjust, PresetLoad, Request, Set
from masterd.control.text import value_text

FOLDER = Path(__file__).parents[2] / "docs" / "midi"
WIDTH = 118
LONGEST_BYTES = 24
MADE = """Made by `PYTHONPATH=tests python -m instruments.midi_pages` from the profile and a simulated controller; a test says
whether it is current."""
SILENT = (PlaceKind.METER, PlaceKind.STRIP)
TEXTS = {
    Action.UNDO: "undo",
    Action.REDO: "redo",
    Action.UNDO_REDO: "undo; held, redo",
    Action.COMPARE: "A and B",
    Action.PAGE_LEFT: "page to the left",
    Action.PAGE_RIGHT: "page to the right",
    Action.FLIP: "flip",
}


def page(profile: Profile) -> str:
    """One profile's page."""
    boxes = [kind for kind in BOXES if kind.profile == profile.name]
    parts = [head(profile), controls(profile), does(profile), *(conversation(kind) for kind in boxes)]
    return "\n\n".join(part for part in parts if part) + "\n"


def head(profile: Profile) -> str:
    by_itself = f"A port whose name holds `{profile.port}` gets it by itself." if profile.automatic else "It must be asked for."
    lines = [
        f"# {profile.title}",
        "",
        f'`profile = "{profile.name}"`. {by_itself}',
        *(f"- {note}" for note in profile.notes),
    ]
    lines[3:3] = [""] if profile.notes else []
    return "\n".join([*lines, "", MADE])


def controls(profile: Profile) -> str:
    """Its controls, row by row."""
    rows = [list(row) for _, row in groupby(profile.places.values(), lambda it: re.sub(r"\.\d+$", "", it.name))]
    if not rows:
        return ""
    table = ["| control | sends | is shown |", "| --- | --- | --- |"]
    return "\n".join(["## Controls", "", *table, *(f"| {' | '.join(control_cells(row))} |" for row in rows)])


def control_cells(row: list[Place]) -> tuple[str, str, str]:
    first = row[0]
    name = row_name([place.name for place in row])
    if first.kind in SILENT:
        return name, "nothing", str(first.kind)
    sends = [str(place.control) for place in row] if first.control else ["to be learned"]
    numbers = f"{sends[0]} to {sends[-1]}" if len(set(sends)) > 1 else sends[0]
    encoding = f", {first.encoding}" if first.is_relative else ""
    shown = "motor or own position" if first.follows else "ring" if first.ring else "light" if first.light else ""
    touch = ", touch" if first.touch else ""
    return name, numbers + encoding, shown + touch


def does(profile: Profile) -> str:
    """What its map does, page by page."""
    if not profile.map.slots:
        return ""
    lines = ["## What they do", "", "| page | control | does |", "| --- | --- | --- |"]
    for page in ("", *profile.map.pages):
        slots = [slot for slot in profile.map.slots if slot.page == page]
        for (layer, _, _), row in groupby(slots, alike):
            members = list(row)
            shift = f" with {layer}" if layer else ""
            lines.append(f"| {page or 'all'} | {row_name([it.place.name for it in members])}{shift} | {targets(members)} |")
    banks = [
        f"- `{bank.name}` counts from {bank.first} to {bank.last} and shows {bank.width} at a time."
        for bank in profile.map.banks.values()
    ]
    return "\n".join([*lines, *(["", *banks] if banks else [])])


def alike(slot: Slot) -> tuple[str, str, str]:
    """What puts slots into one line: the layer, the row, the sort of thing."""
    binding = next(it for it in slot.variants if it)
    return slot.layer, slot.place.name.rpartition(".")[0] or slot.place.name, str(binding.action)


def row_name(names: list[str]) -> str:
    return f"`{names[0]}`" + (f" to `{names[-1].rpartition('.')[2]}`" if len(names) > 1 else "")


def targets(slots: list[Slot]) -> str:
    """What the controls of a line do: one after the other, or in one word with N that counts."""
    abstract = [re.sub(r"[.]\d+[.]", ".N.", target(slot)) for slot in slots]
    if len(slots) > 1 and len(set(abstract)) == 1 and ".N." in abstract[0] and not slots[0].bank:
        return f"{abstract[0]}, N from 1 to {len(slots)}"
    return ", ".join(dict.fromkeys(target(slot) for slot in slots))


def target(slot: Slot) -> str:
    binding = next(it for it in slot.variants if it)
    id = binding.parameter.id if binding.parameter else ""
    walked = re.sub(r"[.]\d+[.]", f".{slot.bank}.", id) if slot.bank else id
    shows = f", shows `{binding.shows}`" if binding.shows and id else ""
    return action(binding, f"`{walked}`") + shows


def action(binding: Binding, id: str) -> str:
    match binding.action:
        case Action.SELECT:
            return f"{id} = {binding.value}"
        case Action.DEFAULT:
            return f"{id} back to its default"
        case Action.PRESET:
            return f"preset {binding.preset}"
        case Action.PAGE:
            return f"page {binding.to}"
        case Action.SHIFT:
            return f"{binding.to}, while held"
        case Action.SHOW:
            return f"shows `{binding.shows}`"
        case Action.BANK_LEFT | Action.BANK_RIGHT | Action.CHANNEL_LEFT | Action.CHANNEL_RIGHT:
            step, _, way = str(binding.action).partition("_")
            return f"{binding.bank} to the {way}, {'by its width' if step == 'bank' else 'by one'}"
    return TEXTS.get(binding.action, id)


def conversation(kind: type[Box]) -> str:
    """What was said while the box played its script."""
    box = kind()
    studio = Studio(box)
    studio.plug()
    lines = []
    for act in box.script():
        del studio.log[:]
        studio.play(act)
        lines += [f"# {act.words}", *(f"#   {what}" for what in others(act.daemon)), *spoken(studio.log), ""]
    map = ["With this map:", "", "```toml", box.map.strip(), "```", ""] if box.map else []
    title = f"## A conversation with {box.port}"
    legend = "`>` from the box, `=` asked of the daemon, `<` to the box."
    return "\n".join([title, "", *map, legend, "", "```", *lines[:-1], "```"])


def others(values: dict[str, object]) -> Iterator[str]:
    yield from (f"somebody else sets {id} = {value}" for id, value in values.items())


def spoken(log: list[tuple[str, object]]) -> Iterator[str]:
    """Lines of a log, messages in one direction together."""
    for way, items in groupby(log, lambda it: it[0]):
        if way == "asks":
            yield from (f"  = {asked(request)}" for _, request in items if isinstance(request, Request))
        else:
            mark = ">" if way == "sends" else "<"
            yield from (f"  {mark} {line}" for line in wrapped(bytes_text(it) for _, it in items if isinstance(it, bytes)))


def bytes_text(message: bytes) -> str:
    text = message[:LONGEST_BYTES].hex(" ").upper()
    return text if len(message) <= LONGEST_BYTES else f"{text} ... ({len(message)} bytes)"


def wrapped(texts: Iterable[str]) -> Iterator[str]:
    line = ""
    for text in texts:
        if line and len(line) + 3 + len(text) > WIDTH:
            yield line
            line = text
        else:
            line = f"{line}   {text}" if line else text
    yield line


def asked(request: Request) -> str:
    """A request in words."""
    glide_ms = getattr(request, "glide_ms", DEFAULT_GLIDE_MS)
    glide = f", in {glide_ms:g} ms" if glide_ms != DEFAULT_GLIDE_MS else ""
    match request:
        case Set():
            return "set " + ", ".join(f"{id} = {value_text(parameter(id), it)}" for id, it in request.values.items()) + glide
        case Adjust():
            return "adjust " + ", ".join(f"{id} by {amount:+.4f} of its travel" for id, amount in request.values.items()) + glide
        case PresetLoad():
            return f"preset.load {request.name}{glide}"
    return type(request).__name__.lower() + glide


def pages() -> dict[Path, str]:
    """All pages, by file."""
    return {FOLDER / f"{name}.md": page(profile) for name, profile in built_in().items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
