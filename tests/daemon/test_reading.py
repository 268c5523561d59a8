"""Reading what only ffmpeg reads: exact samples, exact lengths, clear refusals; other rates, and whole folders."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from instruments.signals import noise, sine, stereo

from masterd.daemon.reading import opening
from masterd.daemon.reading.ffmpeg import FfmpegReader
from masterd.daemon.reading.finding import found
from masterd.daemon.reading.opening import open_audio
from masterd.daemon.reading.rates import engine_rate_hz, resampled, resampled_frames
from masterd.daemon.reading.reader import AudioFileError

FRAMES = 100_003


def encoded(path: Path, audio: np.ndarray, *codec: str, rate: int = 44100, subtype: str = "PCM_16") -> Path:
    source = path.with_suffix(".source.wav")
    soundfile.write(source, audio, rate, subtype)
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", str(source), *codec, str(path)], check=True)
    return path


def everything(path: Path) -> np.ndarray:
    with open_audio(path) as reader:
        return np.concatenate(list(reader.blocks(1000)))


@pytest.mark.parametrize(
    ("suffix", "codec", "bits"), [("m4a", "alac", 16), ("wv", "wavpack", 16), ("tta", "tta", 16), ("mka", "flac", 16)]
)
def test_lossless_files_give_every_sample(tmp_path, suffix, codec, bits):
    audio = np.round(noise(FRAMES / 44100, -1, 44100) * 2**15) / 2**15
    path = encoded(tmp_path / f"in.{suffix}", audio, "-c:a", codec)
    assert np.array_equal(everything(path), audio)
    with open_audio(path) as reader:
        assert (type(reader), reader.bits, reader.sample_rate_hz) == (FfmpegReader, bits, 44100)


@pytest.mark.parametrize("codec", [("aac", "m4a"), ("libmp3lame", "mp3"), ("libvorbis", "ogg"), ("wmav2", "wma")])
def test_lossy_files_are_as_long_as_they_were_and_begin_where_they_did(tmp_path, codec):
    path = encoded(
        tmp_path / f"in.{codec[1]}",
        stereo(sine(440, 100_352 / 44100, -6, 44100)),
        "-c:a",
        codec[0],
        "-b:a",
        "192k",
        "-movie_timescale",
        "44100",
    )
    heard = everything(path)
    if codec[1] != "wma":  # which tells nobody its delay
        assert len(heard) == 100_352
        assert np.corrcoef(heard[5000:90000, 0], sine(440, 100_352 / 44100, -6, 44100)[5000:90000])[0, 1] > 0.999
    assert np.abs(heard).max() < 0.7


def test_the_sound_of_a_film(tmp_path):
    path = tmp_path / "film.mp4"
    picture = [
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=64x64:rate=25:duration=2",
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=1000:duration=2",
    ]
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *picture, "-c:a", "aac", "-c:v", "mpeg4", str(path)], check=True)
    assert len(everything(path)) == pytest.approx(2 * 44100, abs=50)


def test_a_length_that_is_only_guessed_is_no_complaint(tmp_path):
    audio = np.concatenate([noise(2, -3, 44100), np.zeros((44100 * 20, 2))])
    path = encoded(tmp_path / "in.aac", audio, "-c:a", "aac", "-b:a", "192k")
    with open_audio(path) as reader:
        heard = sum(map(len, reader.blocks()))
        assert abs(reader.frames - heard) > 44100  # ffmpeg's guess
    assert heard == pytest.approx(len(audio), abs=4096)


def broken(tmp_path: Path) -> dict[str, str]:
    audio = noise(20, -12, 44100)
    whole = encoded(tmp_path / "whole.m4a", audio, "-c:a", "alac", "-movflags", "+faststart")
    (tmp_path / "cut.m4a").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    late = encoded(tmp_path / "late.m4a", audio, "-c:a", "aac")
    (tmp_path / "headless.m4a").write_bytes(late.read_bytes()[: late.stat().st_size // 2])
    (tmp_path / "text.m4a").write_text("not audio at all" * 50)
    picture = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=25:duration=1"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, "-c:v", "mpeg4", str(tmp_path / "mute.mp4")], check=True)
    encoded(tmp_path / "surround.m4a", np.zeros((44100, 6)), "-c:a", "aac")
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n")
    return {
        "cut.m4a": "breaks off|cannot be decoded",
        "headless.m4a": "not an audio file",
        "text.m4a": "not an audio file",
        "mute.mp4": "no sound",
        "surround.m4a": "6 channels",
        "list.m3u8": "not an audio file|cannot be decoded",
    }


def test_refuses_with_the_name_and_the_reason(tmp_path):
    for name, why in broken(tmp_path).items():
        with pytest.raises(AudioFileError, match=why) as refusal:
            everything(tmp_path / name)
        assert name in str(refusal.value)


def test_without_ffmpeg_it_is_said_what_would_help(tmp_path, monkeypatch):
    (tmp_path / "in.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    monkeypatch.setattr(opening.ffmpeg, "available", lambda: False)
    with pytest.raises(AudioFileError, match="with ffmpeg"):
        open_audio(tmp_path / "in.m4a")


def test_a_reader_that_is_left_leaves_no_process(tmp_path):
    reader = open_audio(encoded(tmp_path / "in.m4a", noise(20, -12, 44100), "-c:a", "alac"))
    reader.read(10)
    process = reader._process
    reader.close()
    reader.close()
    assert process.poll() is not None


@pytest.mark.parametrize(("from_hz", "to_hz"), [(22050, 44100), (48000, 44100), (44100, 96000), (96000, 48000), (384000, 192000)])
def test_conversion_keeps_time_length_and_tone(from_hz, to_hz):
    tone = stereo(sine(997, 1, -6, from_hz))
    heard = np.concatenate(list(resampled((tone[at : at + 777] for at in range(0, len(tone), 777)), from_hz, to_hz)))
    assert len(heard) == resampled_frames(len(tone), from_hz, to_hz)
    wanted = stereo(sine(997, len(heard) / to_hz, -6, to_hz))
    inside = slice(to_hz // 20, -to_hz // 20)
    assert np.abs(heard[inside] - wanted[inside]).max() < 1e-6


def test_every_rate_has_an_engine_s():
    wanted = {
        8000: 48000,
        11025: 44100,
        22050: 44100,
        24000: 48000,
        32000: 96000,
        44100: 44100,
        352800: 176400,
        384000: 192000,
        37800: 48000,
    }
    assert {rate: engine_rate_hz(rate) for rate in wanted} == wanted


def test_folders_are_sorted_as_a_person_would(tmp_path):
    for name in ("10 ten.wav", "2 two.flac", "disc 2/1.mp3", ".hidden/3.wav", ".4.wav", "cover.jpg", "B.WAV"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    files = found([tmp_path, tmp_path / "cover.jpg"])
    assert [str(file.name) for file in files] == ["2 two", "10 ten", "B", "disc 2/1", "cover"]
