"""A session: the recorded input of a live run and what its engine was told render to the same bits again."""

from __future__ import annotations

import os
import random
import re
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from instruments.on_air import on_air
from instruments.tape import Reel

from masterd.control.parameters import PARAMETERS, defaults
from masterd.daemon.air import AirSettings
from masterd.daemon.engine import Engine
from masterd.daemon.orders import CoefsTaken, GateMoved, OrderReader
from masterd.daemon.reading.reader import AudioFileError
from masterd.daemon.session.log import LOG, SessionRefused
from masterd.daemon.session.replay import Session, replay
from masterd.daemon.sources.demo import DemoProgramme

SEED = int(os.environ.get("MASTERD_TEST_SEED", random.randrange(2**32)))
RATE_HZ = 48000
TURNED = (
    "eq.1.gain_db",
    "eq.1.frequency_hz",
    "agc.on",
    "multiband.on",
    "clipper.on",
    "compressor.threshold_db",
    "limiter.drive_db",
)


def live(folder: Path, seconds: float, hand: random.Random) -> np.ndarray:
    """The demo programme on air, turned all the time; what left."""
    reel = Reel()
    values = {"eq.1.on": True, "compressor.on": True, "agc.on": True}
    settings = AirSettings(host="simulated", sample_rate_hz=RATE_HZ, block_frames=97, alone=DemoProgramme)
    with on_air(settings, values, open_sink=lambda rate_hz: reel, session_folder=folder) as it:
        it.wait_for("running")
        now = dict(it.values)
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            id = hand.choice(TURNED)
            now[id] = PARAMETERS[id].from_travel(hand.random())
            it.air.publish(now, hand.choice([0.0, 3.0, 20.0, 700.0]))
            time.sleep(hand.choice([0.0, 0.0, 0.002, 0.05]))
    return reel.stereo


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    print(f"MASTERD_TEST_SEED={SEED}")
    folder = tmp_path_factory.mktemp("sessions")
    heard = live(folder, 2.0, random.Random(SEED))
    (made,) = folder.iterdir()
    return made, heard


def test_the_same_bits_leave_again(take: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    folder, heard = take
    frames = replay(folder, tmp_path / "again.wav")
    again, rate_hz = soundfile.read(tmp_path / "again.wav", dtype="float32")
    assert (rate_hz, len(again)) == (RATE_HZ, frames)
    late = Engine(RATE_HZ, "normal", defaults()).latency_frames  # the simulated host takes it off
    assert len(heard) > RATE_HZ
    assert np.abs(heard).max() > 0.05
    assert np.array_equal(again[late : late + len(heard)], heard)


def test_it_would_be_heard_if_the_orders_came_a_frame_late(take: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    folder, heard = take
    lines = (folder / LOG).read_text().splitlines()
    late_lines = [re.sub(r'^\{"frame":([1-9]\d*),"v', lambda it: f'{{"frame":{int(it[1]) + 1},"v', line) for line in lines]
    assert late_lines != lines
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / LOG).write_text("\n".join(late_lines) + "\n")
    (copy / "input.wav").symlink_to(folder / "input.wav")
    again = np.concatenate(list(Session(copy).blocks()))
    late = Engine(RATE_HZ, "normal", defaults()).latency_frames
    assert not np.array_equal(again[late : late + len(heard)], heard)


def test_a_take_that_was_cut_short_renders_as_far_as_it_goes(take: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    folder, heard = take
    copy = tmp_path / "killed"
    copy.mkdir()
    text = (folder / LOG).read_text()
    (copy / LOG).write_text(text[: text.rindex("\n{") + 9])  # in the middle of the last line
    (copy / ".input.wav.4711.part").symlink_to(folder / "input.wav")
    again = np.concatenate(list(Session(copy).blocks()))
    late = Engine(RATE_HZ, "normal", defaults()).latency_frames
    assert np.array_equal(again[late : late + RATE_HZ], heard[:RATE_HZ])


def test_what_is_not_a_session_is_refused(take: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    folder, _ = take
    with pytest.raises(SessionRefused, match=r"no session\.jsonl"):
        replay(tmp_path, tmp_path / "out.wav")
    copy = tmp_path / "copy"
    copy.mkdir()
    lines = (folder / LOG).read_text().splitlines()
    for wrong, match in (
        (["{}", *lines[1:]], "line 1"),
        ([*lines[:3], "nonsense", *lines[3:]], "line 4"),
        ([*lines[:-1], '{"frames": 9, "lost_frames": 7, "lost_orders": 0}'], "7 frames of input"),
        ([lines[0].replace("limiter.drive_db", "limiter.drift_db"), *lines[1:]], "limiter.drift_db"),
    ):
        (copy / LOG).write_text("\n".join(wrong) + "\n")
        (copy / "input.wav").unlink(missing_ok=True)
        (copy / "input.wav").symlink_to(folder / "input.wav")
        with pytest.raises(Exception, match=match):
            replay(copy, tmp_path / "out.wav")
    (copy / LOG).write_text("\n".join(lines) + "\n")
    (copy / "input.wav").unlink()
    with pytest.raises(SessionRefused, match=r"no input\.wav"):
        replay(copy, tmp_path / "out.wav")
    (tmp_path / "out.wav").touch()
    with pytest.raises(AudioFileError, match="exists already"):
        replay(folder, tmp_path / "out.wav")
    assert (tmp_path / "out.wav").stat().st_size == 0


def test_the_air_goes_on_when_no_session_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = AirSettings(host="simulated", sample_rate_hz=RATE_HZ, alone=DemoProgramme)
    with on_air(settings, session_folder=tmp_path / "file" / "inside") as it:
        it.wait_for("running")
        assert "no session" in it.wait_for("running", 2).reason
        before = it.air.status().blocks
        time.sleep(0.1)
        assert it.air.status().blocks > before


def test_orders_tell_the_frame_at_which_they_were_carried_out() -> None:
    engine = Engine(RATE_HZ, "normal", defaults())
    engine.attach()
    reader, block = OrderReader(engine), np.zeros((100, 2), np.float32)
    engine.gate(True, 10)
    engine.process(block)
    engine.publish(defaults(), 5)
    newest = engine.publish(defaults() | {"limiter.drive_db": 3.0}, 5)
    engine.process(block)
    engine.process(block)
    engine.gate(False, 0)
    engine.process(block)
    assert reader.read() == [
        CoefsTaken(0, 1),
        GateMoved(0, True, 480),
        CoefsTaken(100, newest),
        GateMoved(300, False, 0),
    ]
    assert reader.read() == []
    for _ in range(5000):
        engine.publish(defaults())
        engine.process(block[:1])
    assert len(reader.read()) == 4095
    assert reader.lost == 905
