"""A reader that is broken on purpose, to see that it is found: it takes JSON for numbers that are floats."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from fuzz.grammar import json_value

if TYPE_CHECKING:
    from atheris import FuzzedDataProvider as Choices


class Target:
    def __call__(self, choices: Choices) -> None:
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            float(json.loads(json_value(choices)))  # OverflowError

    def close(self) -> None:
        pass
