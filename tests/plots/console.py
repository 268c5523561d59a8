"""scripts/screenshot: docs/tui.svg, the console on the built-in programme after a minute in which a few things were turned."""

from __future__ import annotations

import os
import re
from pathlib import Path

from instruments.console import operated, run
from instruments.daemon import Daemon

PICTURE = Path(__file__).parents[2] / "docs" / "tui.svg"
SIZE = (140, 42)
FONTS = "DejaVu Sans Mono, Menlo, Consolas, monospace"
TURNS = (
    ("desk", {"eq.4.on": True, "eq.4.frequency_hz": 3200, "eq.4.gain_db": 2.5, "eq.4.q": 1.2}),
    ("desk", {"macro.less_more_percent": 60}),
    ("knob box", {"limiter.drive_db": 3.5}),
    ("knob box", {"limiter.drive_db": 4}),
)


def portable(svg: str) -> str:
    """Without fonts from elsewhere."""
    return re.sub(r"@font-face \{.*?\}|<!--.*?-->", "", svg, flags=re.DOTALL).replace("Fira Code", FONTS)


def main() -> None:
    with Daemon(name="studio") as daemon:
        os.environ |= daemon.here()

        async def scene() -> None:
            async with operated("studio", size=SIZE, target="-14 1") as operator:
                await operator.until(lambda: operator.deck.station.values)
                for origin, values in TURNS:
                    await operator.pilot.pause(7)
                    daemon.ask(op="set", origin=origin, values=values)
                await operator.pilot.pause(35)
                await operator.press("z", "z", "z")  # a minute
                await operator.pilot.pause(1)
                PICTURE.write_text(portable(operator.app.export_screenshot(title="masterctl tui studio", simplify=True)))

        run(scene)
    print(f"{PICTURE}: {PICTURE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
