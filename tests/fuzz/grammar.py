"""What the fuzzer makes of its bytes: JSON, TOML and requests that are nearly right, and everything that parsers stumble over.

Raw bytes hardly ever get past the first brace. `Choices` is atheris.FuzzedDataProvider.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from masterd.control.parameters import PARAMETERS, Value, defaults
from masterd.control.protocol import AnyRequest

if TYPE_CHECKING:
    from atheris import FuzzedDataProvider as Choices

T = TypeVar("T")
Make: TypeAlias = "Callable[[Choices], str]"

IDS = (*list(PARAMETERS)[::7], "limiter.drive_db", "limiter.ceiling_dbtp", "eq.1.type", "eq.on", "nope", "", "eq", "eq.1", "\0")
HUGE = ("1" + "0" * 400, "-1" + "0" * 400, "1" + "0" * 5000, str(2**63), str(2**64), "1e999", "-1e999", "1e-400", "-0.0")
NESTED = (3, 40, 900, 20_000)
OPS = {it.__struct_config__.tag: it.__struct_fields__ for it in AnyRequest.__args__}
FIELDS = sorted({field for fields in OPS.values() for field in fields} | {"extra", "op"})


def pick(choices: Choices, options: Sequence[T]) -> T:
    """One of them."""
    return options[choices.ConsumeIntInRange(0, len(options) - 1)]


def some(choices: Choices, make: Make, most: int = 4) -> list[str]:
    return [make(choices) for _ in range(choices.ConsumeIntInRange(0, most))]


def text(choices: Choices) -> str:
    return str(choices.ConsumeUnicode(choices.ConsumeIntInRange(0, 80)))


# JSON, as text


def json_number(choices: Choices) -> str:
    kind = choices.ConsumeIntInRange(0, 3)
    if kind == 0:
        return pick(choices, HUGE)
    return str(choices.ConsumeInt(8)) if kind == 1 else repr(choices.ConsumeFloat())  # also nan and inf


def json_text(choices: Choices) -> str:
    """A string; lone surrogates are written as they are, or as escapes."""
    return json.dumps(text(choices), ensure_ascii=choices.ConsumeBool())


def json_nested(choices: Choices) -> str:
    depth = pick(choices, NESTED)
    left, right = pick(choices, (("[", "]"), ('{"a":', "}")))
    return left * depth + ("0" if left != "[" else "") + right * depth


def json_id(choices: Choices) -> str:
    return json.dumps(pick(choices, IDS))


def json_value(choices: Choices, depth: int = 0) -> str:
    """Anything, three deep at most but for `json_nested`."""
    makers: list[Make] = [lambda it: pick(it, ("null", "true", "false", "0", "1", '""')), json_number, json_text, json_id]
    if depth < 3:
        makers += [json_nested, lambda it: json_list(it, depth), lambda it: json_object(it, depth)]
    return pick(choices, makers)(choices)


def json_list(choices: Choices, depth: int = 0) -> str:
    return f"[{','.join(some(choices, lambda it: json_value(it, depth + 1)))}]"


def json_object(choices: Choices, depth: int = 0) -> str:
    entries = some(choices, lambda it: f"{pick(it, (json_id, json_text))(it)}:{json_value(it, depth + 1)}")
    return f"{{{','.join(entries)}}}"


# requests


def good_value(choices: Choices, id: str) -> Value:
    """One that the parameter takes."""
    return PARAMETERS[id].from_travel(choices.ConsumeProbability()) if id in PARAMETERS else 0.0


def good_values(choices: Choices) -> str:
    ids = [pick(choices, IDS) for _ in range(choices.ConsumeIntInRange(1, 4))]
    return json.dumps({id: good_value(choices, id) for id in ids})


MOVE = {"box": "b", "bytes": "b0 10 41", "control": "cc 16", "value": 65, "did": "x"}
BOX = {"name": "b", "port": "p", "profile": "generic", "state": "ready", "turns": {"cc 16": "eq.on"}, "waiting": {}}
LEARNING = {"serial": 1, "parameter": "eq.on", "step": "listening", "box": "b", "replaces": ["x"]}
GOOD: dict[str, Make] = {
    "boxes": lambda it: like(it, [BOX]),
    "learning": lambda it: like(it, LEARNING),
    "moves": lambda it: like(it, [MOVE, MOVE]),
    "parameter": json_id,
    "corridor": lambda it: json.dumps(pick(it, ("neutral", "speech", "../x", "x" * 300, "/dev/zero.toml"))),
    "ids": lambda it: f"[{','.join(some(it, json_id))}]",
    "values": good_values,
    "name": lambda it: json.dumps(pick(it, ("flat", "broadcast", "mine", "", "../x", "x" * 300))),
    "glide_ms": lambda it: pick(it, ("0", "20", "60000", "-1")),
    "confirm_within_s": lambda it: pick(it, ("null", "1", "30", "0", "1e9")),
    "if_revision": lambda it: pick(it, ("null", "0", "1", "99")),
    "steps": lambda it: pick(it, ("1", "2", "50", "0")),
    "travel": lambda it: pick(it, ("true", "false")),
    "override": lambda it: pick(it, ("true", "false")),
    "token": json_text,
    "note": json_text,
    "origin": json_text,
    "seconds": lambda it: pick(it, ("0.1", "1", "null")),
    "count": lambda it: pick(it, ("1", "100", "0", "-1")),
    "points": lambda it: pick(it, ("2", "128", "1024", "1025", "-1")),
    "point": lambda it: pick(it, ('"input"', '"output"')),
    "kind": lambda it: pick(it, ('"third_octave"', '"fft"')),
    "form": lambda it: pick(it, ('"object"', '"text"', '"proposal"')),
    "simulation": lambda it: pick(it, ('"direct"', '"phone"', '"nope"')),
    "v": lambda it: pick(it, ("1", "2")),
    "id": json_value,
}
"""What a field should hold, or something near."""


def request(choices: Choices) -> bytes:
    """A request, most of whose fields belong to it and are right."""
    op = pick(choices, [*OPS, "nope"])
    names = [it for it in OPS.get(op, ()) if choices.ConsumeIntInRange(0, 3)]
    names += [pick(choices, FIELDS)] if choices.ConsumeIntInRange(0, 7) == 0 else []
    entries = [f'"op":{json.dumps(op)}']
    for name in names:
        is_good = choices.ConsumeIntInRange(0, 7) and name in GOOD
        entries.append(f"{json.dumps(name)}:{GOOD[name](choices) if is_good else json_value(choices)}")
    return torn(choices, f"{{{','.join(entries)}}}".encode("utf-8", "surrogatepass"))


def torn(choices: Choices, data: bytes) -> bytes:
    """Now and then with a piece replaced, or cut off."""
    if choices.ConsumeIntInRange(0, 7):
        return data
    at = choices.ConsumeIntInRange(0, len(data))
    return data[:at] + choices.ConsumeBytes(choices.ConsumeIntInRange(0, 8)) + data[at + choices.ConsumeIntInRange(0, 8) :]


# objects and TOML after a pattern


def like(choices: Choices, pattern: object) -> str:
    """JSON of the shape of `pattern`, of which single leaves are something else."""
    if choices.ConsumeIntInRange(0, 11) == 0:
        return json_value(choices)
    if isinstance(pattern, Mapping):
        kept = [(key, value) for key, value in pattern.items() if choices.ConsumeIntInRange(0, 15)]
        entries = [f"{json.dumps(key)}:{like(choices, value)}" for key, value in kept]
        return f"{{{','.join(entries)}}}"
    if isinstance(pattern, list | tuple):
        return f"[{','.join(like(choices, it) for it in pattern)}]"
    return json.dumps(pattern)


TOML_ODD = (
    *("0x" + "f" * 5000, "0x" + "f" * 100, "-0x8000000000000001", "1e400", "nan", "inf", "-inf", "1_000", "0b1"),
    *("1979-05-27T07:32:00Z", "07:32:00", "1979-05-27", "''", '"\\u0000"'),
    *("[" * 2000, "[" * 60 + "]" * 60, "{a = {a = {a = 1}}}", "{}", "[]", "[[], {}]"),
)


def toml_list(choices: Choices) -> str:
    return f"[{', '.join(some(choices, toml_value))}]"


def toml_value(choices: Choices) -> str:
    makers: list[Make] = [json_number, json_text, json_id, toml_list, lambda it: pick(it, TOML_ODD)]
    return pick(choices, makers)(choices)


def toml_like(choices: Choices, lines: Sequence[str]) -> str:
    """A file of such lines: each as it is, with another value, left out, twice, or with something between."""
    made: list[str] = []
    heads = [line.strip("[]") for line in lines if line.startswith("[")]
    lost = pick(choices, heads) if heads and choices.ConsumeIntInRange(0, 3) == 0 else ""
    made += [f"{lost} = {toml_value(choices)}"] * bool(lost)  # in front, where it is no part of another table
    for line in lines:
        if lost and line.startswith("[") and line.strip("[]").startswith(lost):
            break
        kind = choices.ConsumeIntInRange(0, 15)
        key = line.partition(" = ")[0].strip("[]")  # of a table that is no table, as well
        made += [f"{key} = {toml_value(choices)}" if kind == 0 else line] * (kind != 1)
        made += [line] * (kind == 2) + [f"{pick(choices, (text, lambda it: 'a.' * 3000 + 'a'))(choices)} = 1"] * (kind == 3)
        made += [pick(choices, ("[[x]]", "[a.b]", f"[{key}]", f"[[{key}]]", text(choices)))] * (kind == 4)
    return "\n".join(made)


def complete_values(choices: Choices) -> dict[str, Value]:
    """All parameters, a few of them turned."""
    ids = [pick(choices, IDS) for _ in range(choices.ConsumeIntInRange(0, 3))]
    return defaults() | {id: good_value(choices, id) for id in ids if id in PARAMETERS}
