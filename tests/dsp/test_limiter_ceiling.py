"""The one promise: nothing leaves above the ceiling, by an instrument that is not ours."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.hot_signals import HOT, hot, random_hot
from instruments.kernel import RAMP_FRAMES, Kernel
from instruments.true_peak_meter import peak_after_each_frame, true_peak_dbtp

RATES = (44100, 48000, 96000, 192000)
LATENCIES = ("normal", "low")
DENSE = ("balanced", "loud")
CEILING_DBTP = -1.0
TAIL = np.zeros((3000, 2))  # longer than any latency: the signal's end must come out too


def linear(level_db: float) -> float:
    return float(10 ** (level_db / 20))


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", HOT)
def test_hard_signals_12_db_too_loud(name, rate, latency):
    limiter = Kernel("limiter", rate, {"limiter.drive_db": 12, "limiter.ceiling_dbtp": CEILING_DBTP}, latency)
    out = limiter(np.vstack([hot(name, 1.2, rate), TAIL]))
    over_db = true_peak_dbtp(out) - CEILING_DBTP
    print(f"{name} at {rate} {latency}: true peak {over_db:+.4f} dB from the ceiling")
    assert over_db <= 0
    assert np.abs(out).max() <= linear(CEILING_DBTP)


@pytest.mark.parametrize("mode", DENSE)
@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("rate", [44100, 96000])
@pytest.mark.parametrize("name", HOT)
def test_hard_signals_in_the_dense_modes(name, rate, latency, mode):
    settings = {"limiter.drive_db": 12, "limiter.ceiling_dbtp": CEILING_DBTP, "limiter.mode": mode}
    out = Kernel("limiter", rate, settings, latency)(np.vstack([hot(name, 0.6, rate), TAIL]))
    over_db = true_peak_dbtp(out[:, 0]) - CEILING_DBTP
    print(f"{name} at {rate} {latency} {mode}: true peak {over_db:+.4f} dB from the ceiling")
    assert over_db <= 0
    assert np.abs(out).max() <= linear(CEILING_DBTP)


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("rate", [44100, 48000])
@pytest.mark.parametrize("hold_ms", [0, 10])
def test_a_single_worst_case_out_of_rest_30_db_too_loud(rate, latency, hold_ms):
    """Every sample of 128 pushes the same midpoint up, and the gain falls from 1 within the look-ahead: nothing is steeper."""
    at = np.arange(-64, 64) + 0.5
    signal = np.zeros((12000, 2))
    signal[6000:6128] = np.sign(np.sinc(at))[:, None]
    settings = {
        "limiter.drive_db": 24,
        "limiter.ceiling_dbtp": CEILING_DBTP,
        "limiter.hold_ms": hold_ms,
        "limiter.release_ms": 10,
    }
    over_db = true_peak_dbtp(Kernel("limiter", rate, settings, latency)(signal)) - CEILING_DBTP
    print(f"{rate} {latency} hold {hold_ms}: {over_db:+.4f} dB from the ceiling")
    assert over_db <= 0


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("rate", [44100, 48000])
def test_random_hard_signals_under_random_settings(rate, latency):
    seed = 4120 + rate
    print("seed", seed)
    random, worst_db = np.random.default_rng(seed), -np.inf
    for _ in range(30):
        settings = {
            "limiter.drive_db": random.uniform(3, 24),
            "limiter.ceiling_dbtp": CEILING_DBTP,
            "limiter.hold_ms": random.uniform(0, 15),
            "limiter.release_ms": random.uniform(10, 100),
            "limiter.mode": random.choice(["transparent", *DENSE]).item(),
        }
        out = Kernel("limiter", rate, settings, latency)(np.vstack([random_hot(random, 12000), TAIL]))
        worst_db = max(worst_db, true_peak_dbtp(out[:, 0]) - CEILING_DBTP)
    print(f"{rate} {latency}: {worst_db:+.4f} dB from the ceiling")
    assert worst_db <= 0


@pytest.mark.parametrize("latency", LATENCIES)
def test_sparse_random_spikes_under_random_settings(latency):
    """Spikes of up to +60 dB at random distances: no sample above the ceiling, not by one bit."""
    seed = 20261123
    print("seed", seed)
    random = np.random.default_rng(seed)
    for _ in range(40):
        ceiling_dbtp = random.uniform(-12, 0)
        settings = {
            "limiter.drive_db": random.uniform(0, 24),
            "limiter.ceiling_dbtp": ceiling_dbtp,
            "limiter.hold_ms": random.uniform(0, 50),
            "limiter.release_ms": random.uniform(10, 1000),
            "limiter.release_slow_ms": random.uniform(100, 5000),
            "limiter.mode": random.choice(["transparent", *DENSE]).item(),
        }
        spikes = (random.random((9600, 2)) < 10 ** random.uniform(-4, -0.5)) * random.standard_normal((9600, 2))
        out = Kernel("limiter", 48000, settings, latency)(spikes * linear(random.uniform(-20, 60)))
        assert np.abs(out).max() <= linear(ceiling_dbtp)


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("name", ["noise below 20 kHz", "music", "drums"])
def test_no_over_while_mode_drive_ceiling_and_hold_move_every_100_ms(name, latency):
    """Every frame obeys the ceiling that was valid when it entered; the ceiling ramps linearly over RAMP_FRAMES."""
    seed = 38
    print("seed", seed)
    random = np.random.default_rng(seed)
    rate, step = 48000, 4800
    limiter = Kernel("limiter", rate, {"limiter.drive_db": 10}, latency)
    signal = np.vstack([hot(name, 3, rate), TAIL])
    ramp = np.minimum(np.arange(1, step + 1) / RAMP_FRAMES, 1)
    now = target = linear(CEILING_DBTP)
    out, ceilings = [], []
    for at in range(0, len(signal), step):
        part = signal[at : at + step]
        out.append(limiter(part, random.integers(1, 600, len(part)).tolist()))
        ceilings.append((now + (target - now) * ramp)[: len(part)])
        ceiling_dbtp = random.uniform(-12, 0)
        now, target = target, linear(ceiling_dbtp)
        drive_db, hold_ms = random.uniform(0, 24), random.uniform(0, 50)
        mode = random.choice(["transparent", *DENSE]).item()
        moved = {"limiter.drive_db": drive_db, "limiter.ceiling_dbtp": ceiling_dbtp, "limiter.hold_ms": hold_ms}
        limiter.set(moved | {"limiter.mode": mode})
    delay = limiter.latency_frames
    played, ceiling = np.concatenate(out)[delay:], np.concatenate(ceilings)[: len(signal) - delay]
    assert (np.abs(played) <= ceiling[:, None] * (1 + 1e-9)).all()
    between = np.maximum(ceiling, np.append(ceiling[1:], ceiling[-1]))
    over_db = 20 * np.log10(max((peak_after_each_frame(channel) / between).max() for channel in played.T))
    print(f"{name} {latency}: {over_db:+.4f} dB from the moving ceiling")
    assert over_db <= 0
