"""The built-in programme: what it promises about itself, measured with instruments that are not the product."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from instruments import loudness_meter as meter
from instruments.true_peak_meter import true_peak_dbtp

from masterd.daemon.sources import demo
from masterd.daemon.sources.demo import BARS, DemoProgramme, band, calm, hot, silence, speech

RATES = (44100, 48000, 192000)


def once(rate: int) -> np.ndarray:
    programme = DemoProgramme(rate, loop=False)
    return np.concatenate([programme.read(rate) for _ in range(programme.frames // rate)])


@pytest.fixture(scope="module")
def whole() -> np.ndarray:
    return once(44100)


def passages(whole: np.ndarray, which, level_db: float | None = None) -> np.ndarray:
    """All bars of one passage, without those right after another passage, which still rings."""
    bars = whole.reshape(len(BARS), -1, 2)
    inside = [i for i in range(1, len(BARS)) if BARS[i] == BARS[i - 1] and BARS[i][0] is which and level_db in (None, BARS[i][1])]
    return bars[inside].reshape(-1, 2).astype(float)


def loudness(audio: np.ndarray) -> float:
    return meter.integrated(meter.bins(audio, 44100))


def test_four_minutes_once_through(whole):
    assert len(whole) == DemoProgramme(44100).frames == 240 * 44100
    assert whole.dtype == np.float32
    assert np.abs(whole).max() <= 1


def test_is_one_signal_whatever_the_block_size(whole):
    programme, seed = DemoProgramme(44100), 20261123
    print("seed", seed)
    random, at = np.random.default_rng(seed), 0
    while at < 20 * 44100:
        block = programme.read(int(random.integers(1, 60000)))
        assert np.array_equal(block, whole[at : at + len(block)])
        at += len(block)


def test_every_round_is_alike(whole):
    """The last bars, and then the first again."""
    programme = DemoProgramme(44100)
    programme._bar = len(BARS) - 3
    assert np.array_equal(programme.read(6 * 44100)[-2 * 44100 :], whole[-2 * 44100 :])
    assert np.array_equal(programme.read(10 * 44100), whole[: 10 * 44100])


def test_ends_without_loop():
    programme = DemoProgramme(44100, loop=False)
    programme._bar = len(BARS) - 1
    assert len(programme.read(3 * 44100)) == 2 * 44100
    assert programme.read(100).shape == (0, 2)


def test_levels_jump_by_15_db(whole):
    for passage in (band, speech):
        assert loudness(passages(whole, passage, 0)) - loudness(passages(whole, passage, -15)) == pytest.approx(15, abs=2)


def test_speech_is_as_loud_as_broadcast_speech_and_pauses(whole):
    audio = passages(whole, speech, 0)
    assert loudness(audio) == pytest.approx(-21, abs=3)
    syllables = meter.bins(audio, 44100)
    assert 0.1 < np.mean(meter.lufs(syllables) < loudness(audio) - 25) < 0.5  # the breaths between


def test_speech_moves_at_the_pace_of_syllables(whole):
    envelope = np.sqrt(meter.bins(passages(whole, speech, 0), 44100))
    power = np.abs(np.fft.rfft(envelope - envelope.mean())) ** 2
    pace_hz = np.fft.rfftfreq(len(envelope), 0.01)
    octaves = [power[(pace_hz >= low) & (pace_hz < 2 * low)].sum() for low in (0.75, 1.5, 3, 6, 12)]
    assert np.argmax(octaves) == 2


def test_music_is_wide_and_speech_is_in_the_middle(whole):
    def width_db(audio: np.ndarray) -> float:
        middle, side = audio.sum(axis=1), audio[:, 0] - audio[:, 1]
        return 10 * np.log10(np.mean(side**2) / np.mean(middle**2))

    assert -15 < width_db(passages(whole, calm)) < 0
    assert width_db(passages(whole, speech)) < -15


def test_hot_peaks_go_over_full_scale_between_the_samples(whole):
    audio = passages(whole, hot)[: 10 * 44100]
    assert 1 < true_peak_dbtp(audio) < 4
    assert np.abs(audio).max() <= 1


def test_silence_is_digital(whole):
    assert not passages(whole, silence).any()


@pytest.mark.parametrize("rate", RATES)
def test_sounds_alike_at_every_rate(whole, rate):
    """The first words and the hot passage, as loud as at 44.1 kHz and over full scale at every rate."""
    first = meter.bins(DemoProgramme(rate).read(8 * rate).astype(float), rate)
    assert meter.integrated(first) == pytest.approx(loudness(whole[: 8 * 44100].astype(float)), abs=1.5)
    programme = DemoProgramme(rate)
    programme._bar = next(i for i, (passage, _) in enumerate(BARS) if passage is hot)
    assert true_peak_dbtp(programme.read(2 * rate)[: rate // 2].astype(float)) > 1


def test_has_no_clicks_at_the_bars(whole):
    """The step from bar to bar is no larger than steps are inside."""
    frames = 2 * 44100
    steps = np.abs(np.diff(whole.astype(float), axis=0)).max(axis=1)
    for bar in range(1, len(BARS)):
        if BARS[bar][0] in (calm, speech) and BARS[bar - 1][0] in (calm, speech):
            around = steps[bar * frames - 44100 : bar * frames + 44100].max()
            assert steps[bar * frames - 1] <= 0.2 * around + 1e-4


def test_only_the_bar_being_played_is_kept():
    programme = DemoProgramme(48000)
    programme.read(1)
    held = sum(value.nbytes for value in vars(programme).values() if isinstance(value, np.ndarray))
    assert held < 4 * demo.BAR_SECONDS * 48000 * 16


def test_a_bar_is_ready_before_it_is_needed():
    """Made in a thread of its own while the one before it plays: reading never waits as long as making takes."""
    programme = DemoProgramme(48000)
    programme._bar = next(i for i, (passage, _) in enumerate(BARS) if passage is hot)
    programme.read(1)
    ahead = programme._ahead
    assert ahead
    made = ahead.result(20)
    assert programme.read(2 * 48000 - 1 + 512).shape == (2 * 48000 + 511, 2)
    assert np.shares_memory(programme._ready, made)
    programme.close()


def test_closed_it_leaves_no_thread_behind():
    programme = DemoProgramme(48000)
    programme.read(1)
    makers = [thread for thread in threading.enumerate() if thread in programme._maker._threads]
    assert makers
    programme.close()
    for thread in makers:
        thread.join(20)
        assert not thread.is_alive()
