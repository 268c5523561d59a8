"""The stereo repair: what it mends, how soon, and all that it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest
from instruments.kernel import Kernel
from instruments.programme import music, pink, voice, with_correlation
from instruments.signals import sine
from instruments.spectrum import residual_above_db

from masterd.native import lib

ON = {"input.repair": True}
RATE = 48000


def states(kernel: Kernel, signal: np.ndarray, rate: int = RATE) -> tuple[np.ndarray, list[int]]:
    """The output, and what is being mended from the start and after every 10 ms."""
    out, found = [], [lib.REPAIR_NONE]
    for at in range(0, len(signal), rate // 100):
        out.append(kernel(signal[at : at + rate // 100]))
        found.append(kernel.state.repair.repaired)
    return np.concatenate(out), found


def inverted(signal: np.ndarray) -> np.ndarray:
    return signal * [1, -1]


def centred(seconds: float, rms_dbfs: float = -20) -> np.ndarray:
    """Stereo as it is made: much in the middle."""
    return with_correlation(seconds, 0.93, rms_dbfs)


@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
def test_an_inverted_feed_is_turned(rate):
    signal = inverted(with_correlation(5 * rate / RATE, 0.93))
    out, found = states(Kernel("input", rate, ON), signal, rate)
    at_s = found.index(lib.REPAIR_INVERTED) / 100
    print(at_s)
    assert 2 <= at_s <= 2.2
    settled = round((at_s + 0.1) * rate)
    assert np.array_equal(out[settled:], inverted(signal)[settled:])
    assert np.array_equal(out[: round((at_s - 0.02) * rate)], signal[: round((at_s - 0.02) * rate)])


def test_it_returns_when_the_feed_is_sound_again():
    signal = centred(12)
    signal[: 5 * RATE] = inverted(signal[: 5 * RATE])
    out, found = states(Kernel("input", values=ON), signal)
    assert found[450] == lib.REPAIR_INVERTED
    back_s = found.index(lib.REPAIR_NONE, 450) / 100
    print(back_s - 5)
    assert 1 <= back_s - 5 <= 2.5
    assert np.array_equal(out[8 * RATE :], signal[8 * RATE :])


@pytest.mark.parametrize("lost", [0, 1])
@pytest.mark.parametrize("rest_db", [-45, -80, -400])
def test_a_lost_channel_gets_the_other(lost, rest_db):
    signal = centred(8)
    signal[RATE : 5 * RATE, lost] *= 10 ** (rest_db / 20)
    out, found = states(Kernel("input", values=ON), signal)
    at_s = found.index(lib.REPAIR_LEFT_LOST + lost) / 100
    back_s = found.index(lib.REPAIR_NONE, round(100 * at_s)) / 100
    print(at_s - 1, back_s - 5)
    assert 2 <= at_s - 1 <= 2.1
    assert 0.5 <= back_s - 5 <= 0.6
    middle, healthy = slice(round((at_s + 0.1) * RATE), 5 * RATE), slice(round((back_s + 0.1) * RATE), None)
    assert np.array_equal(out[middle, lost], signal[middle, 1 - lost])
    assert np.array_equal(out[middle, 1 - lost], signal[middle, 1 - lost])
    assert np.array_equal(out[healthy], signal[healthy])


@pytest.mark.parametrize("r", [0.75, 0.8, 0.99])
def test_the_middle_need_not_be_all_of_it(r):
    """Inverted stereo with a middle 8 dB and more above the sides; below that it could as well be wide."""
    _, found = states(Kernel("input", values=ON), inverted(with_correlation(6, r)))
    at_s = found.index(lib.REPAIR_INVERTED) / 100
    print(at_s)
    assert 2 <= at_s <= 3.5
    assert found[-1] == lib.REPAIR_INVERTED


@pytest.mark.parametrize("r", [-0.6, -0.5, -0.3, 0, 0.5, 0.9, 1])
def test_noise_of_any_normal_correlation_passes(r):
    signal = with_correlation(40, r)
    out, found = states(Kernel("input", values=ON), signal)
    assert set(found) == {lib.REPAIR_NONE}
    assert np.array_equal(out, signal)


@pytest.mark.parametrize("seed", range(4))
def test_wide_and_restless_music_passes(seed):
    signal = music(30, seed=seed)
    windows = signal[: 30 * RATE].reshape(-1, RATE // 2, 2)
    r = (windows[..., 0] * windows[..., 1]).sum(1) / np.sqrt((windows**2).sum(1).prod(1))
    print(seed, r.min(), r.max())
    out, found = states(Kernel("input", values=ON), signal)
    assert set(found) == {lib.REPAIR_NONE}
    assert np.array_equal(out, signal)


QUIET_S = 10


@pytest.mark.parametrize(
    "signal",
    [
        inverted(pink(QUIET_S, -56)[:, [0, 0]]),
        pink(QUIET_S, -56) * [1, 0],
        np.zeros((QUIET_S * RATE, 2)),
        inverted(centred(QUIET_S)) * [1, 0.3],
        np.concatenate([centred(4), centred(1.5) * [1, 0], centred(2), inverted(centred(1.5)), centred(3)]),
        centred(QUIET_S) * [1, 0.05],
    ],
    ids=["inverted below -50", "lost below -50", "silence", "inverted, unlike levels", "faults too short", "26 dB apart"],
)
def test_left_alone(signal):
    out, found = states(Kernel("input", values=ON), signal)
    assert set(found) == {lib.REPAIR_NONE}
    assert np.array_equal(out, signal)


def test_pauses_neither_count_nor_undo():
    """Speech, inverted, with as much silence as speech: 2 s of speech it takes, and what is mended stays so in the silence."""
    mono = voice(12)
    mono *= np.arange(len(mono)) // (RATE // 2) % 2 == 0
    signal = np.stack([mono, -mono], axis=1)
    out, found = states(Kernel("input", values=ON), signal)
    at_s = found.index(lib.REPAIR_INVERTED) / 100
    print(at_s)
    assert 3 <= at_s <= 4.5
    assert set(found[round(100 * at_s) :]) == {lib.REPAIR_INVERTED}
    assert np.array_equal(out[-RATE:, 0], out[-RATE:, 1])


def test_polarity_of_the_operator_is_part_of_the_feed():
    """What he has turned already is sound; what he turned by mistake is mended."""
    kernel = Kernel("input", values=ON | {"input.invert_right": True})
    _, found = states(kernel, inverted(centred(5)))
    assert set(found) == {lib.REPAIR_NONE}
    kernel = Kernel("input", values=ON | {"input.invert_right": True})
    out, found = states(kernel, centred(5))
    assert found[-1] == lib.REPAIR_INVERTED
    assert np.array_equal(out[-RATE:], centred(5)[-RATE:])


@pytest.mark.parametrize("lost", [0, 1])
def test_a_lost_channel_behind_an_inverted_one_comes_out_alike(lost):
    kernel = Kernel("input", values=ON | {"input.invert_left": True})
    signal = inverted(centred(5))
    signal[:, lost] = 0
    out, _ = states(kernel, signal)
    assert np.array_equal(out[-RATE:, 0], out[-RATE:, 1])
    assert np.abs(out[-RATE:]).max() > 0.1


def test_mending_comes_before_the_channel_mode():
    """An inverted feed turned to mono is still heard."""
    out, _ = states(Kernel("input", values=ON | {"input.channels": "mono"}), inverted(centred(5)))
    assert (out[-RATE:] ** 2).mean() == pytest.approx((centred(5)[-RATE:] ** 2).mean(), rel=0.1)


@pytest.mark.parametrize("fault", [[1, -1], [1, 0], [0, 1]])
def test_mending_does_not_click(fault):
    """200 Hz, above 6 kHz, while the fault is mended and while mending ends by hand."""
    tone = sine(200, 6, -12)
    signal = np.stack([tone, tone], axis=1) * fault
    kernel = Kernel("input", values=ON)
    first, found = states(kernel, signal[: 4 * RATE])
    assert found[-1]
    kernel.set({"input.repair": False})
    out = np.concatenate([first, kernel(signal[4 * RATE :])])
    assert np.array_equal(out[-RATE:], signal[-RATE:])
    for channel in (0, 1):
        found_db = residual_above_db(out[:, channel], 6000)
        print(found_db)
        assert found_db <= -100


def test_it_happens_at_the_same_frame_whatever_the_blocks():
    signal = inverted(centred(4))
    signal[3 * RATE :, 0] = 0
    whole = Kernel("input", values=ON)(signal)
    random = np.random.default_rng(2).integers(1, 900, 2000).tolist()
    assert np.array_equal(Kernel("input", values=ON)(signal, random), whole)
    assert not np.array_equal(whole, signal)


@pytest.mark.parametrize("poison", [np.nan, np.inf, 1e300])
def test_poison_is_no_fault(poison):
    signal = centred(6)
    clean = signal.copy()
    for at in range(1, 6):
        signal[at * RATE, 0] = poison
    with np.errstate(all="ignore"):
        out, found = states(Kernel("input", values=ON), signal)
    assert set(found) == {lib.REPAIR_NONE}
    good = np.arange(len(signal)) % RATE != 0
    assert np.array_equal(out[good], clean[good])
