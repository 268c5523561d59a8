"""masterd render: aligned, exact, refusing everything at once, and never half a file."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from instruments.child import Child
from instruments.rendering import render_file
from instruments.signals import impulse, noise

from masterd.control.parameters import defaults
from masterd.daemon.commands.render import render as command
from masterd.daemon.engine import Engine

DRIVEN = {"eq.1.on": True, "eq.1.gain_db": 4.0, "compressor.on": True, "compressor.threshold_db": -30.0, "limiter.drive_db": 15.0}


def source(tmp_path, audio: np.ndarray, rate: int = 48000, subtype: str = "FLOAT"):
    soundfile.write(tmp_path / "in.wav", audio, rate, subtype)
    return tmp_path / "in.wav"


def rendered(path, target, values=(), **options) -> np.ndarray:
    render_file(path, target, defaults() | dict(values), **options)
    return soundfile.read(target, always_2d=True)[0]


@pytest.mark.parametrize("rate", [44100, 48000, 88200, 96000, 176400, 192000])
def test_a_flat_chain_changes_no_bit_of_a_float_file(tmp_path, rate):
    audio = noise(0.5, -12, rate).astype(np.float32)
    assert np.array_equal(rendered(source(tmp_path, audio, rate), tmp_path / "out.wav", bits="32f"), audio)
    assert soundfile.info(tmp_path / "out.wav").samplerate == rate


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_flat_chain_leaves_only_dither(tmp_path, bits, suffix):
    audio = noise(0.5, -12)
    error = rendered(source(tmp_path, audio, subtype="DOUBLE"), tmp_path / f"out.{suffix}", bits=str(bits)) - audio
    step = 2.0 ** (1 - bits)
    assert np.abs(error).max() <= 1.5 * step
    assert error.std() == pytest.approx(step / 2, rel=0.02)


@pytest.mark.parametrize("frames", [1, 100, 700, 4095, 4096, 4097, 20001])
def test_as_long_as_the_input(tmp_path, frames):
    out = rendered(source(tmp_path, noise(1)[:frames]), tmp_path / "out.wav", DRIVEN)
    assert len(out) == frames
    assert out.any()


def test_the_last_frame_is_flushed(tmp_path):
    audio = impulse(5000, 4999) * 0.25
    assert np.array_equal(rendered(source(tmp_path, audio), tmp_path / "out.wav", bits="32f"), audio)


def test_a_float_render_is_what_the_engine_plays_live(tmp_path):
    """Same engine, other block sizes, float32 at its door: the same bits after the latency."""
    audio = noise(2, -3).astype(np.float32)
    offline = rendered(source(tmp_path, audio), tmp_path / "out.wav", DRIVEN, bits="32f")
    engine = Engine(48000, "normal", defaults() | DRIVEN)
    engine.attach()
    engine.gate(True, 0)
    fed = np.concatenate([audio, np.zeros((engine.latency_frames, 2), np.float32)])
    live = np.concatenate([engine.process(fed[at : at + 64]) for at in range(0, len(fed), 64)])
    assert np.array_equal(live[engine.latency_frames :], offline)
    assert not np.array_equal(audio, offline)


def test_double_and_float_doors_agree(tmp_path):
    path = source(tmp_path, noise(1, -3).astype(np.float32))
    one = rendered(path, tmp_path / "float.wav", DRIVEN, bits="32f")
    two = rendered(path, tmp_path / "word.wav", DRIVEN, bits="24")
    assert np.abs(one - two).max() < 3 * 2**-23


def test_mono_becomes_stereo(tmp_path):
    audio = noise(0.2)[:, 0]
    out = rendered(source(tmp_path, audio), tmp_path / "out.wav", bits="32f")
    assert out == pytest.approx(np.stack([audio, audio], axis=1), abs=1e-7)


def test_mono_is_said_to_be_mono(tmp_path):
    path = source(tmp_path, noise(3, -12)[:, 0])
    result = CliRunner().invoke(command, [str(path), "-o", str(tmp_path / "out.wav")])
    assert "the input is mono" in result.stdout


def test_a_file_can_replace_itself(tmp_path):
    path = source(tmp_path, noise(1, -12).astype(np.float32))
    before = soundfile.read(path)[0]
    assert np.array_equal(rendered(path, path, bits="32f", force=True), before)
    assert [found.name for found in tmp_path.iterdir()] == ["in.wav"]


def test_reports_before_and_after(tmp_path):
    done = render_file(source(tmp_path, noise(5, -20)), tmp_path / "out.wav", defaults() | {"limiter.drive_db": 6.0})
    assert done.after[0].integrated_lufs - done.before[0].integrated_lufs == pytest.approx(6, abs=0.01)
    assert done.seconds == 5


def test_poison_in_the_input_is_counted_and_gone(tmp_path):
    audio = noise(1)
    audio[1000] = np.nan
    done = render_file(source(tmp_path, audio), tmp_path / "out.wav", defaults())
    assert done.nonfinite_samples == 2
    assert np.isfinite(soundfile.read(tmp_path / "out.wav")[0]).all()


def test_command_masters_with_preset_and_settings(tmp_path):
    path = source(tmp_path, noise(3, -6))
    result = CliRunner().invoke(
        command,
        [str(path), "-o", str(tmp_path / "out.flac"), "--preset", "music", "--set", "limiter.ceiling_dbtp=-3", "--bits", "16"],
    )
    assert result.exit_code == 0, result.output
    assert "times real time" in result.stdout
    assert np.abs(soundfile.read(tmp_path / "out.flac")[0]).max() <= 10 ** (-3 / 20) + 2 * 2**-15


def test_everything_wrong_is_told_at_once_and_nothing_written(tmp_path):
    settings = ["--set", "limiter.ceiling_dbtp=9", "--set", "limitr.drive_db=3", "--set", "loud", "--preset", "no such preset"]
    result = CliRunner().invoke(
        command, [str(tmp_path / "missing.wav"), "-o", str(tmp_path / "out.flac"), "--bits", "32f", *settings]
    )
    assert result.exit_code == 1
    for part in (
        "missing.wav",
        "limiter.ceiling_dbtp",
        "limitr.drive_db",
        "did you mean",
        "'loud'",
        "no such preset",
        "FLAC holds no float",
    ):
        assert part in result.stderr
    assert not list(tmp_path.iterdir())


def test_an_existing_file_stays_unless_forced(tmp_path):
    path, target = source(tmp_path, noise(0.5)), tmp_path / "out.wav"
    target.write_bytes(b"precious")
    assert CliRunner().invoke(command, [str(path), "-o", str(target)]).exit_code == 1
    assert target.read_bytes() == b"precious"
    assert CliRunner().invoke(command, [str(path), "-o", str(target), "--force"]).exit_code == 0
    assert soundfile.info(target).frames == 24000


def test_a_source_that_breaks_off_leaves_nothing(tmp_path):
    soundfile.write(tmp_path / "good.flac", noise(4), 48000)
    cut = tmp_path / "cut.flac"
    cut.write_bytes((tmp_path / "good.flac").read_bytes()[:200_000])
    result = CliRunner().invoke(command, [str(cut), "-o", str(tmp_path / "out.wav")])
    assert result.exit_code == 1
    assert "cut.flac" in result.stderr
    assert sorted(found.name for found in tmp_path.iterdir()) == ["cut.flac", "good.flac"]


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_in_the_middle_leaves_nothing(tmp_path, stop, code):
    path = source(tmp_path, np.tile(noise(10), (60, 1)), subtype="PCM_16")
    call = "from masterd.daemon.commands.render import render; render()"
    command = [sys.executable, "-c", call, str(path), "-o", str(tmp_path / "out.wav")]
    with Child(command, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + 60
        while not list(tmp_path.glob(".out.wav.*.part")) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(stop)
        process.communicate(timeout=60)
    assert process.returncode == code
    assert [found.name for found in tmp_path.iterdir()] == ["in.wav"]
