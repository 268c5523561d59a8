"""What we aim at, as ratios within one run, and whether we are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.kernels import RATE_HZ, Row

LSP_EQ = "LSP parametric EQ x16, 10 bells"
LSP_HALF, LSP_FULL, DPL = "LSP limiter, half x4", "LSP limiter, full x4", "x42 dpl, true peak"
LSP_CHAIN = (LSP_EQ, "LSP multiband, 5 bands classic", "LSP compressor", LSP_FULL)
CALF, SC4, EBUR = "Calf multiband, 4 bands LR4", "SWH SC4", "libebur128"
BEST = (LSP_EQ, CALF, SC4, LSP_HALF, EBUR)
CHAIN, METER = "masterd reference chain", "masterd M S I LRA TP"
ENGINE, EVERYTHING = "masterd engine, reference", "masterd engine, everything on"

AGAINST_PEERS = (
    ("EQ, 10 bells", "masterd eq, 10 bells", "LSP x16", (LSP_EQ,), 0.75, "median_ns"),
    ("multiband, 5 bands LR24", "masterd multiband, 5 bands", "Calf 4 bands LR4", (CALF,), 0.3, "median_ns"),
    ("compressor", "masterd compressor", "SWH SC4", (SC4,), 0.8, "median_ns"),
    ("true-peak limiter", "masterd limiter, true peak", "dpl true peak", (DPL,), 0.3, "median_ns"),
    ("true-peak limiter", "masterd limiter, true peak", "LSP half x4", (LSP_HALF,), 1.0, "median_ns"),
    ("M S I LRA TP, mean", METER, "libebur128", (EBUR,), 0.3, "mean_ns"),
    ("the same, both read at 10 Hz, mean", f"{METER}, read at 10 Hz", "libebur128", (f"{EBUR}, read at 10 Hz",), 0.3, "mean_ns"),
    ("reference chain", CHAIN, "LSP chain, summed", LSP_CHAIN, 0.25, "median_ns"),
    ("reference chain", CHAIN, "best of each, summed", BEST, 0.6, "median_ns"),
)
SIGNAL_MAY_COST = 0.2
RAMP_MAY_COST = 2.0
PERIOD_SHARE = {48000: 0.25, 192000: 0.5}


@dataclass(frozen=True)
class Aim:
    """One line: a figure beside its bound. `binding` is False where the aim is stated for another block size."""

    what: str
    beside: str
    block: int
    ours: str
    theirs: str
    ratio: float
    bound: float
    binding: bool = True

    @property
    def reached(self) -> bool:
        return self.ratio <= self.bound


class Run:
    """The rows of one interleaved run, by name."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = {(row["name"], row["variant"], row["block"], row["rate_hz"]): row for row in rows}

    def ns(self, name: str, block: int, key: str = "median_ns", variant: str = "constant", rate_hz: int = RATE_HZ) -> float:
        return float(self.rows[name, variant, block, rate_hz][key])


def against_peers(run: Run, block: int) -> Iterator[Aim]:
    for what, name, beside, peers, bound, key in AGAINST_PEERS:
        ours, theirs = run.ns(name, block, key), sum(run.ns(peer, block, key) for peer in peers)
        yield Aim(what, beside, block, f"{ours:.1f}", f"{theirs:.1f}", ours / theirs, bound, block == 512)


def against_ourselves(run: Run) -> Iterator[Aim]:
    small, large = run.ns(CHAIN, 64), run.ns(CHAIN, 512)
    yield Aim("reference chain at 64", "itself at 512", 64, f"{small:.1f}", f"{large:.1f}", small / large, 1.3)
    p99, median = run.ns(METER, 512, "p99_ns"), run.ns(METER, 512)
    yield Aim("p99 of a metering block", "its median", 512, f"{p99:.1f}", f"{median:.1f}", p99 / median, 2)


def of_variants(run: Run) -> Iterator[Aim]:
    """What ramping and the signal cost, at 512."""
    for name, variant, block, rate_hz in run.rows:
        if block != 512 or variant == "constant" or rate_hz != RATE_HZ:
            continue
        own, plain = run.ns(name, block, variant=variant), run.ns(name, block)
        bound = RAMP_MAY_COST if variant == "ramping" else 1 + SIGNAL_MAY_COST
        yield Aim(f"{name}, {variant}", "itself, constant", block, f"{own:.1f}", f"{plain:.1f}", own / plain, bound)


def of_the_period(run: Run) -> Iterator[Aim]:
    """p99.9 of a 64-frame block as a share of the time it lasts, beside that of a canary that does nothing for about as long."""
    for (name, variant, block, rate_hz), row in run.rows.items():
        if block == 64 and name in (ENGINE, EVERYTHING, "canary") and variant in ("constant", "ramping"):
            period_ns, what = 1e9 / rate_hz, f"p99.9 of {name}, {variant}, {rate_hz // 1000} kHz"
            for key, beside in (("p999_ns", "period"), ("all_p999_ns", "period; preempted blocks too")):
                share = row[key] / period_ns
                binding = name == ENGINE and key == "p999_ns"
                yield Aim(what, beside, 64, f"{row[key]:.0f}", f"{period_ns:.0f}", share, PERIOD_SHARE[rate_hz], binding)


def all_of(rows: list[Row]) -> list[Aim]:
    run = Run(rows)
    aims = [aim for block in (512, 64) for aim in against_peers(run, block)]
    return [*aims, *against_ourselves(run), *of_variants(run), *of_the_period(run)]


def table(aims: list[Aim]) -> str:
    lines = ["| work | beside | block | ours | theirs | ratio | aim | |", "|---|---|---|---|---|---|---|---|"]
    for aim in aims:
        verdict = ("reached" if aim.reached else "MISSED") if aim.binding else ""
        numbers = f"{aim.ours} | {aim.theirs} | {aim.ratio:.2f} | {aim.bound:g}"
        lines.append(f"| {aim.what} | {aim.beside} | {aim.block} | {numbers} | {verdict} |")
    return "\n".join(lines)
