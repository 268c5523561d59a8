"""masterd render --album: joins without a seam, one loudness, levels kept, and a CD cut where a CD can be cut."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from instruments import loudness_meter as meter
from instruments.signals import noise, sine, stereo
from mutagen.flac import FLAC

from masterd.daemon.commands.render import render as command

LENGTHS = (200_000, 195_123, 210_777)
HARD = ("--set", "compressor.on=on", "--set", "compressor.threshold_db=-30", "--set", "limiter.drive_db=9", "--set", "eq.1.on=on")


def tracks(folder: Path, rate: int = 44100) -> tuple[list[Path], np.ndarray]:
    """One piece of sound, cut into files with tags."""
    folder.mkdir()
    frames = sum(LENGTHS)
    audio = noise(frames / rate, -20, rate)[:frames] + stereo(sine(220, frames / rate, -9, rate))[:frames]
    audio *= np.repeat([0.3, 1.0, 0.6], LENGTHS)[:, None]
    paths = []
    for number, part in enumerate(np.split(audio, np.cumsum(LENGTHS)[:-1]), 1):
        paths.append(folder / f"{number}.flac")
        soundfile.write(paths[-1], part, rate, "PCM_24")
        file = FLAC(paths[-1])
        file.update(
            {
                "TITLE": f'Song "{number}"',
                "ARTIST": "Band",
                "ALBUM": "LP",
                "TRACKNUMBER": str(number),
                "ISRC": f"DEXX1234567{number}",
            }
        )
        file.save()
    return paths, audio


def render(*words: object):
    result = CliRunner().invoke(command, [str(word) for word in words])
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def test_the_tracks_together_are_the_rendering_of_the_whole(tmp_path):
    paths, audio = tracks(tmp_path / "in")
    soundfile.write(tmp_path / "whole.wav", np.round(audio * 2**23) / 2**23, 44100, "DOUBLE")
    render(tmp_path / "whole.wav", "-o", tmp_path / "one.wav", "--bits", "32f", *HARD)
    render(*paths, "-o", f"{tmp_path}/out/", "--album", "--bits", "32f", *HARD)
    parts = [soundfile.read(tmp_path / "out" / f"{number}.wav")[0] for number in (1, 2, 3)]
    assert [len(part) for part in parts] == list(LENGTHS)
    assert np.abs(np.concatenate(parts) - soundfile.read(tmp_path / "one.wav")[0]).max() < 2**-23


def test_joins_are_seamless_at_another_rate_too(tmp_path):
    paths, _ = tracks(tmp_path / "in")
    render(*paths, "-o", tmp_path / "one.wav", "--album", "--bits", "32f", "--rate", "48000", *HARD)
    render(*paths, "-o", f"{tmp_path}/{{number:02}} {{title}}.wav", "--album", "--bits", "32f", "--rate", "48000", *HARD)
    parts = [soundfile.read(tmp_path / f'0{number} Song "{number}".wav')[0] for number in (1, 2, 3)]
    assert np.array_equal(np.concatenate(parts), soundfile.read(tmp_path / "one.wav")[0])
    ends = np.cumsum([len(part) for part in parts])
    assert np.abs(ends - np.cumsum(LENGTHS) * 48000 / 44100).max() <= 0.5


def test_one_loudness_for_the_album_and_levels_kept(tmp_path):
    paths, audio = tracks(tmp_path / "in")
    render(*paths, "-o", f"{tmp_path}/out/", "--album", "--target", "-18", "--replaygain", "--format", "flac")
    parts = [soundfile.read(tmp_path / "out" / f"{number}.flac")[0] for number in (1, 2, 3)]
    assert meter.integrated(meter.bins(np.concatenate(parts), 44100)) == pytest.approx(-18, abs=0.1)
    before = [meter.integrated(meter.bins(part, 44100)) for part in np.split(audio, np.cumsum(LENGTHS)[:-1])]
    after = [meter.integrated(meter.bins(part, 44100)) for part in parts]
    assert np.diff(after) == pytest.approx(np.diff(before), abs=0.05)
    tags = [FLAC(tmp_path / "out" / f"{number}.flac") for number in (1, 2, 3)]
    assert {file["replaygain_album_gain"][0] for file in tags} == {"0.00 dB"} or all(
        abs(float(file["replaygain_album_gain"][0].split()[0])) <= 0.1 for file in tags
    )
    gains = [float(file["replaygain_track_gain"][0].split()[0]) for file in tags]
    assert gains == pytest.approx([-18 - loudness for loudness in after], abs=0.1)


def cue(path: Path) -> list[tuple[str, int]]:
    """Files and where the tracks begin in them, in frames at 44.1 kHz."""
    file, found = "", []
    for line in path.read_bytes().decode().split("\r\n"):
        if match := re.fullmatch(r'FILE "(.*)" WAVE', line):
            file = match[1]
        if match := re.fullmatch(r"    INDEX 01 (\d\d):(\d\d):(\d\d)", line):
            minutes, seconds, sectors = map(int, match.groups())
            assert seconds < 60
            assert sectors < 75
            found.append((file, ((60 * minutes + seconds) * 75 + sectors) * 588))
    return found


@pytest.mark.parametrize("rate", [44100, 48000])
def test_a_cd_in_one_file_is_cut_at_its_sectors(tmp_path, rate):
    paths, _ = tracks(tmp_path / "in", rate)
    render(*paths, "-o", tmp_path / "cd.wav", "--album", "--cue", tmp_path / "cd.cue")
    info = soundfile.info(tmp_path / "cd.wav")
    assert (info.samplerate, info.subtype, info.frames % 588) == (44100, "PCM_16", 0)
    true = np.concatenate([[0], np.cumsum(LENGTHS)[:-1]]) * 44100 / rate
    starts = [start for _, start in cue(tmp_path / "cd.cue")]
    assert [name for name, _ in cue(tmp_path / "cd.cue")] == ["cd.wav"] * 3
    assert all(0 <= exact - start < 589 for exact, start in zip(true, starts, strict=True))
    assert 0 <= info.frames - sum(LENGTHS) * 44100 / rate < 589
    text = (tmp_path / "cd.cue").read_text()
    for part in ('PERFORMER "Band"', 'TITLE "LP"', "TITLE \"Song '2'\"", "ISRC DEXX12345673", "TRACK 03 AUDIO"):
        assert part in text


def test_a_cd_in_a_file_for_each_track_loses_no_sample(tmp_path):
    paths, _ = tracks(tmp_path / "in")
    render(*paths, "-o", tmp_path / "cd.wav", "--album", "--cue", tmp_path / "cd.cue", *HARD)
    render(*paths, "-o", f"{tmp_path}/out/", "--album", "--cue", tmp_path / "out.cue", *HARD)
    parts = [soundfile.read(tmp_path / "out" / f"{number}.wav")[0] for number in (1, 2, 3)]
    assert all(len(part) % 588 == 0 for part in parts)
    whole = soundfile.read(tmp_path / "cd.wav")[0]
    assert len(np.concatenate(parts)) == len(whole)
    assert np.abs(np.concatenate(parts) - whole).max() <= 4 * 2**-15  # each file has its own dither
    assert cue(tmp_path / "out.cue") == [(f"{number}.wav", 0) for number in (1, 2, 3)]


def test_what_is_no_cd_is_refused(tmp_path):
    soundfile.write(tmp_path / "short.wav", noise(2, -12, 44100), 44100)
    words = [str(tmp_path / "short.wav"), "-o", str(tmp_path / "cd.wav"), "--cue", str(tmp_path / "cd.cue")]
    refused = CliRunner().invoke(command, [*words, "--bits", "24", "--rate", "48000"])
    for part in ("give --album", "44100 Hz, not 48000", "16 bits, not 24"):
        assert part in refused.stderr
    assert "shorter than the 4 s" in CliRunner().invoke(command, [*words, "--album"]).stderr
    assert [found.name for found in tmp_path.iterdir()] == ["short.wav"]
