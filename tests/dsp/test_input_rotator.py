"""The phase rotator: flat, symmetric, and switched without a sound."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.analog import db
from instruments.kernel import Kernel
from instruments.programme import voice
from instruments.signals import noise, sine
from instruments.spectrum import residual_above_db

ON = {"input.phase_rotator": True}


@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
def test_four_first_order_all_passes_at_200_hz(rate):
    impulse = np.zeros((rate, 2))
    impulse[0] = 1
    out = np.fft.rfft(Kernel("input", rate, ON)(impulse)[:, 0])[:-1]
    t = 1j * np.tan(np.pi * np.fft.rfftfreq(rate, 1 / rate)[:-1] / rate) / np.tan(np.pi * 200 / rate)
    print(np.abs(db(out)).max())
    assert np.abs(db(out)).max() <= 1e-9
    assert np.abs(out - ((1 - t) / (1 + t)) ** 4).max() < 1e-10
    assert out[200] == pytest.approx(1, abs=1e-9)  # 4 times -90 degrees


def asymmetry_db(mono: np.ndarray) -> float:
    return float(20 * np.log10(mono.max() / -mono.min()))


@pytest.mark.parametrize("pitch_hz", [90, 120, 180, 230])
def test_the_peaks_of_a_voice_become_alike(pitch_hz):
    mono = voice(3, pitch_hz=pitch_hz)
    out = Kernel("input", values=ON)(np.stack([mono, mono], axis=1))[48000:, 0]
    before, after = asymmetry_db(mono[48000:]), asymmetry_db(out)
    print(before, after)
    assert before > 8
    assert abs(after) < before / 2
    assert np.abs(out).max() < np.abs(mono).max()
    assert (out**2).mean() == pytest.approx((mono[48000:] ** 2).mean(), rel=5e-3)


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("start", [{}, ON], ids=["on", "off"])
def test_switching_does_not_click(start, back):
    tone = np.stack([sine(200, 0.6, -6), sine(500, 0.6, -12)], axis=1)
    kernel = Kernel("input", values=start)
    parts = [kernel(tone[:14400])]
    kernel.set({"input.phase_rotator": not start}, 960)
    parts.append(kernel(tone[14400:14800]))
    if back:
        kernel.set({"input.phase_rotator": bool(start)}, 960)
    parts.append(kernel(tone[14800:]))
    out = np.concatenate(parts)[4800:]
    found = max(residual_above_db(out[:, channel], 6000) for channel in (0, 1))
    print(found)
    assert found <= -90


def test_off_settles_to_the_very_bits():
    kernel, signal = Kernel("input", values=ON), noise(0.2)
    assert not np.array_equal(kernel(signal), signal)
    kernel.set({"input.phase_rotator": False}, 700)
    assert np.array_equal(kernel(signal)[700:], signal[700:])
