"""Decibels with a floor: what a client can draw without asking whether it is a number."""

import dataclasses
import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, strategies as st
from instruments.signals import sine, stereo

from masterd.control.parameters import defaults
from masterd.control.protocol import METERS_TOPIC, SILENCE_DB, decode_meters
from masterd.daemon import meters
from masterd.daemon.engine import Engine, PointMeters
from masterd.daemon.levels import LevelsBook, LevelsReading
from masterd.daemon.loudness import LoudnessReading
from masterd.daemon.meters import MeterDesk

QUIET = LoudnessReading(-math.inf, math.nan, -math.inf, math.nan, -math.inf, -math.inf, 0.0, False)
NOWHERE = LevelsBook().read(-200.0)
PAIRS = st.tuples(*[st.floats(allow_nan=True, allow_infinity=True)] * 2)


@pytest.mark.parametrize(
    ("amplitude", "db"),
    [(1, 0), (0.5, -6.0206), (10, 20), (0, -200), (1e-300, -200), (-1, -200), (math.inf, 200), (math.nan, -200)],
)
def test_level(amplitude, db):
    assert meters.level_db(amplitude) == pytest.approx(db, abs=1e-4)


@pytest.mark.parametrize(("power", "db"), [(1, 0), (0.5, -3.0103), (0, -200), (math.nan, -200), (math.inf, 200)])
def test_power(power, db):
    assert meters.power_db(power) == pytest.approx(db, abs=1e-4)


def numbers(value):
    if isinstance(value, dict):
        for it in value.values():
            yield from numbers(it)
    elif isinstance(value, list):
        for it in value:
            yield from numbers(it)
    elif isinstance(value, float):
        yield value


@given(PAIRS, PAIRS, PAIRS, st.floats(), st.floats())
def test_whatever_is_measured_every_number_sent_is_finite(peak, true_peak, power, loudness, load):
    reading = LoudnessReading(*[loudness] * 6, 0.0, False)
    wild = LevelsReading(*[loudness] * 3, peak, power, *[load] * 6, true_peak)
    desk = MeterDesk("boot")
    engine = Engine(48000, "normal", defaults())
    engine.attach()
    engine.process(np.zeros((64, 2), np.float32))
    now = engine.collect()
    now = dataclasses.replace(now, input=PointMeters(peak, true_peak, power))
    desk.take(now)
    frame = meters.frame(desk.message(now, (reading, QUIET), (wild, NOWHERE), load))
    raw = msgspec.msgpack.decode(frame[len(METERS_TOPIC) :])
    assert all(math.isfinite(it) and it >= SILENCE_DB for it in numbers(raw))
    decode_meters(frame[len(METERS_TOPIC) :])


def test_a_sine_reads_what_it_is():
    """-6 dBFS peak is -9.03 dBFS RMS; the sum over both messages loses no peak."""
    engine = Engine(48000, "normal", defaults())
    engine.attach()
    engine.gate(True, 0)
    desk = MeterDesk("boot")
    programme = np.ascontiguousarray(stereo(sine(997, 1.0, -6.0206)), dtype=np.float32)
    for at in range(0, len(programme), 512):
        engine.process(np.ascontiguousarray(programme[at : at + 512]))
    now = engine.collect()
    desk.take(now)
    message = desk.message(now, (QUIET, QUIET), (NOWHERE, NOWHERE), 1.0)
    assert message.input.sample_peak_dbfs == pytest.approx((-6.02, -6.02), abs=0.01)
    assert message.input.rms_dbfs == pytest.approx((-9.03, -9.03), abs=0.01)
    assert message.frames == 48000
    later = desk.message(None, (QUIET, QUIET), (NOWHERE, NOWHERE), 1.0)
    assert later.input.sample_peak_dbfs == (SILENCE_DB, SILENCE_DB), "nothing was processed since"
    assert later.frames == 48000, "counters stay"
    assert later.input.true_peak_max_dbtp == pytest.approx(max(message.input.true_peak_dbtp)), "the maximum stays"
    assert later.seq == message.seq + 1
    desk.reset()
    assert desk.message(None, (QUIET, QUIET), (NOWHERE, NOWHERE), 1.0).input.true_peak_max_dbtp == SILENCE_DB


def test_before_the_first_block_there_is_silence():
    message = MeterDesk("boot").message(None, (QUIET, QUIET), (NOWHERE, NOWHERE), math.nan)
    assert (message.blocks, message.load_percent, message.output.integrated_lufs) == (0, 0.0, SILENCE_DB)
    assert message.output.loudness_range_lu == 0.0


def test_a_dynamic_band_shows_what_it_adds_now_and_a_static_one_nothing():
    """A tone of -20 dBFS, 20 dB over the threshold, ratio 2: 10 dB down in the band that hears it."""
    heard = {"eq.3.on": True, "eq.3.dynamic": True, "eq.3.frequency_hz": 1000, "eq.3.threshold_db": -40, "eq.3.range_db": -24}
    static = {"eq.5.on": True, "eq.5.gain_db": 6, "eq.5.frequency_hz": 1000}
    engine, desk = Engine(48000, "normal", defaults() | heard | static), MeterDesk("boot")
    engine.attach()
    assert desk.message(None, (QUIET, QUIET), (NOWHERE, NOWHERE), 0.0).eq_offset_db == (0.0,) * 16
    engine.process(np.ascontiguousarray(stereo(sine(1000, 1.0, -20)), dtype=np.float32))
    now = engine.collect()
    desk.take(now)
    shown = desk.message(now, (QUIET, QUIET), (NOWHERE, NOWHERE), 1.0).eq_offset_db
    assert shown[2] == pytest.approx(-10, abs=0.1)
    assert shown[:2] + shown[3:] == (0.0,) * 15
