"""The loudness book against the plain meter over whole arrays: every reading, at any time, for any length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from instruments import loudness_meter as meter
from instruments.loudness_kernel import Book

from masterd.native import ffi, lib

NONE = lib.LOUDNESS_NONE


def power(level_lufs: np.ndarray | float) -> np.ndarray:
    """Energy of a bin that reads as this level."""
    return 10 ** ((np.asarray(level_lufs, dtype=float) + 0.691) / 10)


def programme(seconds: float, seed: int) -> np.ndarray:
    """Bins of something like a broadcast: passages of some seconds at their own level, syllables, pauses, silence."""
    random = np.random.default_rng(seed)
    count = round(seconds * 100)
    lengths = random.integers(200, 3000, count // 200 + 1)
    levels = random.choice([-19.0, -23, -26, -31, -38, -55, -90], len(lengths), p=[0.1, 0.35, 0.25, 0.12, 0.08, 0.05, 0.05])
    passages = np.repeat(levels + random.normal(0, 1, len(lengths)), lengths)[:count]
    return power(passages + random.normal(0, 4, count))


def exact(bins: np.ndarray) -> dict[str, float]:
    momentary, short_term = meter.momentary(bins), meter.short_term(bins)
    return {
        "momentary_lufs": momentary[-1] if len(momentary) else NONE,
        "short_term_lufs": short_term[-1] if len(short_term) else NONE,
        "momentary_max_lufs": max(momentary, default=NONE),
        "short_term_max_lufs": max(short_term, default=NONE),
        "integrated_lufs": meter.integrated(bins),
        "range_lu": meter.loudness_range(bins),
    }


def read(bins: np.ndarray) -> dict[str, float]:
    reading = Book().add(bins).read()
    return {name: getattr(reading, name) for name in exact(bins[:1])}


@pytest.mark.parametrize("seed", range(8))
def test_equals_the_plain_meter(seed):
    print("seed", seed)
    bins = programme(300, seed)
    for count in (1, 39, 40, 41, 299, 300, 301, 777, 6000, 30000):
        ours, theirs = read(bins[:count]), exact(bins[:count])
        assert ours.pop("range_lu") == pytest.approx(theirs.pop("range_lu"), abs=0.02)
        assert ours == pytest.approx(theirs, abs=1e-9)


@pytest.mark.slow
def test_24_hours():
    """Integrated loudness after a day is that of all 864 000 blocks."""
    bins = programme(24 * 3600, 24)
    book = Book()
    for hour in np.array_split(bins, 24):
        book.add(hour)
    reading, theirs = book.read(), exact(bins)
    assert reading.seconds == 24 * 3600
    apart = reading.integrated_lufs - theirs["integrated_lufs"]
    print(f"24 hours: {apart:+.5f} LU from the exact")
    assert abs(apart) <= 0.01
    assert abs(reading.range_lu - theirs["range_lu"]) <= 0.02


def test_the_step_from_the_exact_hour_to_the_classes_is_not_seen():
    bins, book, at = programme(4000, 5), Book(), 0
    for count in (370_000, 400_000):
        ours = book.add(bins[at:count]).read().integrated_lufs
        assert (book.book.blocks > lib.LOUDNESS_EXACT_BLOCKS) == (count == 400_000)
        assert abs(ours - meter.integrated(bins[:count])) <= 0.01
        at = count


def test_a_day_at_the_edge_of_the_gate():
    """Most blocks lie within 0.2 LU of the relative gate: the worst a histogram can be given."""
    random = np.random.default_rng(7)
    quiet = power(-33.05 + 0.2 * random.random(200_000).repeat(10))
    bins = np.concatenate([np.tile(power(-22.7), 1_800_000), quiet])
    assert abs(Book().add(bins).read().integrated_lufs - meter.integrated(bins)) <= 0.01


def test_memory_does_not_depend_on_time():
    assert ffi.sizeof("loudness_book") < 800_000
    assert not any("*" in str(field.type.cname) for _, field in ffi.typeof("loudness_book").fields)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.floats(0, 100)), max_size=700), st.data())
def test_never_nan_and_independent_of_how_bins_arrive(values, data):
    bins = np.array(values, dtype=float)
    whole, pieces, at = Book().add(bins), Book(), 0
    while at < len(bins):
        count = data.draw(st.integers(1, 350))
        pieces.add(bins[at : at + count])
        at += count
    one, two = bytes(ffi.buffer(whole.read())), bytes(ffi.buffer(pieces.read()))
    assert one == two
    reading = whole.read()
    for name in ("momentary_lufs", "short_term_lufs", "integrated_lufs", "range_lu", "momentary_max_lufs", "short_term_max_lufs"):
        assert np.isfinite(getattr(reading, name))
        assert getattr(reading, name) >= NONE


@pytest.mark.parametrize("bin", [np.nan, np.inf, -np.inf, -1.0, 1e308])
def test_a_bin_that_cannot_be_counts_as_silence(bin):
    bins = programme(60, 4)
    poisoned = bins.copy()
    bins[1000:1400], poisoned[1000:1400] = 0, bin
    assert bytes(ffi.buffer(Book().add(poisoned).read())) == bytes(ffi.buffer(Book().add(bins).read()))


def test_nothing_yet_and_silence():
    for book in (Book(), Book().add(np.zeros(5000)), Book().add(power(np.full(5000, -80.0)))):
        reading = book.read()
        assert reading.integrated_lufs == reading.range_lu == NONE
    assert Book().add(np.zeros(5000)).read().short_term_max_lufs == NONE


def test_windows_show_nothing_before_they_are_full():
    book = Book().add(power(np.full(39, -20.0)))
    assert book.read().momentary_lufs == book.read().momentary_max_lufs == NONE
    assert book.add(power(np.full(1, -20.0))).read().momentary_lufs == pytest.approx(-20)
    book.add(power(np.full(259, -20.0)))
    assert book.read().short_term_lufs == NONE
    assert book.add(power(np.full(1, -20.0))).read().short_term_lufs == pytest.approx(-20)


def test_silence_after_a_loud_passage_is_exactly_nothing():
    reading = Book().add(np.concatenate([power(np.full(1000, 10.0)), np.zeros(300)])).read()
    assert reading.momentary_lufs == reading.short_term_lufs == NONE
    assert reading.short_term_max_lufs == pytest.approx(10)


def test_absolute_gate():
    """-69.5 counts, -70.5 does not: neither into I nor into its gate."""
    bins = power(np.concatenate([np.full(1000, -69.5), np.full(5000, -70.5)]))
    assert Book().add(bins).read().integrated_lufs == pytest.approx(-69.53, abs=0.03)


def test_range_is_stable_after_a_minute():
    assert not Book().add(programme(59.99, 1)).read().range_stable
    assert Book().add(programme(60, 1)).read().range_stable


def test_reset_equals_fresh():
    bins, book = programme(100, 3), Book().add(programme(50, 2))
    book.reset()
    assert bytes(ffi.buffer(book.add(bins).read())) == bytes(ffi.buffer(Book().add(bins).read()))
