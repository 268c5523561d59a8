"""A rendering without the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from masterd.control.parameters import Value
from masterd.daemon.rendering.job import Output, Rendered, RenderJob
from masterd.daemon.rendering.run import run


def render_file(source: Path, target: Path, values: Mapping[str, Value], bits: str = "24", **job: Any) -> Rendered:
    """One file into one."""
    return run(RenderJob((source,), ((Output(target, bits),),), values, **job))
