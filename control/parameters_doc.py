"""Writes docs/parameters.md from the table: `python -m masterd.control.parameters_doc > docs/parameters.md`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from masterd.control.parameters import PARAMETERS, Parameter
from masterd.control.text import range_text, value_text

HEAD = """# Parameters

Every parameter of the chain, in its order. Generated from `control/table.py` by
`python -m masterd.control.parameters_doc > docs/parameters.md`; a test says whether it is current.

An id is for ever, and its last part ends in its unit. *Step* is what a knob's detent or an arrow key should move. *Curve*
says how a knob's travel maps to the value: `linear` in equal steps, `log` in equal ratios. Switches take `on` and `off` on the
command line, `true` and `false` in JSON. `masterctl describe` shows the same of the running daemon.
"""
OTHER_BANDS = r"(eq|multiband)\.(?!1\.)\d"
COLUMNS = ("id", "range", "default", "step", "curve", "what it does")


def document() -> str:
    """The whole page."""
    shown = [parameter for parameter in PARAMETERS.values() if not re.match(OTHER_BANDS, parameter.id)]
    groups = groupby(shown, lambda parameter: parameter.id.partition(".")[0])
    return "\n".join([HEAD, *(section(name, list(members)) for name, members in groups)])


def section(name: str, members: list[Parameter]) -> str:
    """One processor: a heading and a table."""
    lines = [f"## {name}", "", row(COLUMNS), row("---" for _ in COLUMNS), *(row(cells(it)) for it in members)]
    bands = [parameter for parameter in PARAMETERS.values() if re.match(rf"{name}\.\d+\.", parameter.id)]
    return "\n".join([*lines, "", *band_defaults(name, bands), ""] if bands else [*lines, ""])


def band_defaults(name: str, members: list[Parameter]) -> Iterator[str]:
    """What the table of one band leaves out about the others."""
    count = max(int(parameter.id.split(".")[1]) for parameter in members)
    yield f"`{name}.N` is band N, 1 to {count}; the bands differ in nothing but these defaults:"
    yield ""
    yield row(("band", *map(str, range(1, count + 1))))
    yield row("---" for _ in range(count + 1))
    for what in dict.fromkeys(parameter.id.split(".")[2] for parameter in members):
        defaults = [value_text(it, it.default) for it in members if it.id.endswith(f".{what}")]
        if len(set(defaults)) > 1:
            yield row((f"`{what}`", *defaults))


def row(texts: Iterable[str]) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(texts)} |"


def cells(parameter: Parameter) -> tuple[str, ...]:
    """One parameter."""
    id = re.sub(r"^(eq|multiband)\.1\.", r"\1.N.", parameter.id)
    label = re.sub(r"^(EQ|Band) 1 ", r"\1 N ", parameter.label)
    step, curve = ("", "") if parameter.kind != "number" else (f"{parameter.step:g}", str(parameter.curve))
    shown = range_text(parameter) if parameter.kind != "choice" else f"{range_text(parameter)} {parameter.unit}".strip()
    twins = {it.default for it in PARAMETERS.values() if re.sub(r"\.\d+\.", ".1.", it.id) == parameter.id}
    default = "see below" if len(twins) > 1 else value_text(parameter, parameter.default)
    return f"`{id}`", shown, default, step, curve, f"**{label}.** {parameter.help}"


if __name__ == "__main__":
    print(document(), end="")
