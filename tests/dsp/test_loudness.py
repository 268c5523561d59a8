"""The K-weighting and the 10 ms bins: response, calibration, bookkeeping of the journal, robustness."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from instruments import loudness_meter as meter
from instruments.loudness_kernel import Book, Weigher
from instruments.signals import noise, sine, stereo

from masterd.native import ffi, lib

RATES = (44100, 48000, 88200, 96000, 176400, 192000)
GOLDEN_K_DB = {
    25: -10.393,
    50: -3.934,
    100: -1.134,
    200: -0.265,
    500: 0.042,
    997: 0.691,
    2000: 3.071,
    4000: 3.968,
    10000: 4.042,
    20000: 4.043,
}
GOLDEN_SINE_LUFS = {25: -14.094, 100: -4.835, 500: -3.659, 997: -3.010, 2000: -0.630, 10000: 0.341}
JOURNAL = lib.LOUDNESS_JOURNAL_BINS


def response_db(rate: float, frequency_hz: np.ndarray) -> np.ndarray:
    """From the kernel's own coefficients."""
    coefs = Weigher(rate).coefs
    z = np.exp(-2j * np.pi * frequency_hz / rate)
    gain = np.ones_like(z)
    for stage in coefs.stage:
        gain *= (stage.b[0] + stage.b[1] * z + stage.b[2] * z**2) / (1 + stage.a[0] * z + stage.a[1] * z**2)
    return 20 * np.log10(np.abs(gain))


def test_the_table_of_the_standard_at_48_khz():
    coefs = Weigher(48000).coefs
    for stage, (b, a) in zip(coefs.stage, meter.TABLE, strict=True):
        assert list(stage.b) == pytest.approx(b, abs=1e-14)
        assert list(stage.a) == pytest.approx(a[1:], abs=1e-14)


@pytest.mark.parametrize("rate", RATES)
def test_response_follows_the_table_at_every_rate(rate):
    frequency_hz = np.geomspace(20, 20000, 4000)
    error_db = np.abs(response_db(rate, frequency_hz) - meter.k_response_db(frequency_hz)).max()
    print(f"K-weighting at {rate}: {error_db:.4f} dB")
    assert error_db <= 0.01


@pytest.mark.parametrize("rate", RATES)
def test_golden_response(rate):
    frequency_hz = np.array(list(GOLDEN_K_DB))
    assert response_db(rate, frequency_hz) == pytest.approx(list(GOLDEN_K_DB.values()), abs=0.01)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("frequency_hz", GOLDEN_SINE_LUFS)
def test_full_scale_sine_on_one_channel(rate, frequency_hz):
    tone = sine(frequency_hz, 4, 0, rate)
    reading = Book().add(Weigher(rate).bins(stereo(tone, 0 * tone))).read()
    assert reading.short_term_lufs == pytest.approx(GOLDEN_SINE_LUFS[frequency_hz], abs=0.02)


@pytest.mark.parametrize("rate", RATES)
def test_calibration(rate):
    """1 kHz at -18 dBFS on both channels is -18 LUFS, to the 0.007 LU that 1000 Hz lies above 997 Hz."""
    reading = Book().add(Weigher(rate).bins(stereo(sine(1000, 5, -18, rate)))).read()
    for value in (reading.momentary_lufs, reading.short_term_lufs, reading.integrated_lufs):
        assert value == pytest.approx(-18, abs=0.02)


@pytest.mark.parametrize("rate", RATES)
def test_bins_equal_the_independent_meter(rate):
    signal = noise(3, -3, rate) * np.linspace(0, 1, 3 * rate)[:, None]
    ours, theirs = Weigher(rate).bins(signal), meter.bins(signal, rate)
    assert len(ours) == len(theirs) == 300
    assert ours == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("block", [1, 7, 64, 1024, "random"])
def test_block_size_changes_no_bit(block):
    signal, seed = noise(1, -3, 44100), 20261123
    print("seed", seed)
    sizes = np.random.default_rng(seed).integers(1, 900, 44100).tolist() if block == "random" else [block] * 44100
    assert np.array_equal(Weigher(44100).bins(signal, sizes), Weigher(44100).bins(signal))


def test_channels_count_alike():
    signal = noise(1, -3)
    assert np.array_equal(Weigher().bins(signal), Weigher().bins(signal[:, ::-1]))


def test_silence_is_zero():
    assert not Weigher().bins(np.zeros((48000, 2))).any()


def test_silence_after_programme_decays_to_exact_zero():
    weigher = Weigher()
    weigher.bins(noise(0.5))
    assert not weigher.bins(np.zeros((48000 * 3, 2)))[-50:].any()


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf, 1e300, 1e12])
def test_poison_lives_no_longer_than_its_bin(poison):
    signal = noise(1)
    clean = Weigher().bins(signal)
    signal[10000, 1] = poison  # in bin 20
    with np.errstate(all="ignore"):
        hit = Weigher().bins(signal, [64] * 750)
    assert hit[20] == 0
    assert np.array_equal(hit[:20], clean[:20])
    assert hit[25:] == pytest.approx(clean[25:], rel=0.02)  # the filters start again: 50 ms later only a trace of 38 Hz is left


def test_reset_starts_again():
    signal, weigher = noise(0.255), Weigher()
    first = weigher.bins(signal)
    lib.loudness_reset(weigher.state)
    weigher.at[0] = 0
    assert np.array_equal(weigher.bins(signal), first)


def test_collect_in_pieces_gives_every_bin_once():
    signal, weigher = noise(2), Weigher()
    expected, got = Weigher().bins(signal), []
    for at in range(0, 96000, 4800):
        weigher.feed(signal[at : at + 4800])
        got += [weigher.collect(3), weigher.collect(3)]
    got.append(weigher.collect())
    assert np.array_equal(np.concatenate(got), expected)
    assert weigher.lost[0] == 0
    assert len(weigher.collect()) == 0


def test_a_reader_that_sleeps_loses_the_oldest_bins_and_is_told():
    rate, weigher = 48000, Weigher()
    seconds = JOURNAL // 100 + 3
    signal = np.tile(noise(1, -12, rate), (seconds, 1)) * np.linspace(0.1, 1, seconds * rate)[:, None]
    everything = meter.bins(signal, rate)
    got = weigher.bins(signal)
    assert weigher.lost[0] + len(got) == len(everything)
    assert len(got) == JOURNAL - 1  # the slot of the next bin is never read
    assert got == pytest.approx(everything[-len(got) :], rel=1e-9)


def test_a_reader_beside_a_writer_never_sees_a_bin_of_another_round():
    """One thread writes without pause, one reads; every bin says which it is (a ramp), so a torn or stale one would show."""
    weigher, done = Weigher(48000), threading.Event()
    weigher.coefs.bin_frames = 1  # one bin per frame: rounds of the journal pass in a moment
    for stage in weigher.coefs.stage:
        stage.b, stage.a = [1, 0, 0], [0, 0]
    frames = 400_000
    ramp = np.sqrt(np.arange(frames, dtype=float))

    def write() -> None:
        for at in range(0, frames, 2000):
            weigher.feed(stereo(ramp[at : at + 2000], np.zeros(2000)))
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    seen, lost = 0, 0
    while not (done.is_set() and weigher.at[0] == frames):
        got = weigher.collect(4096)
        first = weigher.at[0] - len(got)
        assert got == pytest.approx(np.arange(first, first + len(got)), rel=1e-12)
        seen, lost = seen + len(got), weigher.lost[0]
    thread.join()
    assert seen + lost == frames
    assert seen > 0


def test_design_is_pure():
    format = ffi.new("stream_format *", {"sample_rate_hz": 96000})
    one, two = ffi.new("loudness_coefs *"), ffi.new("loudness_coefs *")
    lib.loudness_design(one, format)
    lib.loudness_design(two, format)
    assert bytes(ffi.buffer(one)) == bytes(ffi.buffer(two))
    assert one.bin_frames == 960
