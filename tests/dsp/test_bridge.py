"""Two clocks that drift apart: what is read is the same sound at the other clock's speed, for hours; what is lost is a fade."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.distortion import thd_n_db
from instruments.two_clocks import RATE_HZ, Card, Run, run, tone

HOURS_S, LISTENED_S = 7200.0, 12.0
FFT_FRAMES = 10 * RATE_HZ
SETTLED_S, SURE_S = 30.0, 200.0
CURVATURE = 0.9 * (2 * np.pi * 1000 / RATE_HZ) ** 2
"""The second difference of the tone below. A step of 1 % would be at least half as much again."""


def purity_db(it: Run, frequency_hz: float) -> float:
    return max(thd_n_db(side[-FFT_FRAMES:].astype(float), frequency_hz, RATE_HZ) for side in it.heard.T)


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))


def assert_smooth(heard: np.ndarray) -> None:
    assert np.abs(np.diff(heard.astype(float), 2, axis=0)).max() < 1.02 * CURVATURE


def two_hours(ppm: float) -> Run:
    """Jitter of 0.15 ms, every 10 s a stall of 5 to 25 ms on each side, and at the end 1 kHz as it is heard."""
    signal = tone(1000 / (1 + 1e-6 * ppm))
    return run(Card(ppm, block_frames=1024), Card(block_frames=1024), HOURS_S, 11, signal, HOURS_S - LISTENED_S)


@pytest.mark.parametrize("ppm", [200, -200])
def test_two_hours(ppm):
    it = two_hours(ppm)
    ratio, early = it.reading("ratio_ppm", SURE_S) - ppm, it.reading("ratio_ppm", SETTLED_S, SURE_S) - ppm
    held_ms = it.reading("delay_ms", SURE_S)
    purity = purity_db(it, 1000)
    print(
        f"{ppm:+} ppm: ratio {rms(early):.2f} ppm rms from 30 s, {rms(ratio):.3f} from 200 s, largest {np.abs(ratio).max():.2f}; "
    )
    print(f"delay {held_ms.mean():.2f} ms, within {1000 * np.ptp(held_ms):.0f} us; THD+N {purity:.1f} dB")
    assert it.statuses[-1].slips == 0
    assert it.reading("plays", 1.0).all()
    assert rms(early) <= 5
    assert rms(ratio) <= 1
    assert np.ptp(held_ms) < 1
    assert purity <= -120


def treble_db(frequency_hz: float, ppm: float) -> float:
    it = run(Card(ppm), Card(), 600 + LISTENED_S, 12, tone(frequency_hz / (1 + 1e-6 * ppm)), 600)
    return purity_db(it, frequency_hz)


@pytest.mark.parametrize("ppm", [100, -200])
@pytest.mark.parametrize("frequency_hz", [10000, 20000])
def test_treble_after_ten_minutes(frequency_hz, ppm):
    purity = treble_db(frequency_hz, ppm)
    print(f"{frequency_hz} Hz at {ppm:+} ppm: {purity:.1f} dB")
    assert purity <= -105  # what is left lies within some hertz of the tone: the servo follows the jitter


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        (Card(150, block_frames=64), Card(block_frames=64)),
        (Card(150, block_frames=4096), Card(block_frames=64)),
        (Card(150, block_frames=64), Card(block_frames=4096)),
        (Card(150, block_frames=480, burst=4), Card(block_frames=512, burst=2)),
        (Card(150, rate_hz=192000, block_frames=2048), Card(rate_hz=192000, block_frames=1024)),
        (Card(150, rate_hz=44100), Card(rate_hz=44100, jitter_s=0.002, stall_every_s=1.0)),
        (Card(4500), Card()),
    ],
)
def test_any_cards_are_kept_together(writer, reader):
    it = run(writer, reader, 60, 13)
    ratio = it.reading("ratio_ppm", SETTLED_S) - writer.ppm
    print(f"{rms(ratio):.2f} ppm rms")
    assert it.statuses[-1].slips == 0
    assert it.reading("plays", 2.0).all()
    assert rms(ratio) <= 10


def test_a_clock_that_wanders_is_followed():
    """20 ppm up and down within ten minutes: more than a card that warms up does."""
    writer = Card(80, wander=(20.0, 600.0))
    it = run(writer, Card(), 1200, 20)
    settled = it.seconds > SURE_S
    error, held_ms = it.reading("ratio_ppm", SURE_S) - writer.drift_ppm(it.seconds[settled]), it.reading("delay_ms", SURE_S)
    print(f"{rms(error):.2f} ppm rms, delay within {np.ptp(held_ms):.2f} ms")
    assert it.statuses[-1].slips == 0
    assert rms(error) <= 10
    assert np.ptp(held_ms) < 2


@pytest.mark.parametrize("side", ["writer", "reader"])
@pytest.mark.parametrize("lost_s", [0.002, 0.02, 0.1, 1.0, 4.0])
def test_what_is_lost_is_a_fade_and_no_more(side, lost_s):
    """At 20 s a card loses time. A little is made up for by the servo; for more there is one slip, and then all is as before."""
    lost = {side: [(20.0, lost_s)]}
    writer, reader = Card(100, lost=lost.get("writer", ())), Card(lost=lost.get("reader", ()))
    it = run(writer, reader, 39, 14, tone(1000), 1.0)
    slips, before = it.statuses[-1].slips, it.reading("delay_ms", 15, 20).mean()
    print(f"{slips} slips, {it.reading('delay_ms')[-1] - before:+.2f} ms")
    assert slips == (lost_s > 0.02)
    assert_smooth(it.heard)
    assert it.reading("plays", 21.5 + lost_s).all()
    if side == "writer":
        assert it.reading("unfed_frames").max() > (lost_s - 0.2) * RATE_HZ
    assert abs(it.reading("delay_ms")[-1] - before) < (3 if slips else 1000 * lost_s)


def test_a_machine_that_stood_still_does_not_slip():
    """Both lose the same 5 s, as in a process that was stopped."""
    lost = [(20.0, 5.0)]
    it = run(Card(100, lost=lost), Card(lost=lost), 35, 15, tone(1000), 5.0)
    assert it.statuses[-1].slips == 0
    assert_smooth(it.heard)


def test_a_clock_that_cannot_be_followed_slips_and_never_clicks():
    it = run(Card(9000), Card(), 40, 16, tone(1000), 1.0)
    assert it.statuses[-1].slips >= 2
    assert np.abs(it.reading("ratio_ppm")).max() <= 5000.01
    assert_smooth(it.heard)


def test_how_the_blocks_are_read_does_not_matter():
    wholes, parts = (run(Card(200), Card(), 12, 17, tone(1000), 1.0, parts=parts) for parts in (1, 7))
    assert len(wholes.heard) > 10 * RATE_HZ
    assert np.array_equal(wholes.heard, parts.heard)


def test_a_poisoned_sample_stays_one_sample():
    def poisoned(numbers: np.ndarray) -> np.ndarray:
        block = tone(1000)(numbers)
        block[numbers % 4000 == 0, 0], block[numbers % 4000 == 2000, 1] = np.nan, -np.inf
        return block

    it = run(Card(50), Card(), 5, 18, poisoned, 1.0)
    assert np.isfinite(it.heard).all()
    assert np.abs(it.heard).max() < 1.3
    assert 100 <= it.statuses[-1].nonfinite_samples <= 120


def test_silence_is_silence():
    it = run(Card(200), Card(), 5, 19, listen_from_s=0.0)
    assert not it.heard.any()
    assert len(it.heard) > 4 * RATE_HZ
