"""Words for scribble strips: a parameter's name and value in six characters, and a seventh for the gap. Pure."""

from __future__ import annotations

from masterd.control.parameters import Parameter, Value
from masterd.control.text import number_text, value_text

WIDTH = 6


def short_name(label: str, width: int = WIDTH) -> str:
    """`Input trim` is InTrim, `EQ 3 frequency` EQ3Fre: the longest word gives way, letter by letter, from its end."""
    words = [word[:1].upper() + word[1:] for word in label.replace("-", " ").split()]
    while sum(map(len, words)) > width:
        longest = max(range(len(words)), key=lambda at: len(words[at]))
        words[longest] = words[longest][:-1]
    return "".join(words)


def short_value(parameter: Parameter, value: Value, width: int = WIDTH) -> str:
    """`-3.0dB`, `1046Hz`, `-20.0`, `HiShel`: with the unit where there is room, with fewer decimals where there is not."""
    if isinstance(value, bool | str):
        text = value_text(parameter, value)
        return text if len(text) <= width else short_name(text.replace("_", " "), width)
    number = float(value)
    steps = [parameter.step * 10**power for power in range(5)]
    texts = [f"{number:.0f}" if abs(number) >= 1000 else number_text(round(number / step) * step, step) for step in steps]
    fitting = next((text for text in texts if len(text) <= width), texts[-1][:width])
    with_unit = f"{fitting}{parameter.unit}"
    return with_unit if len(with_unit) <= width else fitting
