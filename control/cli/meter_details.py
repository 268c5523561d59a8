"""The rows of the meter page that need a tall terminal: correlation, leveller, dynamic bands, multiband, a line of dynamics."""

from __future__ import annotations

from masterd.control.protocol import Meters, PointMeters
from masterd.control.scales import LOW_CORRELATION, SQUEEZED_PSR_DB, position
from masterd.control.text import level_text

MARGIN = 10
GREEN, YELLOW, RED, DIM, PLAIN = (f"\x1b[{code}m" for code in (32, 33, 31, 2, 0))
LEAST_SHOWN_DB = 0.05


def detail_rows(frame: Meters, cells: int) -> list[str]:
    """What happens in the picture and in the stages, a row each."""
    return [
        correlation_row("corr in", frame.input.correlation, cells),
        correlation_row("corr out", frame.output.correlation, cells),
        leveller_row(frame),
        equaliser_row(frame, cells),
        bands_row(frame),
    ]


def correlation_row(name: str, correlation: float, cells: int) -> str:
    """A mark between -1 on the left and +1 on the right; red where mono would lose, yellow where it is wide."""
    scale = ["·"] * cells
    scale[cells // 2] = "┼"
    at = round(position(correlation, cells - 1, -1, 1))
    colour = RED if correlation < 0 else YELLOW if correlation < LOW_CORRELATION else GREEN
    before, after = "".join(scale[:at]), "".join(scale[at + 1 :])
    return f"{name:<{MARGIN}}{DIM}{before}{PLAIN}{colour}█{PLAIN}{DIM}{after}{PLAIN} {correlation:+6.2f}"


def leveller_row(frame: Meters) -> str:
    """The gains of both bands of the AGC, and whether it waits."""
    bass_db, master_db = frame.agc_gain_db
    return (
        f"{'agc':<{MARGIN}}bass {bass_db:+5.1f}  master {master_db:+5.1f}{f'  {YELLOW}frozen{PLAIN}' if frame.agc_frozen else ''}"
    )


def equaliser_row(frame: Meters, cells: int) -> str:
    """What the dynamic bands add to their gain now: those that move, and as many as have room."""
    moving = [f"{band}:{it:+.1f}" for band, it in enumerate(frame.eq_offset_db, 1) if abs(it) >= LEAST_SHOWN_DB]
    while len(text := "  ".join(moving)) > cells:
        moving.pop()
    return f"{'eq':<{MARGIN}}{text or '--'}"


def bands_row(frame: Meters) -> str:
    """What every band of the multiband compressor and the clipper take away now."""
    bands = "".join(level_text(max(band), 6) for band in frame.multiband_reduction_db)
    return f"{'bands':<{MARGIN}}{bands}   {DIM}clip{PLAIN}{level_text(frame.clipper_reduction_db, 5)}"


DYNAMICS_HEADS = ("PLR", "PSR", "DR")


def dynamics(point: PointMeters) -> tuple[str, ...]:
    """The cells under DYNAMICS_HEADS; PSR red where the programme is squeezed."""
    plr, psr, dr = (level_text(it, 7) for it in (point.plr_db, point.psr_db, point.dr_db))
    squeezed = -SQUEEZED_PSR_DB < point.psr_db < SQUEEZED_PSR_DB
    return plr, f"{RED}{psr}{PLAIN}" if squeezed else psr, dr
