"""Between values by id and the C structs: the one place that knows both the table and the struct layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from masterd.control.parameters import PARAMETERS, Value
from masterd.native import ffi


def leaves(ctype: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every number in a C struct, depth first; an array member contributes only its index, from 1: eq.3.gain_db."""
    if ctype.kind == "struct":
        for name, field in ctype.fields:
            yield from leaves(field.type, path if field.type.kind == "array" else (*path, name))
    elif ctype.kind == "array":
        for index in range(ctype.length):
            yield from leaves(ctype.item, (*path, str(index + 1)))
    else:
        yield path


def is_of_chain(id: str) -> bool:
    """Whether the chain knows the parameter; a macro is a knob that moves others."""
    return not id.startswith("macro.")


def assert_table_matches_structs() -> None:
    """RuntimeError when chain_params and the parameter table name different things, or in another order."""
    in_c = [".".join(path) for path in leaves(ffi.typeof("chain_params"))]
    described = [id for id in PARAMETERS if is_of_chain(id)]
    if in_c != described:
        wrong = sorted(set(in_c) ^ set(described)) or ["the order"]
        raise RuntimeError(f"the parameter table and chain_params disagree: {', '.join(wrong[:5])}")


def fill(params: Any, values: Mapping[str, Value]) -> None:
    """Writes `values` into a chain_params; choices as the position of their name, switches as 0 or 1."""
    for id, value in values.items():
        if not is_of_chain(id):
            continue
        *path, name = id.split(".")
        struct = params
        for part in path:
            struct = struct.band[int(part) - 1] if part.isdigit() else getattr(struct, part)
        choices = PARAMETERS[id].choices
        setattr(struct, name, choices.index(str(value)) if choices else value)


assert_table_matches_structs()
