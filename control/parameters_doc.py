"""Writes docs/parameters.md from the table: `python -m masterd.control.parameters_doc > docs/parameters.md`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from masterd.control.cli.text import range_text, value_text
from masterd.control.parameters import EQ_BANDS, EQ_FREQUENCIES_HZ, PARAMETERS, Parameter

HEAD = """# Parameters

Every parameter of the chain, in its order. Generated from `control/parameters.py` by
`python -m masterd.control.parameters_doc > docs/parameters.md`; a test says whether it is current.

An id is for ever, and its last part ends in its unit. *Step* is what a knob's detent or an arrow key should move. *Curve*
says how a knob's travel maps to the value: `linear` in equal steps, `log` in equal ratios. Switches take `on` and `off` on the
command line, `true` and `false` in JSON. `masterctl describe` shows the same of the running daemon.
"""
COLUMNS = ("id", "range", "default", "step", "curve", "what it does")


def document() -> str:
    """The whole page."""
    shown = [parameter for parameter in PARAMETERS.values() if not re.match(r"eq\.(?!1\.)\d", parameter.id)]
    groups = groupby(shown, lambda parameter: parameter.id.partition(".")[0])
    return "\n".join([HEAD, *(section(name, list(members)) for name, members in groups)])


def section(name: str, members: list[Parameter]) -> str:
    """One processor: a heading and a table."""
    lines = [f"## {name}", "", row(COLUMNS), row("---" for _ in COLUMNS), *(row(cells(it)) for it in members)]
    if name == "eq":
        lines += ["", *bands()]
    return "\n".join([*lines, ""])


def bands() -> Iterator[str]:
    """What the table of one band leaves out about the others."""
    yield f"`eq.N` is band N, 1 to {EQ_BANDS}; the bands differ in nothing but the default of their frequency:"
    yield ""
    yield row(("band", *map(str, range(1, EQ_BANDS + 1))))
    yield row("---" for _ in range(EQ_BANDS + 1))
    yield row(("Hz", *(f"{frequency:g}" for frequency in EQ_FREQUENCIES_HZ)))


def row(texts: Iterable[str]) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(texts)} |"


def cells(parameter: Parameter) -> tuple[str, ...]:
    """One parameter."""
    id, label = re.sub(r"^eq\.1\.", "eq.N.", parameter.id), re.sub(r"^EQ 1 ", "EQ N ", parameter.label)
    step, curve = ("", "") if parameter.kind != "number" else (f"{parameter.step:g}", str(parameter.curve))
    shown = range_text(parameter) if parameter.kind != "choice" else f"{range_text(parameter)} {parameter.unit}".strip()
    default = "see below" if id == "eq.N.frequency_hz" else value_text(parameter, parameter.default)
    return f"`{id}`", shown, default, step, curve, f"**{label}.** {parameter.help}"


if __name__ == "__main__":
    print(document(), end="")
