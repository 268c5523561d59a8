"""Reading and writing audio files: exact samples, clear refusals, never half a file."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from instruments.signals import noise, sine, stereo

from masterd.daemon.exporting.pcm import PcmWriter
from masterd.daemon.reading.opening import open_programme
from masterd.daemon.reading.reader import AudioFileError
from masterd.daemon.sinks.recorder import Recorder


def everything(path) -> np.ndarray:
    with open_programme(path) as reader:
        return np.concatenate(list(reader.blocks(1000)))


@pytest.mark.parametrize(
    ("suffix", "subtype"), [("wav", "PCM_16"), ("wav", "PCM_24"), ("wav", "FLOAT"), ("flac", "PCM_16"), ("flac", "PCM_24")]
)
@pytest.mark.parametrize("rate", [44100, 192000])
def test_reads_every_sample(tmp_path, suffix, subtype, rate):
    path = tmp_path / f"in.{suffix}"
    step = 2.0 ** {"PCM_16": -15, "PCM_24": -23, "FLOAT": -24}[subtype]
    signal = np.round(noise(0.1, -1, rate) / step) * step
    soundfile.write(path, signal, rate, subtype)
    assert np.array_equal(everything(path), signal)


def test_mono_comes_out_on_both_sides(tmp_path):
    soundfile.write(tmp_path / "mono.wav", noise(0.1)[:, 0], 48000, "FLOAT")
    both = everything(tmp_path / "mono.wav")
    assert both.shape == (4800, 2)
    assert np.array_equal(both[:, 0], both[:, 1])


def broken_files(tmp_path):
    good = tmp_path / "good.flac"
    soundfile.write(good, noise(2), 48000)
    (tmp_path / "cut.flac").write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    (tmp_path / "nothing.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("not audio at all" * 50)
    (tmp_path / "folder.wav").mkdir()
    soundfile.write(tmp_path / "no_frames.wav", np.zeros((0, 2)), 48000)
    soundfile.write(tmp_path / "surround.wav", np.zeros((100, 6)), 48000)
    soundfile.write(tmp_path / "slow.wav", np.zeros((100, 2)), 22050)
    return {
        "cut.flac": "break|broken",
        "nothing.wav": "is empty",
        "text.wav": "not an audio file",
        "folder.wav": "is a folder",
        "no_frames.wav": "no audio",
        "surround.wav": "6 channels",
        "slow.wav": "22050 Hz; masterd takes 44100, 48000, 88200, 96000, 176400, 192000",
        "missing.wav": "no such file",
    }


def test_refuses_with_the_name_and_the_reason(tmp_path):
    for name, why in broken_files(tmp_path).items():
        with pytest.raises(AudioFileError, match=why) as refusal:
            everything(tmp_path / name)
        assert name in str(refusal.value)


@pytest.mark.parametrize(("name", "bits"), [("out.wav", "16"), ("out.wav", "24"), ("out.flac", "16"), ("out.flac", "24")])
def test_what_write_returns_is_what_the_file_holds(tmp_path, name, bits):
    signal = 1.5 * noise(0.2, 0)  # also beyond full scale
    with PcmWriter(tmp_path / name, 48000, bits) as writer:
        held = np.concatenate([writer.write(signal[:5000]), writer.write(signal[5000:])])
    step = 2.0 ** (1 - int(bits))
    assert np.array_equal(everything(tmp_path / name), held)
    assert np.abs(held - np.clip(signal, -1, 1 - step)).max() <= 1.5 * step
    assert soundfile.info(tmp_path / name).subtype == f"PCM_{bits}"


@pytest.mark.parametrize(("expected_frames", "format"), [(19200, "WAV"), (None, "WAVEX"), (2**30, "WAVEX")])
def test_float_is_written_as_it_is(tmp_path, expected_frames, format):
    signal = (3 * noise(0.2, 0, 96000)).astype(np.float32)
    with PcmWriter(tmp_path / "out.wav", 96000, "32f", expected_frames=expected_frames) as writer:
        writer.write(signal)
    assert np.array_equal(soundfile.read(tmp_path / "out.wav", dtype="float32")[0], signal)
    assert soundfile.info(tmp_path / "out.wav").format == format


def test_dither_keeps_a_tone_below_the_last_bit(tmp_path):
    with PcmWriter(tmp_path / "out.wav", 48000, "16") as writer:
        writer.write(stereo(sine(1000, 4, -110)))
    spectrum = np.abs(np.fft.rfft(everything(tmp_path / "out.wav")[:, 0])) / (2 * 48000)
    assert 20 * np.log10(spectrum[4000]) == pytest.approx(-110, abs=0.6)


@pytest.mark.parametrize("bits", ["16", "24", "32f"])
def test_the_same_audio_is_the_same_file(tmp_path, bits):
    for name in ("one.wav", "two.wav"):
        with PcmWriter(tmp_path / name, 48000, bits) as writer:
            writer.write(noise(0.1))
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "two.wav").read_bytes()


@pytest.mark.parametrize(
    ("name", "bits", "why"),
    [
        ("out.mp3", "24", "must end in"),
        ("out.wav", "20", "not one of"),
        ("out.flac", "32f", "no float"),
        ("no/out.wav", "24", "no folder"),
    ],
)
def test_refuses_what_it_cannot_write(tmp_path, name, bits, why):
    with pytest.raises(AudioFileError, match=why):
        PcmWriter(tmp_path / name, 48000, bits)
    assert not list(tmp_path.iterdir())


def test_keeps_a_file_that_exists(tmp_path):
    path = tmp_path / "out.wav"
    path.write_bytes(b"precious")
    with pytest.raises(AudioFileError, match="exists already"):
        PcmWriter(path, 48000)
    with PcmWriter(path, 48000, force=True) as writer:
        writer.write(noise(0.1))
    assert len(everything(path)) == 4800


def test_keeps_a_file_that_appeared_meanwhile(tmp_path):
    path = tmp_path / "out.wav"
    writer = PcmWriter(path, 48000)
    writer.write(noise(0.1))
    path.write_bytes(b"precious")
    with pytest.raises(AudioFileError, match="exist"):
        writer.close()
    assert path.read_bytes() == b"precious"
    assert [found.name for found in tmp_path.iterdir()] == ["out.wav"]


def interrupted(path, error: type[BaseException]) -> None:
    with PcmWriter(path, 48000) as writer:
        writer.write(noise(0.1))
        raise error


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_interrupted_file_leaves_nothing(tmp_path, error):
    with pytest.raises(error):
        interrupted(tmp_path / "out.wav", error)
    assert not list(tmp_path.iterdir())


def test_the_target_appears_only_when_it_is_complete(tmp_path):
    with PcmWriter(tmp_path / "out.wav", 48000) as writer:
        writer.write(noise(0.1))
        assert not (tmp_path / "out.wav").exists()
    assert [found.name for found in tmp_path.iterdir()] == ["out.wav"]


def test_recorder_is_readable_at_any_time(tmp_path):
    signal = noise(1).astype(np.float32)
    recorder = Recorder(tmp_path / "air.wav", 48000)
    for at in range(0, 48000, 4800):
        recorder.write(signal[at : at + 4800])
    (unfinished,) = tmp_path.glob(".air.wav.*.part")
    assert soundfile.info(unfinished).frames == recorder.frames == 48000
    recorder.close()
    recorder.close()
    assert np.array_equal(soundfile.read(tmp_path / "air.wav", dtype="float32")[0], signal)
