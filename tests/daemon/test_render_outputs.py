"""masterd render: every format, several in one pass, other rates under the ceiling, Broadcast Wave, tags - by other means."""

from __future__ import annotations

import json
import struct
import subprocess
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from instruments.signals import noise, sine, stereo
from instruments.true_peak_meter import true_peak_dbtp
from mutagen.flac import FLAC, Picture

from masterd.daemon.commands.render import render as command
from masterd.daemon.measuring.measurement import measure_file
from masterd.daemon.reading.opening import open_audio

LOSSY = ("mp3", "opus", "m4a", "ogg")
COVER = b"\x89PNG\r\n\x1a\n" + bytes(range(200))


def source(path: Path, audio: np.ndarray, rate: int = 44100, subtype: str = "PCM_24") -> Path:
    soundfile.write(path, audio, rate, subtype)
    return path


def render(*words: object):
    result = CliRunner().invoke(command, [str(word) for word in words])
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def decoded(path: Path) -> np.ndarray:
    """By ffmpeg itself."""
    run = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-f", "f64le", "-"], check=True, capture_output=True)
    return np.frombuffer(run.stdout).reshape(-1, 2)


def test_six_formats_in_one_pass_are_the_same_sound_and_exactly_as_long(tmp_path):
    tone = stereo(sine(440, 2.37, -9, 44100), sine(550, 2.37, -9, 44100))
    path = source(tmp_path / "in.wav", tone)
    outs = [word for suffix in ("wav", "flac", *LOSSY) for word in ("-o", tmp_path / f"out.{suffix}")]
    render(path, *outs)
    wave = decoded(tmp_path / "out.wav")
    assert np.array_equal(wave, decoded(tmp_path / "out.flac"))
    for suffix in LOSSY:
        with open_audio(tmp_path / f"out.{suffix}") as reader:
            heard, rate = np.concatenate(list(reader.blocks())), reader.sample_rate_hz
        assert len(heard) == round(len(tone) * rate / 44100)
        wanted = stereo(sine(440, len(heard) / rate, -9, rate), sine(550, len(heard) / rate, -9, rate))
        inside = slice(4000, -4000)
        error = heard[inside] - wanted[inside]
        assert np.sqrt(np.mean(error**2)) < 0.01, suffix


@pytest.mark.parametrize("suffix", LOSSY)
def test_what_decoders_make_of_it_is_measured(tmp_path, suffix):
    """An encoder may overshoot; that it is told by our meter as by the instrument is what a delivery rests on."""
    path = source(tmp_path / "in.wav", noise(2, 0, 44100) * np.linspace(0.1, 1, 2 * 44100)[:, None])
    render(path, "-o", tmp_path / f"out.{suffix}", "--set", "limiter.drive_db=6", "--ceiling", "-2", "--bitrate", "192")
    peak = true_peak_dbtp(decoded(tmp_path / f"out.{suffix}"))
    shown = measure_file(tmp_path / f"out.{suffix}", spectrum=False)
    print(f"{suffix}: decoded {peak:+.2f} dBTP under a ceiling of -2")
    assert shown.true_peak_dbtp == pytest.approx(peak, abs=0.06)
    assert -2.5 < peak < 2


@pytest.mark.parametrize(("from_hz", "to_hz"), [(96000, 44100), (44100, 48000), (48000, 192000), (22050, 44100)])
def test_what_leaves_is_under_the_ceiling_at_its_own_rate(tmp_path, from_hz, to_hz):
    """Clipped noise rises between its samples, and again when it is resampled."""
    path = source(tmp_path / "in.wav", np.sign(noise(1, 0, from_hz)) * 0.99, from_hz)
    render(path, "-o", tmp_path / "out.wav", "--rate", to_hz, "--ceiling", "-1", "--set", "limiter.drive_db=9", "--bits", "32f")
    out, rate = soundfile.read(tmp_path / "out.wav")
    assert (rate, len(out)) == (to_hz, to_hz)
    assert -4 < true_peak_dbtp(out) <= -1


def test_resampling_is_transparent_below_the_ceiling(tmp_path):
    path = source(tmp_path / "in.wav", stereo(sine(1000, 1, -6, 96000)), 96000, "FLOAT")
    render(path, "-o", tmp_path / "out.wav", "--rate", 44100, "--bits", "32f")
    out = soundfile.read(tmp_path / "out.wav")[0][2000:-2000]
    wanted = stereo(sine(1000, 1, -6, 44100))[2000:-2000]
    assert np.abs(out - wanted).max() < 1e-6


def test_weighted_dither_moves_the_noise_where_the_ear_is_deaf(tmp_path):
    path = source(tmp_path / "in.wav", np.zeros((44100, 2)))
    levels = {}
    for dither in ("flat", "weighted", "none"):
        render(path, "-o", tmp_path / f"{dither}.wav", "--bits", "16", "--dither", dither)
        out = soundfile.read(tmp_path / f"{dither}.wav")[0][:, 0]
        power = np.abs(np.fft.rfft(out)) ** 2
        levels[dither] = 10 * np.log10(power[2000:5000].mean() + 1e-20), 10 * np.log10(np.mean(out**2) + 1e-20)
    assert levels["weighted"][0] < levels["flat"][0] - 12
    assert levels["weighted"][1] > levels["flat"][1] + 10
    assert levels["none"][1] < -150


def bext(path: Path) -> dict[str, object]:
    """As Tech 3285 lays it out."""
    content = path.read_bytes()
    at = content.index(b"bext") + 8
    version, values = struct.unpack_from("<H", content, at + 346)[0], struct.unpack_from("<5h", content, at + 412)
    return {
        "description": content[at : at + 256].rstrip(b"\0").decode(),
        "version": version,
        "loudness": [it / 100 for it in values],
    }


@pytest.mark.parametrize("rf64", [False, True])
def test_broadcast_wave_holds_its_loudness(tmp_path, rf64):
    path = source(tmp_path / "in.wav", noise(5, -20, 48000), 48000)
    render(path, "-o", tmp_path / "out.wav", "--bwf", *(["--rf64"] if rf64 else []))
    assert (tmp_path / "out.wav").read_bytes()[:4] == (b"RF64" if rf64 else b"RIFF")
    chunk, shown = bext(tmp_path / "out.wav"), measure_file(tmp_path / "out.wav", spectrum=False)
    wanted = (
        shown.integrated_lufs, shown.loudness_range_lu, shown.true_peak_dbtp, shown.momentary_max_lufs, shown.short_term_max_lufs,
    )  # fmt: skip
    assert chunk["version"] == 2
    assert chunk["loudness"] == pytest.approx(wanted, abs=0.0051)
    assert soundfile.info(tmp_path / "out.wav").frames == 240000


def tagged(path: Path) -> Path:
    soundfile.write(path, stereo(sine(440, 3, -12, 44100)), 44100)
    file = FLAC(path)
    file.update(
        {
            "TITLE": "Été «x»",
            "ARTIST": ["One", "Two"],
            "TRACKNUMBER": "3/9",
            "DATE": "2024",
            "MY KEY": "kept",
            "ISRC": "DEXX12345678",
        }
    )
    file["REPLAYGAIN_TRACK_GAIN"] = "-99 dB"
    picture = Picture()
    picture.data, picture.mime, picture.type = COVER, "image/png", 3
    file.add_picture(picture)
    file.save()
    return path


def probed(path: Path) -> dict[str, str]:
    """Tags as ffprobe reads them, lower case; it does not look into a WAV's id3 chunk."""
    command = ["ffprobe", "-v", "quiet", "-show_entries", "format_tags:stream_tags", "-of", "json", path]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    tags = dict(found["format"].get("tags", {}))
    for stream in found["streams"]:
        tags |= stream.get("tags", {})
    if path.suffix == ".wav":
        tags |= {frame.desc: str(frame) for frame in mutagen.File(path).tags.getall("TXXX")}
    return {name.lower(): value for name, value in tags.items()}


@pytest.mark.parametrize("suffix", ["wav", "flac", *LOSSY])
def test_tags_cover_and_new_gains_are_carried(tmp_path, suffix):
    out = tmp_path / f"out.{suffix}"
    render(tagged(tmp_path / "in.flac"), "-o", out, "--set", "output.trim_db=-2")
    tags, shown = probed(out), measure_file(out, spectrum=False)
    assert tags["title"] == "Été «x»"
    assert tags["track"] == "3/9"
    assert tags.get("my key") == "kept"
    assert "One" in tags["artist"]
    assert COVER in out.read_bytes() or mutagen.File(out).tags["METADATA_BLOCK_PICTURE"]
    if suffix == "opus":
        assert int(tags["r128_track_gain"]) / 256 == pytest.approx(-23 - shown.integrated_lufs, abs=0.1)
    else:
        assert float(tags["replaygain_track_gain"].split()[0]) == pytest.approx(-18 - shown.integrated_lufs, abs=0.1)
    with open_audio(out) as reader:
        assert sum(map(len, reader.blocks())) == (3 * 48000 if suffix == "opus" else 3 * 44100)


def test_tags_may_stay_behind_and_gains_may_be_asked_for(tmp_path):
    path = tagged(tmp_path / "in.flac")
    render(path, "-o", tmp_path / "bare.flac", "--no-tags")
    assert not FLAC(tmp_path / "bare.flac").tags
    render(path, "-o", tmp_path / "gain.flac", "--no-tags", "--replaygain")
    assert set(FLAC(tmp_path / "gain.flac").tags.keys()) == {"replaygain_track_gain", "replaygain_track_peak"}


def test_everything_wrong_with_outputs_is_told_at_once(tmp_path):
    path = source(tmp_path / "in.wav", noise(1, -12, 44100))
    words = ["-o", "a.xyz", "-o", tmp_path / "b.opus", "-o", tmp_path / "none/c.wav", "-o", tmp_path / "d.mp3", "--rate", "96000"]
    words += [
        "--bitrate",
        "opus=9",
        "--quality",
        "m4a=2",
        "-o",
        tmp_path / "e.m4a",
        "--bitrate",
        "nix=3",
        "-o",
        tmp_path / "{nix}.wav",
    ]
    result = CliRunner().invoke(command, [str(word) for word in [path, *words]])
    assert result.exit_code == 1
    for part in ("a.xyz: its name must end in", "9 kbit/s is outside 16 to 510", "no folder", "d.mp3: 96000 Hz is not one of",
                 "m4a has no quality scale", "no format 'nix'", "{name}"):  # fmt: skip
        assert part in result.stderr, part
    assert [found.name for found in tmp_path.iterdir()] == ["in.wav"]


def test_an_encoder_that_fails_leaves_nothing_and_says_why(tmp_path, monkeypatch):
    path = source(tmp_path / "in.wav", noise(1, -12, 44100))
    monkeypatch.setattr("masterd.daemon.exporting.encoded.REPRODUCIBLE", ["-nonsense", "1"])
    result = CliRunner().invoke(command, [str(path), "-o", str(tmp_path / "out.mp3"), "-o", str(tmp_path / "out.wav")])
    assert result.exit_code == 1
    assert "out.mp3: cannot be encoded" in result.stderr
    assert [found.name for found in tmp_path.iterdir()] == ["in.wav"]


@pytest.mark.parametrize("suffix", ["mp3", "m4a", "wav"])
def test_the_same_rendering_is_the_same_file(tmp_path, suffix):
    path = source(tmp_path / "in.wav", noise(1, -12, 44100))
    for name in ("one", "two"):
        render(path, "-o", tmp_path / f"{name}.{suffix}")
    assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()
