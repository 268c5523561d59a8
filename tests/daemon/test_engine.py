"""The engine against the bare chain and against numpy: same sound, honest meters, whatever the block length."""

from __future__ import annotations

import threading
import weakref

import numpy as np
import pytest
from instruments.kernel import Kernel
from instruments.signals import noise

from masterd.control.parameters import defaults
from masterd.daemon.bridge import Bridge
from masterd.daemon.engine import Engine
from masterd.daemon.params import fill
from masterd.native import ffi, lib

BUSY = defaults() | {
    "input.trim_db": 3,
    "eq.9.on": True,
    "eq.9.gain_db": 6,
    "compressor.on": True,
    "compressor.threshold_db": -30,
    "limiter.drive_db": 6,
}
MOVED = BUSY | {"input.trim_db": -3, "eq.9.gain_db": -6, "compressor.ratio": 8, "limiter.ceiling_dbtp": -3}


def opened(values=BUSY, rate=48000, latency="normal") -> Engine:
    engine = Engine(rate, latency, values)
    engine.attach()
    engine.gate(True, 0)
    return engine


def double(engine: Engine, signal: np.ndarray) -> np.ndarray:
    left, right = (np.ascontiguousarray(signal[:, channel]) for channel in (0, 1))
    engine.process_double(left, right)
    return np.stack([left, right], axis=1)


def process_as(engine: Engine, token: int, left: np.ndarray, right: np.ndarray) -> None:
    """One block of a host written in C."""
    lib.engine_process_double(
        engine.pointer, token, ffi.from_buffer("double[]", left), ffi.from_buffer("double[]", right), len(left)
    )


def lengths(frames: int, kind: str, seed: int = 20261123) -> list[int]:
    print("seed", seed)
    random = np.random.default_rng(seed)
    cuts = random.integers(0, 900, frames).tolist() if kind == "random" else [int(kind)] * frames
    out = []
    while frames:
        out.append(min(cuts.pop(), frames))
        frames -= out[-1]
    return out


@pytest.mark.parametrize("latency", ["normal", "low"])
@pytest.mark.parametrize("rate", [44100, 48000, 192000])
def test_the_engine_is_the_chain(rate, latency):
    signal = noise(0.3, -3, rate)
    assert np.array_equal(double(opened(BUSY, rate, latency), signal), Kernel("chain", rate, BUSY, latency)(signal))


def test_float_is_double_rounded():
    signal = noise(0.2, -3).astype(np.float32)
    wanted = double(opened(), signal.astype(np.float64)).astype(np.float32)
    assert np.array_equal(opened().process(signal), wanted)
    left, right = opened().process_planar(*(np.ascontiguousarray(signal[:, channel]) for channel in (0, 1)))
    assert np.array_equal(np.stack([left, right], axis=1), wanted)


@pytest.mark.parametrize("kind", ["1", "7", "64", "255", "256", "257", "1024", "random"])
def test_block_length_changes_no_bit(kind):
    """Also while parameters move, the gate fades, and the tap listens."""
    signal = noise(0.2, -3).astype(np.float32)

    def play(kind: str) -> tuple[np.ndarray, np.ndarray]:
        engine, out = Engine(48000, "normal", BUSY), []
        engine.attach()
        engine.tap("output", True)
        for n, part in enumerate(np.array_split(signal, 8)):
            engine.gate(n % 4 != 3, 20)
            engine.publish(MOVED if n % 2 else BUSY, 30)
            at = 0
            for frames in lengths(len(part), kind):
                out.append(engine.process(part[at : at + frames]))
                at += frames
        return np.concatenate(out), engine.tap_read("output", len(signal) + 1)

    whole, recorded = play("100000")
    assert np.array_equal(whole, recorded)
    for cut in play(kind):
        assert np.array_equal(cut, whole)


def test_gate_opens_and_closes_on_its_curve():
    engine = Engine(48000, "normal", defaults())
    engine.attach()
    ones = np.full((480, 2), 0.25)
    double(engine, np.full((4800, 2), 0.25))
    engine.gate(True, 10)
    assert not engine.gate_settled
    position = np.arange(1, 481) / 480
    curve = 0.25 * position**2 * (3 - 2 * position)
    assert np.allclose(double(engine, ones)[:, 0], curve, atol=1e-12)
    assert engine.gate_settled
    assert np.array_equal(double(engine, ones), ones)
    engine.gate(False, 10)
    assert np.allclose(double(engine, ones)[:, 1], 0.25 - curve, atol=1e-12)
    assert engine.gate_settled
    assert not double(engine, ones).any()


def test_gate_turned_around_does_not_jump():
    engine = opened(defaults())
    double(engine, np.full((4800, 2), 0.25))
    out = []
    for open in (False, True, False, True):
        engine.gate(open, 50)
        out.append(double(engine, np.full((700, 2), 0.25)))
    steps = np.abs(np.diff(np.concatenate(out)[:, 0]))
    assert steps.max() <= 0.25 * 1.5 / 2400 * 1.1  # the curve's steepest slope


def test_input_guard():
    block = noise(0.01).astype(np.float32)
    block[5, 0], block[6, 1], block[7, 0], block[8, 1] = np.nan, -np.inf, 1e9, -17
    clean = block.copy()
    clean[5, 0] = clean[6, 1] = 0
    clean[7, 0], clean[8, 1] = 16, -16
    engine = opened()
    assert np.array_equal(engine.process(block), opened().process(clean))
    meters = engine.collect()
    assert (meters.nonfinite_samples, meters.clamped_samples) == (2, 2)


def test_a_stranger_gets_silence_and_disturbs_nothing():
    signal = noise(0.1, -3).astype(np.float32)
    engine, undisturbed = opened(), opened()
    stranger, token = engine.token, engine.attach()
    out = []
    for part in np.array_split(signal, 10):
        for engine.token in (0, stranger, token + 1):
            assert not engine.process(part).any()
        engine.token = token
        out.append(engine.process(part))
    assert np.array_equal(np.concatenate(out), undisturbed.process(signal))
    assert engine.collect().refused_blocks == 30


def test_attach_takes_over_from_a_running_host():
    """The old host never plays again from the moment attach returns, and the state goes on."""
    engine = opened()
    taken, heard_after, stop = threading.Event(), [], threading.Event()

    def old_host() -> None:
        left, right = np.full(20000, 0.25), np.full(20000, 0.25)
        while not stop.is_set():
            after = taken.is_set()
            left[:] = right[:] = 0.25
            process_as(engine, old, left, right)
            if after:
                heard_after.append(left.any())

    old = engine.token
    thread = threading.Thread(target=old_host)
    thread.start()
    try:
        while engine.blocks < 3:
            pass
        assert engine.attach() != old
        taken.set()
        blocks = engine.blocks
        while len(heard_after) < 5:
            pass
    finally:
        stop.set()
        thread.join()
    assert not any(heard_after)
    assert engine.blocks == blocks


def test_counters_and_serials():
    engine = Engine(48000, "normal", BUSY)
    assert (engine.blocks, engine.audio_thread, engine.collect()) == (0, 0, None)
    engine.attach()
    block = np.zeros((100, 2), np.float32)
    engine.process(block)
    engine.process(block[:0])
    serial = [engine.publish(MOVED), engine.publish(BUSY)][-1]
    engine.process(block[:50])
    meters = engine.collect()
    assert (meters.frames, meters.blocks, meters.block_frames, engine.blocks) == (150, 2, 50, 2)
    assert (meters.applied_serial, meters.applied_frame) == (serial, 100)
    assert sum(meters.histogram) == 2
    assert 0 < meters.longest_ns <= meters.total_ns
    assert engine.audio_thread == threading.get_ident()


def test_no_reading_is_lost_or_told_twice():
    """Collected at random moments, each collection covers exactly the blocks since the one before."""
    seed = 20261123
    print("seed", seed)
    random = np.random.default_rng(seed)
    engine = opened(defaults())
    since: list[np.ndarray] = []
    for _ in range(300):
        block = random.uniform(-1, 1, (int(random.integers(1, 600)), 2)).astype(np.float32) * random.uniform(0, 1)
        engine.process(block)
        since.append(block)
        if random.random() < 0.3:
            all = np.concatenate(since).astype(np.float64)
            point = engine.collect().input
            assert point.sample_peak == tuple(np.abs(all).max(0))
            assert np.allclose(point.mean_square, (all**2).mean(0), rtol=1e-12)
            since.clear()
            assert engine.collect() is None


def test_output_meters_show_what_leaves():
    engine = opened()
    out = double(engine, noise(0.1, -3))
    assert engine.collect().output.sample_peak == tuple(np.abs(out).max(0))
    engine.gate(False, 0)
    double(engine, noise(0.1, -3))
    assert engine.collect().output.sample_peak == (0, 0)


def test_player_replaces_the_device_and_says_when_it_is_dry():
    signal = noise(0.1, -3).astype(np.float32)
    engine = opened()
    assert engine.player_write(signal) == len(signal)
    engine.source(player=True)
    device = np.full((len(signal), 2), 0.9, np.float32)
    assert np.array_equal(engine.process(device), opened().process(signal))
    assert engine.collect().player_dry_frames == 0
    engine.process(device[:77])
    assert engine.collect().player_dry_frames == 77
    assert engine.collect() is None


def test_rings_hold_ten_seconds_and_count_what_they_lose():
    engine, block = opened(), np.zeros((1 << 18, 2), np.float32)
    assert [engine.player_write(block) for _ in range(3)] == [1 << 18, 1 << 18, 0]
    engine.tap("output", True)
    for _ in range(3):
        engine.process(block)
    assert engine.collect().tap_lost_frames == (0, 1 << 18)
    assert len(engine.tap_read("output", 1 << 20)) == 1 << 19
    assert len(engine.tap_read("output", 1)) == 0


@pytest.mark.parametrize(
    "block",
    [np.zeros((4, 2)), np.zeros((4, 3), np.float32), np.zeros(4, np.float32), np.zeros((2, 4), np.float32).T],
    ids=["float64", "three channels", "flat", "strided"],
)
def test_wrong_arrays_are_refused(block):
    engine = opened()
    with pytest.raises(ValueError, match="contiguous"):
        engine.process(block)
    with pytest.raises(ValueError, match="contiguous"):
        engine.process_double(np.zeros(4), np.zeros(5))


@pytest.mark.parametrize("rate", [8000, 384000, float("nan")])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(ValueError, match="sample rate"):
        Engine(rate, "normal", defaults())


@pytest.mark.parametrize("time_ms", [-1, float("nan"), 1e9])
def test_impossible_times_are_refused(time_ms):
    engine = opened()
    for call in (lambda: engine.gate(True, time_ms), lambda: engine.publish(BUSY, time_ms)):
        with pytest.raises(ValueError, match="ms"):
            call()


def test_what_is_published_piece_by_piece_is_what_is_published_whole() -> None:
    """Only what is different is written into the params."""
    engine = opened()
    for values in (MOVED, BUSY, MOVED | {"eq.9.type": "high_shelf"}, defaults(), MOVED):
        engine.publish(values)
        whole = ffi.new("chain_params *")
        fill(whole, values)
        assert bytes(ffi.buffer(engine._params)) == bytes(ffi.buffer(whole))


@pytest.mark.parametrize("give", [Engine.hear, Engine.feed])
def test_a_bridge_is_kept_until_no_block_can_use_it(give):
    engine, silence = opened(), np.zeros((64, 2), np.float32)
    bridges = []
    for _ in range(3):
        give(engine, bridge := Bridge(48000, 30))
        bridges.append(weakref.ref(bridge))
        del bridge
    give(engine, None)
    assert all(bridge() for bridge in bridges), "a block may have begun before any of them was replaced"
    for _ in range(2):
        engine.process(silence)
    give(engine, None)
    assert not any(bridge() for bridge in bridges)
