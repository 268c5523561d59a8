"""Files in a row as one programme."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from instruments.signals import noise

from masterd.daemon.reading.reader import AudioFileError
from masterd.daemon.sources.files import FileProgramme


def files(tmp_path) -> list:
    for name, seed in (("one.wav", 1), ("two.flac", 2)):
        soundfile.write(tmp_path / name, noise(0.5, seed=seed), 48000, "PCM_16")
    return [tmp_path / "one.wav", tmp_path / "two.flac"]


def expected(paths) -> np.ndarray:
    return np.concatenate([soundfile.read(path, dtype="float32")[0] for path in paths])


@pytest.mark.parametrize("block", [64, 1000, 24000, 100_000])
def test_plays_without_a_gap(tmp_path, block):
    paths = files(tmp_path)
    programme = FileProgramme(paths)
    blocks = [programme.read(block) for _ in range(48000 // block + 1)]
    assert np.array_equal(np.concatenate(blocks), expected(paths))
    assert all(len(one) == block for one in blocks[:-1])
    assert programme.read(block).shape == (0, 2)


def test_loops(tmp_path):
    paths = files(tmp_path)
    programme = FileProgramme(paths, loop=True)
    assert programme.sample_rate_hz == 48000
    assert np.array_equal(programme.read(100_000), np.tile(expected(paths), (3, 1))[:100_000])
    assert programme.playing == paths[0]
    programme.close()
    assert programme.playing is None


def test_refuses_another_rate_at_once(tmp_path):
    soundfile.write(tmp_path / "other.wav", noise(0.1), 44100)
    with pytest.raises(AudioFileError, match=r"other\.wav: is at 44100 Hz, but .*one\.wav at 48000 Hz"):
        FileProgramme([*files(tmp_path), tmp_path / "other.wav"])


def test_refuses_a_missing_file_at_once(tmp_path):
    with pytest.raises(AudioFileError, match=r"missing\.wav"):
        FileProgramme([*files(tmp_path), tmp_path / "missing.wav"])


def test_goes_on_after_a_file_that_broke_off(tmp_path):
    soundfile.write(tmp_path / "long.flac", noise(4), 48000)
    whole = (tmp_path / "long.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 2])
    good = files(tmp_path)[0]
    programme = FileProgramme([tmp_path / "cut.flac", good])
    with pytest.raises(AudioFileError, match=r"cut\.flac"):
        programme.read(200_000)
    assert np.array_equal(programme.read(24000), expected([good]))
