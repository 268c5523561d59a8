"""midi map: which control does what, as a table; one control added or taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from masterd.control.cli.complete import parameter_ids
from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.cli.midi_system import map_option, reported
from masterd.control.documents import NoDocument, toml_document
from masterd.control.errors import MasterdError
from masterd.control.text import columns

if TYPE_CHECKING:
    from masterd.control.midi.mapping import Binding, MidiMap
    from masterd.control.midi.mapwrite import Edit
    from masterd.control.midi.messages import Control

ADDRESS = re.compile(r"(cc|note|program|nrpn|rpn|pitch_bend)(?::(\d+))?(?:@(\d+))?")
COLUMNS = ("control", "address", "page", "layer", "does", "how")
WORDS = "cc:16, cc:16@3 (channel 3), note:40, nrpn:300, pitch_bend@9"


def as_control(ctx: click.Context, param: click.Parameter, value: str) -> Control:
    """The control that `cc:16@3` means; 14 bits are said with --set bits=14."""
    from masterd.control.midi.messages import Kind, control_at

    found = ADDRESS.fullmatch(value)
    if found is None or (found[2] is None) != (found[1] == "pitch_bend"):
        raise click.BadParameter(f"{value!r} is not a control; right is {WORDS}")
    kind, number, channel = Kind(found[1]), int(found[2] or 0), int(found[3] or 1)
    if not 1 <= channel <= 16 or number > (16383 if kind in (Kind.NRPN, Kind.RPN) else 127):
        raise click.BadParameter(f"{value!r}: channels are 1 to 16, numbers 0 to 127, or to 16383 of nrpn and rpn")
    return control_at(kind, channel, number)


class OneOfMany(MasterdError):
    """There are several maps, or none, and nobody said which is meant."""

    code = "which_midi_map"


@click.group("map", invoke_without_command=True)
@map_option
@json_option
@pass_hand
@click.pass_context
def map_(ctx: click.Context, hand: Hand, map_path: Path | None) -> None:
    """Shows which control does what; adds or removes one.

    \b
    masterctl midi map
    masterctl midi map add cc:16 eq.1.gain_db --set encoding=sign_magnitude
    masterctl midi map remove cc:16
    """
    if ctx.invoked_subcommand is None:
        show(hand, map_path)


def show(hand: Hand, map_path: Path | None) -> None:
    """All maps, or the one that is named; also those that makes bring along, of the boxes that are reported to the daemon."""
    from masterd.control.midi.mapfile import load

    maps = [(str(path), load(path)) for path in files(map_path)]
    maps += [("", map) for map in own_maps(hand, {map.name for _, map in maps})] if not map_path else []
    if hand.json:
        hand.print_json([{"path": path, **as_json(map)} for path, map in maps])
        return
    for path, map in maps:
        click.echo(f"{path or 'the own map of its make'}: {map.profile.title}, port {map.port!r}")
        click.echo(columns([COLUMNS, *rows(map)]))
    if not maps:
        click.echo("no map is written, and no box of a make that is known is reported to the daemon", err=True)


def own_maps(hand: Hand, written: set[str]) -> list[MidiMap]:
    """The maps of makes that boxes work by which have no file of their own."""
    from masterd.control.midi.library import library
    from masterd.control.midi.mapfile import default_map

    state, known = reported(hand), library().profiles
    boxes = [box for process in (state.processes if state else []) for box in process.boxes]
    profiles = {box.profile: known[box.profile] for box in boxes if box.name not in written and box.profile in known}
    return [default_map(profile) for profile in profiles.values() if profile.map.slots]


def files(map_path: Path | None) -> list[Path]:
    """The one that is named, or all."""
    from masterd.control.midi.boxes import map_files, named

    return [named(map_path)] if map_path else map_files()


def as_json(map: MidiMap) -> dict[str, Any]:
    """The map with a row for each control, page and layer."""
    controls = [dict(zip(COLUMNS, row, strict=True)) for row in rows(map)]
    return {"name": map.name, "profile": map.profile.name, "port": map.port, "controls": controls}


def rows(map: MidiMap) -> Iterator[tuple[str, ...]]:
    """A line for each control, page and layer."""
    from masterd.control.midi.words import does

    for slot in map.tables.slots:
        first = next(binding for binding in slot.variants if binding)
        walks = f" (walks with bank {slot.bank})" if slot.bank else ""
        yield slot.place.name, str(slot.place.control or ""), slot.page, slot.layer, does(first) + walks, how(first)


def how(binding: Binding) -> str:
    """What is particular about it: encoding, takeover, range."""
    from masterd.control.midi.mapping import Action

    if binding.parameter is None or binding.action is not Action.TURN:
        return ""
    words = [str(binding.encoding) if binding.is_relative else str(binding.mode)]
    if (binding.low, binding.high) != (binding.parameter.min, binding.parameter.max):
        words.append(f"{binding.low:g} to {binding.high:g}")
    return ", ".join([*words, *(["inverted"] if binding.invert else [])])


@map_.command()
@click.argument("control", callback=as_control)
@click.argument("target", metavar="PARAMETER|preset:NAME|ACTION", shell_complete=parameter_ids)
@click.option("--set", "keys", multiple=True, metavar="KEY=VALUE", help="A key of a [[control]] table, as in docs/midi.md.")
@map_option
@json_option
@pass_hand
def add(hand: Hand, control: Control, target: str, keys: tuple[str, ...], map_path: Path | None) -> None:
    """Lets CONTROL turn a parameter, recall a preset, or do an action like undo."""
    from masterd.control.midi.mapwrite import bind
    from masterd.control.midi.messages import Kind
    from masterd.control.parameters import PARAMETERS

    table = {"preset": target[7:]} if target.startswith("preset:") else {"parameter" if "." in target else "action": target}
    if control.kind is Kind.CC and target in PARAMETERS and PARAMETERS[target].kind == "switch":
        table["action"] = "toggle"
    path, before = the_map(map_path)
    done(hand, bind(path, before, control, table | dict(map(key_and_value, keys))), control)


@map_.command()
@click.argument("control", callback=as_control)
@map_option
@json_option
@pass_hand
def remove(hand: Hand, control: Control, map_path: Path | None) -> None:
    """Takes away what the map says of CONTROL; what its make's own map says counts again."""
    from masterd.control.midi.mapwrite import unbind

    path, before = the_map(map_path)
    done(hand, unbind(path, before, control), control)


def done(hand: Hand, edit: Edit, control: Control) -> None:
    """Writes, and says what it did."""
    from masterd.control.midi.mapwrite import done as does_now

    edit.write()
    now = does_now(edit.map, control)
    if hand.json:
        hand.print_json({"path": str(edit.path), "control": str(control), "does": now, "did": edit.gone})
        return
    click.echo(f"{control} does {', '.join(now) or 'nothing'} now, in {edit.path}")
    for before in edit.gone:
        click.echo(f"it did {before} before, and does not any more")


def the_map(map_path: Path | None) -> tuple[Path, MidiMap]:
    """The one that is meant: named, or the only one there is; a named one need not be there yet."""
    from masterd.control.midi.mapfile import load, parse

    paths = files(map_path)
    if len(paths) != 1:
        listed = f"there are {', '.join(map(str, paths))}" if paths else "there is none yet"
        raise OneOfMany(f"{listed}; say which with --map FILE")
    return paths[0], load(paths[0]) if paths[0].exists() else parse("", name=paths[0].stem)


def key_and_value(text: str) -> tuple[str, Any]:
    """`min=-40` as TOML would have it; a bare word is a text."""
    key, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--set {text}: right is KEY=VALUE")
    try:
        return key, toml_document(f"it = {value}")["it"]
    except NoDocument:
        return key, value
