"""masterd render --linear-phase: the equaliser's magnitudes, no phase, nothing late, everything else as it was."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from instruments.analog import db, designed_response
from instruments.kernel import Kernel
from instruments.rendering import render_file
from instruments.signals import impulse, noise, sine, stereo

from masterd.control.parameters import PARAMETERS, Value, defaults
from masterd.daemon.commands.render import render as command
from masterd.daemon.rendering.linear_phase import LinearPhase, refusals

RATES = (44100, 48000, 96000)
WHOLE = {
    "a bell in the bass": {1: {"frequency_hz": 30, "q": 4, "gain_db": 9}},
    "a narrow cut in the bass": {1: {"frequency_hz": 50, "q": 30, "gain_db": -18}},
    "shelves": {
        1: {"type": "low_shelf", "frequency_hz": 60, "gain_db": 6},
        2: {"type": "high_shelf", "frequency_hz": 12000, "gain_db": -5},
    },
    "the ends cut off": {
        1: {"type": "high_pass", "frequency_hz": 30, "slope_db_per_oct": "48"},
        2: {"type": "low_pass", "frequency_hz": 15000, "slope_db_per_oct": "24"},
    },
    "gentle ends": {
        1: {"type": "high_pass", "frequency_hz": 20, "slope_db_per_oct": "6"},
        2: {"type": "low_pass", "frequency_hz": 18000, "slope_db_per_oct": "6"},
    },
    "ten bells": {
        i: {"frequency_hz": 20 * 2**i, "q": 0.5 + i / 3, "gain_db": 6 * (-1) ** i} for i in range(1, 11) if 20 * 2**i <= 20000
    },
    "tilt, band pass, all pass": {
        1: {"type": "tilt", "gain_db": 4, "frequency_hz": 1000},
        2: {"type": "band_pass", "q": 0.2, "frequency_hz": 800},
        3: {"type": "all_pass", "frequency_hz": 90},
    },
}


def values_of(bands: dict[int, dict[str, Value]], **others: Value) -> dict[str, Value]:
    values = defaults() | others
    for band, settings in bands.items():
        values |= {f"eq.{band}.on": True} | {f"eq.{band}.{name}": value for name, value in settings.items()}
    return {id: PARAMETERS[id].check(value) for id, value in values.items()}


def iir_db(values: dict[str, Value], hz: np.ndarray, rate: float) -> np.ndarray:
    """What the sections of the live equaliser do, whatever channel they work on."""
    kernel = Kernel("eq", rate, values)  # it owns the coefs
    return sum((db(designed_response(band, hz, rate)) for band in kernel.coefs.eq.band if band.sections), np.zeros(len(hz)))


def bins(taps: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies from 20 Hz to 20 kHz, and the real response there, the middle tap being time 0."""
    size = 1 << (2 * len(taps)).bit_length()
    half = len(taps) // 2
    turned = np.zeros(size)
    turned[: half + 1], turned[-half:] = taps[half:], taps[:half]
    spectrum, hz = np.fft.rfft(turned), np.fft.rfftfreq(size, 1 / rate)
    assert np.abs(spectrum.imag).max() < 1e-12
    heard = (hz >= 20) & (hz <= 20000)
    return hz[heard], spectrum.real[heard]


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("rate", RATES)
def test_magnitude_is_the_live_equaliser_s_and_the_phase_is_nothing(name, rate):
    values = values_of(WHOLE[name])
    twin = LinearPhase(rate, values)
    taps = twin.taps[0, 0]
    assert len(taps) >= 32768 * rate / 48000
    assert np.array_equal(taps, taps[::-1])
    hz, response = bins(taps, rate)
    error = np.abs(db(response) - iir_db(values, hz, rate))
    print(name, rate, len(taps), error.max())
    assert response.min() > 0
    assert error.max() <= 0.05
    assert np.array_equal(twin.taps[1, 1], taps)
    assert not twin.taps[0, 1].any()
    assert not twin.taps[1, 0].any()


def filtered(values: dict[str, Value], signal: np.ndarray, blocks: int = 1000) -> np.ndarray:
    return np.concatenate(
        list(LinearPhase(48000, values).filtered(signal[at : at + blocks] for at in range(0, len(signal), blocks)))
    )


def test_a_notch_is_as_deep_as_the_taps_are_long():
    """The magnitude has a corner there that no finite filter has; beside it all is right."""
    values = values_of({1: {"type": "notch", "frequency_hz": 50, "q": 10}})
    hz, response = bins(LinearPhase(48000, values).taps[0, 0], 48000)
    wanted = iir_db(values, hz, 48000)
    assert np.abs(db(response) - wanted)[wanted > -20].max() <= 0.05
    assert db(response)[np.argmin(np.abs(hz - 50))] < -40


@pytest.mark.parametrize("channel", ["left", "right", "mid", "side"])
def test_a_band_on_one_channel_leaves_the_other(channel):
    values = values_of({1: {"frequency_hz": 1000, "gain_db": 12, "channel": channel}})
    taps = LinearPhase(48000, values).taps
    turn = np.array([[0.5, 0.5], [0.5, -0.5]]) if channel in ("mid", "side") else np.eye(2)
    lanes = np.einsum("ao,oif,ib->abf", turn, taps, np.linalg.inv(turn))
    own = 0 if channel in ("left", "mid") else 1
    hz, response = bins(lanes[own, own], 48000)
    assert np.abs(db(response) - iir_db(values, hz, 48000)).max() <= 0.05
    still = lanes[1 - own, 1 - own].copy()
    still[len(still) // 2] -= 1
    assert max(np.abs(still).max(), np.abs(lanes[0, 1]).max(), np.abs(lanes[1, 0]).max()) < 1e-12


def test_bands_on_left_and_then_on_mid_act_in_their_order():
    hz = 700.0
    left, mid = {"frequency_hz": hz, "gain_db": 6, "channel": "left"}, {"frequency_hz": hz, "gain_db": -12, "channel": "mid"}
    values = values_of({1: left, 2: mid})
    tone = sine(hz, 3, -20)
    out = filtered(values, np.stack([tone, np.zeros(len(tone))], axis=1))
    middle = slice(len(tone) // 3, len(tone) // 3 * 2)
    gains = [np.dot(out[middle, i], tone[middle]) / np.dot(tone[middle], tone[middle]) for i in (0, 1)]
    a, m = 10 ** (6 / 20), 10 ** (-12 / 20)
    assert gains == pytest.approx([a * (m + 1) / 2, a * (m - 1) / 2], abs=1e-3)


@pytest.mark.parametrize("frames", [1, 7, 4096, 50000, 300001])
def test_as_many_frames_come_out_and_none_is_late(frames):
    values = values_of({1: {"frequency_hz": 2000, "gain_db": 6}})
    signal = noise(300001 / 48000)[:frames]
    out = filtered(values, signal)
    assert out.shape == signal.shape
    taps = LinearPhase(48000, values).taps[0, 0]
    at = min(frames - 1, 20000)
    low, high = max(0, at - len(taps) // 2), min(frames, at + len(taps) // 2 + 1)
    wanted = taps[len(taps) // 2 - (at - low) : len(taps) // 2 + (high - at)] @ signal[low:high]
    assert np.abs(out[at] - wanted).max() < 1e-12


def test_block_sizes_change_nothing_to_speak_of():
    values, signal = values_of(WHOLE["ten bells"]), noise(5)
    assert np.abs(filtered(values, signal, 64) - filtered(values, signal, 77777)).max() < 1e-12


def rendered(tmp_path, audio: np.ndarray, values: dict[str, Value], linear_phase: bool) -> np.ndarray:
    soundfile.write(tmp_path / "in.wav", audio, 48000, "DOUBLE")
    render_file(tmp_path / "in.wav", tmp_path / "out.wav", values, "32f", force=True, linear_phase=linear_phase)
    return soundfile.read(tmp_path / "out.wav", always_2d=True)[0]


def test_a_rendered_impulse_stands_where_it_stood_and_rings_evenly(tmp_path):
    audio = impulse(90001, 45000) * 0.1
    out = rendered(tmp_path, audio, values_of(WHOLE["a bell in the bass"]), True)[:, 0]
    assert np.argmax(np.abs(out)) == 45000
    assert np.abs(out - out[::-1]).max() < 1e-8
    assert np.abs(out[:40000]).max() > 1e-6


def test_the_rest_of_the_chain_is_the_same(tmp_path):
    """With a flat equaliser the two ways agree, though everything around it works."""
    busy = values_of(
        {}, **{"input.trim_db": 4, "input.subsonic": True, "agc.on": True, "compressor.on": True, "limiter.drive_db": 9}
    )
    audio = noise(3, -10)
    plain, linear = rendered(tmp_path, audio, busy, False), rendered(tmp_path, audio, busy, True)
    assert np.abs(plain - linear).max() < 2e-7


def test_what_moves_is_refused(tmp_path):
    moving = values_of({3: {"dynamic": True}, 5: {"dynamic": True, "type": "tilt"}})
    assert refusals(moving) == [
        "eq.3.dynamic: a band that moves with the level cannot be linear in phase; set eq.3.dynamic=false"
    ]
    assert not refusals(moving | {"eq.on": False})
    assert refusals(values_of({}, **{"bypass.on": True}))
    soundfile.write(tmp_path / "in.wav", stereo(sine(100, 0.1)), 48000)
    arguments = [
        str(tmp_path / "in.wav"),
        "-o",
        str(tmp_path / "out.wav"),
        "--linear-phase",
        "--set",
        "eq.3.on=true",
        "--set",
        "eq.3.dynamic=true",
    ]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 1
    assert "eq.3.dynamic" in done.output
    assert not (tmp_path / "out.wav").exists()
    done = CliRunner().invoke(command, arguments[:4])
    assert done.exit_code == 0, done.output
