"""The monitor: each simulation by its measured response, and what is on air arriving at an output of its own."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from instruments.daemon import Daemon
from instruments.on_air import eventually, on_air
from instruments.tape import Reel

from masterd.control.errors import UnknownSimulation
from masterd.daemon.air import AirSettings
from masterd.daemon.engine import Engine
from masterd.daemon.monitor import MARGIN_MS, Monitor
from masterd.daemon.translation import NAMES, simulation

RATE_HZ = 48000
RESPONSES_DB = {
    # hertz: dB against 1 kHz unless said otherwise; two tones an octave apart show a slope
    "direct": {30: 0, 100: 0, 10000: 0, 18000: 0},
    "mono": {30: 0, 10000: 0},
    "phone": {125: -52, 250: -28, 4000: -3.3},
    "laptop": {110: -22, 2000: -2.6, 10000: 1.3},
    "smart_speaker": {40: -23.5, 120: 2.3, 16000: -2.9},
    "earbuds": {40: -6.7, 16000: -2.5},
    "car": {30: 7.8, 300: -3.9},
    "tv": {75: -24, 16000: -1.8},
    "club": {30: 5.6, 1000: 0},
    "am": {50: -18.2, 9000: -48},
}
TOLERANCE_DB = 1.0


def heard(name: str, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    engine = Engine(RATE_HZ, "low", simulation(name).values)
    engine.attach()
    engine.gate(True, 0)
    left, right = left.copy(), right.copy()
    engine.process_double(left, right)
    return left, right


def level_db(name: str, frequency_hz: float) -> float:
    """Of a quiet tone on both sides, by correlation over its second half."""
    phase = 2 * np.pi * frequency_hz * np.arange(RATE_HZ) / RATE_HZ
    left, _ = heard(name, 0.01 * np.sin(phase), 0.01 * np.sin(phase))
    half = slice(RATE_HZ // 2, None)
    return 20 * np.log10(2 * abs(np.mean(left[half] * np.exp(-1j * phase[half]))) / 0.01)


@pytest.mark.parametrize("name", NAMES)
def test_a_simulation_has_the_response_it_describes(name):
    reference_db = level_db(name, 1000)
    measured = {hertz: round(level_db(name, hertz) - reference_db, 1) for hertz in RESPONSES_DB[name]}
    print(name, measured)
    for hertz, expected_db in RESPONSES_DB[name].items():
        assert abs(measured[hertz] - expected_db) <= TOLERANCE_DB, (hertz, measured)


@pytest.mark.parametrize("name", ["mono", "phone", "smart_speaker", "am"])
def test_one_loudspeaker_has_one_side(name):
    rng = np.random.default_rng(3)
    left, right = heard(name, 0.1 * rng.standard_normal(RATE_HZ), 0.1 * rng.standard_normal(RATE_HZ))
    assert np.array_equal(left, right)
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ) / RATE_HZ)
    assert np.abs(heard(name, tone, -tone)[0]).max() < 1e-12, "what is in the sides alone is gone"


def test_there_is_no_other():
    assert set(RESPONSES_DB) == set(NAMES)
    with pytest.raises(UnknownSimulation, match="direct, mono, phone"):
        simulation("../factory/flat")


class Tone:
    """A source without end: 0.5 at 1 kHz."""

    def __init__(self, sample_rate_hz: float) -> None:
        self.sample_rate_hz, self._at = sample_rate_hz, 0

    def read(self, frames: int) -> np.ndarray:
        phase = 2 * np.pi * 1000 / self.sample_rate_hz * np.arange(self._at, self._at + frames)
        self._at += frames
        return 0.5 * np.sin(phase)[:, None].repeat(2, axis=1).astype(np.float32)

    def close(self) -> None:
        pass


def test_what_is_on_air_arrives_whole_at_another_clock():
    """Both are ordinary threads, late by milliseconds: the ratio is still finding itself, but nothing is missing or clicks."""
    reel = Reel()
    settings = AirSettings(host="simulated", sample_rate_hz=RATE_HZ, block_frames=256, alone=Tone)
    with on_air(settings) as it:
        monitor = Monitor(it.air, settings, lambda event: None, open_sink=lambda rate_hz: reel)
        monitor.start()
        try:
            it.wait_for("running")
            eventually(lambda: len(reel.blocks) > 400)
            status = monitor.status()
            monitor.hear("phone", 6)
            assert monitor.status().simulation == "phone"
            with pytest.raises(UnknownSimulation):
                monitor.hear("telephone")
            assert monitor.status().simulation == "phone"
            eventually(lambda: len(reel.blocks) > 500)
        finally:
            monitor.stop()
    print(status)
    heard = reel.stereo[: 400 * 256].astype(float)
    begins = int(np.argmax(np.abs(heard[:, 0]) > 0.49))
    curvature = 0.5 * (2 * np.pi * 1000 / RATE_HZ) ** 2
    assert 0 < begins < 2 * RATE_HZ, "once both clocks are known"
    assert np.abs(np.diff(heard, 2, axis=0)).max() < 1.05 * curvature
    assert abs(np.abs(heard[begins:]).max() - 0.5) < 0.001
    assert status.delay_ms > MARGIN_MS


def test_another_sample_rate_than_the_air_has_is_said():
    settings = AirSettings(host="simulated", sample_rate_hz=RATE_HZ, block_frames=256)
    with on_air(settings) as it:
        monitor = Monitor(it.air, replace(settings, sample_rate_hz=44100), lambda event: None)
        monitor.start()
        try:
            eventually(lambda: "the air runs at 48000 Hz and the monitor at 44100 Hz" in monitor.status().reason)
        finally:
            monitor.stop()


def test_a_daemon_lets_everybody_choose_the_loudspeaker(tmp_path):
    config = f'[monitor]\non = true\nhost = "simulated"\npath = "{tmp_path / "heard.wav"}"\nsimulation = "car"\n'
    with Daemon(config=config) as daemon:
        before = daemon.ask(op="monitor")["result"]
        assert (before["simulation"], before["dim_db"], before["host"]) == ("car", 0.0, "simulated")
        assert set(before["simulations"]) == set(NAMES)
        values = daemon.ask(op="get")["result"]
        after = daemon.ask(op="monitor.hear", simulation="club", dim_db=12)["result"]
        assert (after["simulation"], after["dim_db"]) == ("club", 12.0)
        for wrong, code in (({"simulation": "moon"}, "unknown_simulation"), ({"simulation": "tv", "dim_db": -1}, "bad_request")):
            assert daemon.ask(op="monitor.hear", **wrong)["error"]["code"] == code
        assert daemon.ask(op="monitor")["result"]["simulation"] == "club"
        assert daemon.ask(op="get")["result"] == values, "the air knows nothing of it"
        time.sleep(0.5)
    assert (tmp_path / "heard.wav").stat().st_size > 44 + 0.2 * RATE_HZ * 8


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ('on = true\nhost = "portaudio"', "name a sound card of its own"),
        ('on = true\nhost = "simulated"\nsimulation = "moon"', "no simulation 'moon'"),
        ('on = true\nhost = "simulated"\npath = "heard.mp3"', "must end in .wav or .flac"),
    ],
)
def test_a_monitor_that_cannot_be_is_refused_at_the_start(table, why):
    with pytest.raises(AssertionError, match=why), Daemon(config=f"[monitor]\n{table}\n"):
        pass
