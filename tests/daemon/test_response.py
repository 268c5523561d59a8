"""eq.response says what the running equaliser does: compared with an impulse sent through the kernel."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.daemon import Daemon
from instruments.kernel import Kernel

from masterd.control.parameters import PARAMETERS, Value, defaults
from masterd.daemon.response import FLOOR_DB, frequencies_hz, response_db

FRAMES = 1 << 16  # everything here has rung out by then
QUIET = 1e-3

CHAINS: dict[str, dict[str, Value]] = {
    "flat": {},
    "off": {"eq.on": False, "eq.1.on": True, "eq.1.gain_db": 12},
    "a preset's three": {
        "eq.1.on": True, "eq.1.type": "low_shelf", "eq.1.gain_db": 6,
        "eq.2.on": True, "eq.2.frequency_hz": 280, "eq.2.gain_db": -9, "eq.2.q": 3,
        "eq.3.on": True, "eq.3.type": "high_pass", "eq.3.frequency_hz": 40, "eq.3.slope_db_per_oct": "48",
    },
    "left and side, whose phases meet": {
        "eq.1.on": True, "eq.1.channel": "left", "eq.1.gain_db": 12, "eq.1.frequency_hz": 900, "eq.1.q": 1.5,
        "eq.2.on": True, "eq.2.channel": "side", "eq.2.type": "high_shelf", "eq.2.gain_db": -10, "eq.2.frequency_hz": 1200,
        "eq.3.on": True, "eq.3.channel": "mid", "eq.3.type": "all_pass", "eq.3.frequency_hz": 700,
        "eq.4.on": True, "eq.4.channel": "right", "eq.4.type": "low_pass", "eq.4.frequency_hz": 3000,
    },
    "a dynamic band at rest": {
        "eq.5.on": True, "eq.5.gain_db": 5, "eq.5.dynamic": True, "eq.5.threshold_db": 0, "eq.5.range_db": -12,
    },
}  # fmt: skip


PICKS = {"left": (1, 0), "right": (0, 1), "mid": (1, 1), "side": (1, -1)}


def heard_db(values: dict[str, Value], rate_hz: float, lines: np.ndarray) -> np.ndarray:
    """(4, lines): impulses in left, right, mid and side, and what of each comes out where it went in."""
    rows = []
    for pick in np.array(list(PICKS.values())):
        sent = np.zeros((FRAMES, 2))
        sent[0] = pick * QUIET
        answer = Kernel("eq", rate_hz, values)(sent) @ pick / (QUIET * pick @ pick)
        rows.append(np.abs(np.fft.rfft(answer)[lines]))
    return 20 * np.log10(np.maximum(rows, 10 ** (FLOOR_DB / 20)))


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000])
@pytest.mark.parametrize("chain", CHAINS)
def test_it_is_what_an_impulse_shows(chain: str, rate_hz: int):
    values = {id: PARAMETERS[id].check(value) for id, value in CHAINS[chain].items()}
    lines = np.unique(np.geomspace(20, 20000, 200) * FRAMES / rate_hz).astype(int)
    told = response_db(defaults() | values, rate_hz, lines * rate_hz / FRAMES)
    heard = heard_db(values, rate_hz, lines)
    audible = heard > -70  # below that the impulse's own end shows
    assert np.abs(told - heard)[audible].max() < 0.01
    assert audible.mean() > 0.5


def test_the_frequencies_are_of_equal_ratio_and_end_on_the_edges_of_hearing():
    at_hz = frequencies_hz(31)
    assert (at_hz[0], at_hz[-1], len(at_hz)) == (20, 20000, 31)
    assert np.ptp(at_hz[1:] / at_hz[:-1]) < 1e-12


def test_a_low_rate_and_a_notch_stay_finite():
    values = defaults() | {"eq.1.on": True, "eq.1.type": "notch", "eq.1.frequency_hz": 1000.0, "eq.1.q": 40.0}
    told = response_db(values, 32000, np.array([1000.0, 16000.0, 20000.0]))
    assert np.isfinite(told).all()
    assert told[0, 0] < -60


def test_a_daemon_answers_and_refuses():
    with Daemon() as daemon:
        daemon.ask(op="preset.load", name="flat")
        daemon.set(eq__1__on=True, eq__1__gain_db=6, eq__1__frequency_hz=1000, eq__1__channel="left")
        told = daemon.ask(op="eq.response", points=256)["result"]
        assert max(told["left_db"]) == pytest.approx(6, abs=0.02)
        assert told["right_db"] == [0] * 256
        assert told["revision"] == daemon.ask(op="status")["revision"]
        for points in (1, 1025, -3):
            refused = daemon.ask(op="eq.response", points=points)["error"]
            assert refused["code"] == "bad_request"
            assert "2 to 1024" in refused["message"]
