"""What is heard, found and proposed, on programmes made so that the right answer is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import zmq
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st
from instruments.daemon import Daemon

from masterd.control import proposal
from masterd.control.errors import BrokenCorridor
from masterd.control.parameters import defaults
from masterd.daemon.analysis import proposing
from masterd.daemon.analysis.corridor import FOLDER, Corridor, corridor, named, names, parsed
from masterd.daemon.analysis.equalising import Band, bands_db, fitted, placed
from masterd.daemon.analysis.features import BANDS_HZ, Features
from masterd.daemon.analysis.finding import Confidence, Finding
from masterd.daemon.analysis.hearing import heard
from masterd.daemon.analysis.learning import learned
from masterd.daemon.commands.analyse import analyse
from masterd.daemon.main import main

RATE_HZ = 48000
SECONDS = 7


def coloured(slope_db_per_oct: float, seconds: float = SECONDS, seed: int = 1) -> np.ndarray:
    """Noise on one side whose third octaves fall by so much, from 40 Hz on, near -20 dBFS."""
    frames = int(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(frames))
    hz = np.maximum(np.fft.rfftfreq(frames, 1 / RATE_HZ), 1)
    spectrum *= (hz / 1000) ** ((slope_db_per_oct - 3.01) / 6.02) * (hz > 40)
    mono = np.fft.irfft(spectrum, frames)
    return 0.1 * mono / np.sqrt(np.mean(mono**2))


def stereo(slope_db_per_oct: float = -1.5, side: float = 0.3, seconds: float = SECONDS) -> np.ndarray:
    """Independent middle and side."""
    middle, difference = (coloured(slope_db_per_oct, seconds, seed) for seed in (1, 2))
    return np.stack([middle + side * difference, middle - side * difference], axis=1)


def made(folder: Path, samples: np.ndarray, name: str = "programme.wav") -> Path:
    soundfile.write(folder / name, samples, RATE_HZ, subtype="FLOAT")
    return folder / name


def found(path: Path, *arguments: str) -> dict[str, dict]:
    done = CliRunner().invoke(analyse, [str(path), "--json", *arguments])
    assert done.exit_code == 0, done.output
    return {it["title"]: it for it in json.loads(done.stdout)[0]["findings"]}


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> dict[str, dict]:
    """What is found in a programme that has no fault."""
    return found(made(tmp_path_factory.mktemp("sound"), stereo()))


def test_a_programme_in_the_middle_of_its_corridor_has_nothing_to_mend(sound):
    assert set(sound) <= {"Wide bass"}, sound  # the side of this noise is as wide in the bass as elsewhere


def with_offset(x: np.ndarray) -> np.ndarray:
    return x + 0.004


def with_hum(x: np.ndarray) -> np.ndarray:
    x = np.tile(x, (2, 1))  # it must be there all the time, for eleven seconds at least
    t = np.arange(len(x)) / RATE_HZ
    return x * 0.02 + sum(0.003 / k * np.sin(2 * np.pi * 50 * k * t) for k in (1, 2, 3, 4))[:, None]


def clipped(x: np.ndarray) -> np.ndarray:
    return np.clip(12 * x, -1, 1)


def inverted(x: np.ndarray) -> np.ndarray:
    return x * np.array([1, -1])


def leaning(x: np.ndarray) -> np.ndarray:
    return x * np.array([1, 0.6])


def rumbling(x: np.ndarray) -> np.ndarray:
    return x + 0.5 * np.sin(2 * np.pi * 25 * np.arange(len(x)) / RATE_HZ)[:, None]


def bright(x: np.ndarray) -> np.ndarray:
    spectrum = np.fft.rfft(x, axis=0)
    hz = np.fft.rfftfreq(len(x), 1 / RATE_HZ)
    return np.fft.irfft(spectrum * np.where(hz > 3000, 4.0, 1.0)[:, None], len(x), axis=0)


def dull(x: np.ndarray) -> np.ndarray:
    spectrum = np.fft.rfft(x, axis=0)
    return np.fft.irfft(spectrum * (np.fft.rfftfreq(len(x), 1 / RATE_HZ) < 10000)[:, None], len(x), axis=0)


@pytest.mark.parametrize(
    ("fault", "title", "moves"),
    [
        (with_offset, "DC offset", {"input.dc_block": True}),
        (with_hum, "Hum", {"eq.16.type": "notch", "eq.16.frequency_hz": 50.0, "eq.15.frequency_hz": 100.0}),
        (clipped, "Clipped", {}),
        (inverted, "Inverted", {"input.repair": True}),
        (leaning, "Leans to one side", {"stereo.balance_db": 4.4}),
        (rumbling, "Rumble", {"input.subsonic": True}),
        (bright, "Tonal balance", {"eq.on": True}),
        (dull, "Band-limited", {}),
    ],
)
def test_a_fault_is_found_and_only_with_it(tmp_path, sound, fault: Callable[[np.ndarray], np.ndarray], title, moves):
    finding = found(made(tmp_path, fault(stereo())))[title]
    assert finding["why"]
    for id, value in moves.items():
        if id == "eq.on":
            assert any(it.endswith("gain_db") and gain < 0 for it, gain in finding["moves"].items())
        elif id == "stereo.balance_db":
            assert finding["moves"][id] == pytest.approx(value, abs=0.3)
        else:
            assert finding["moves"][id] == value
    assert title not in sound


def test_what_is_proposed_mends_it(tmp_path):
    """Rendered with its own proposal, the balance leans no more and the offset is gone."""
    source = made(tmp_path, with_offset(leaning(stereo())))
    sheet, out = tmp_path / "proposal.toml", tmp_path / "out.wav"
    assert CliRunner().invoke(analyse, [str(source), "-p", str(sheet)]).exit_code == 0
    sheet.write_text(sheet.read_text().replace("apply = false", "apply = true"))
    done = CliRunner().invoke(main, ["render", str(source), "-o", str(out), "--proposal", str(sheet), "-j", "1"])
    assert done.exit_code == 0, done.output
    after = heard(out)
    assert abs(after.balance_db) < 0.3
    assert max(map(abs, after.dc_percent)) < 0.02


def test_loudness_says_what_the_limiter_will_do(tmp_path):
    finding = found(made(tmp_path, stereo()), "--target", "-8")["Loudness"]
    assert finding["moves"]["limiter.drive_db"] == pytest.approx(-8 - finding["value"], abs=0.06)
    assert "limited by about" in finding["why"]
    assert "more than stays unheard" in found(made(tmp_path, stereo()), "--target", "-2")["Loudness"]["why"]


def test_a_reference_is_come_near(tmp_path):
    """Darker, narrower and louder than the programme: with the moves rendered, a second listening says how near."""
    source, reference = made(tmp_path, 0.5 * stereo(-1.5, 0.6)), made(tmp_path, stereo(-3.0, 0.3), "reference.wav")
    sheet, out = tmp_path / "proposal.toml", tmp_path / "out.wav"
    done = CliRunner().invoke(analyse, [str(source), "--reference", str(reference), "-p", str(sheet)])
    assert done.exit_code == 0, done.output
    moves = proposal.read(sheet)
    assert sum(id.endswith(".on") and id.startswith("eq.") for id in moves) - 1 <= 8
    done = CliRunner().invoke(main, ["render", str(source), "-o", str(out), "--proposal", str(sheet), "-j", "1"])
    assert done.exit_code == 0, done.output
    before, there, after = (heard(path) for path in (source, reference, out))
    inside = (BANDS_HZ > 60) & (BANDS_HZ < 12000)
    away = [float(np.sqrt(np.mean((it.shape_db - there.shape_db)[inside] ** 2))) for it in (before, after)]
    print(away, [(it.width_db, it.integrated_lufs) for it in (before, after, there)])
    assert away[1] < 0.3 * away[0]
    assert abs(after.width_db - there.width_db) < 0.5
    assert abs(after.integrated_lufs - there.integrated_lufs) < 0.3


def test_peaks_are_brought_nearer_by_trying(tmp_path):
    rng = np.random.default_rng(5)
    lively = stereo()
    lively[rng.integers(0, len(lively), 400)] *= 6
    source, reference = made(tmp_path, lively), made(tmp_path, stereo(), "reference.wav")
    moves = found(source, "--reference", str(reference))
    assert moves["Peaks"]["moves"]["compressor.on"] is True
    assert "tried:" in moves["Peaks"]["why"]
    assert found(reference, "--reference", str(source))["Peaks"]["moves"] == {}, "what is flat stays flat"


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(BANDS_HZ[3:25].tolist()), st.floats(-5, 5), st.floats(0.5, 2)), min_size=1, max_size=3))
def test_bands_come_near_what_bands_made(truth):
    wanted = bands_db([Band("bell", hz, q, gain) for hz, gain, q in truth], RATE_HZ)
    wanted = np.clip(wanted, -6, 6)
    left = bands_db(fitted(wanted, RATE_HZ), RATE_HZ) - wanted
    assert np.abs(left[1:29]).max() < 1.6
    assert np.sqrt(np.mean(left[1:29] ** 2)) < 0.5


def test_bands_take_only_numbers_that_are_free():
    base = defaults() | {f"eq.{number}.on": True for number in range(1, 15)}
    values = placed([Band("bell", 100.0 * n, 1.0, float(n)) for n in range(1, 5)], base)
    assert {id.split(".")[1] for id in values if id != "eq.on"} == {"15", "16"}
    assert {values["eq.15.gain_db"], values["eq.16.gain_db"]} == {3.0, 4.0}, "the largest"


def test_every_corridor_reads_and_a_learned_one_holds_what_it_was_learned_from(tmp_path):
    assert len(names()) >= 6
    assert all(isinstance(corridor(path.stem), Corridor) for path in FOLDER.glob("*.toml"))
    features = [heard(made(tmp_path, stereo(slope), f"{slope}.wav")) for slope in (-1.0, -1.5, -2.0)]
    (tmp_path / "mine.toml").write_text(learned("mine", features))
    mine = corridor(str(tmp_path / "mine.toml"))
    assert mine.confidence == "measured"
    for it in features:
        assert np.abs(mine.excess_db(it.shape_db)[3:27]).max() < 1
        low, high = mine.ranges["integrated_lufs"]
        assert low <= it.integrated_lufs <= high


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"titel": "x"}, "unknown: titel"),
        ({"confidence": "certain"}, "confidence one of"),
        ({"confidence": "measured", "spectrum": {"slope_db_per_oct": "steep"}}, "spectrum.slope_db_per_oct"),
        ({"confidence": "measured", "spectrum": {"shape_db": [1], "spread_db": [1]}}, "30 numbers"),
        ({"confidence": "measured", "spectrum": 1}, "must be tables"),
        ({"confidence": "measured", "range": [1]}, "must be tables"),
    ],
)
def test_a_broken_corridor_says_why(document, why):
    with pytest.raises(ValueError, match=why):
        parsed("x", document)
    with pytest.raises(BrokenCorridor, match="neutral"):
        corridor("neutrl")


@pytest.mark.parametrize("name", ["../analysis/corridors/neutral", str(FOLDER / "neutral.toml"), "x" * 300, "\0"])
def test_by_its_name_a_corridor_is_no_path(name):
    with pytest.raises(BrokenCorridor, match="no corridor"):
        named(name)


def test_a_path_that_is_too_long_is_no_corridor():
    with pytest.raises(BrokenCorridor, match="no corridor"):
        corridor("x" * 300 + ".toml")


def test_a_proposal_goes_out_and_comes_back(tmp_path):
    sure = Finding("a", 1.0, "x", 'A "quote"', "why \\ so", Confidence.SURE, {"input.dc_block": True, "eq.1.type": "notch"})
    taste = Finding("b", 2.0, "y", "B", "because", Confidence.TASTE, {"stereo.on": True})
    text = proposing.written("näme", "corridor", [sure, taste])
    assert proposal.accepted(text) == {"input.dc_block": True, "eq.1.type": "notch"}
    assert proposal.accepted(text.replace("apply = false", "apply = true"))["stereo.on"] is True
    for wrong, why in (
        ("apply = 1", "apply must be true or false"),
        ('[[move]]\napply = true\nvalues = { "limiter.ceiling_dbtp" = 9 }', "limiter.ceiling_dbtp: 9 is outside"),
        ("[[move]]\napplied = true", "holds title"),
        ("move = 3", "proposal"),
        ("[x", "not TOML"),
    ):
        with pytest.raises(proposal.BrokenProposal, match=why):
            proposal.accepted(text.replace("apply = true", wrong) if wrong.startswith("apply =") else wrong)


def test_the_page_has_everything_in_it(tmp_path):
    page = tmp_path / "page.html"
    source = made(tmp_path, leaning(stereo()), "<b>name.wav")
    assert CliRunner().invoke(analyse, [str(source), "--html", str(page)]).exit_code == 0
    text = page.read_text()
    assert text.count("<svg") >= 2
    assert "&lt;b&gt;name.wav" in text
    assert "stereo.balance_db" in text
    assert "src=" not in text, "nothing is loaded from elsewhere"
    again = CliRunner().invoke(analyse, [str(source), "--html", str(page)])
    assert again.exit_code == 1
    assert "exists already" in again.output


def test_silence_and_broken_files(tmp_path):
    silent = heard(made(tmp_path, np.zeros((RATE_HZ, 2))))
    assert isinstance(silent, Features)
    assert CliRunner().invoke(analyse, [str(made(tmp_path, np.zeros((RATE_HZ, 2))))]).exit_code == 0
    (tmp_path / "broken.wav").write_bytes(b"RIFFnonsense")
    done = CliRunner().invoke(analyse, [str(tmp_path / "broken.wav")])
    assert done.exit_code == 1
    assert "broken.wav" in done.output


def test_what_is_on_air_is_analysed_the_same_way(tmp_path):
    source = made(tmp_path, leaning(stereo(seconds=8)))
    config = f'[daemon]\npreset = "flat"\n[source]\nfiles = ["{source}"]\nloop = true\n'
    with Daemon(config=config) as daemon:
        assert daemon.ask(op="analyse.result")["error"]["code"] == "no_analysis"
        assert daemon.ask(op="analyse.begin", corridor="none")["error"]["code"] == "broken_corridor"
        assert daemon.ask(op="analyse.begin", seconds=5, origin="test")["ok"]
        assert daemon.ask(op="analyse.begin", seconds=5)["error"]["code"] == "analysis_running"
        events = daemon.connect(zmq.SUB, "events", b"")
        while True:
            assert events.poll(15000)
            event = json.loads(events.recv())
            if event["type"] == "analysed":
                break
        assert (event["ok"], event["origin"]) == (True, "test")
        assert "Leans to one side" in event["findings"]
        report = daemon.ask(op="analyse.result")["result"]
        assert report["heard"]["balance_db"] == pytest.approx(-4.4, abs=0.3)
        text = daemon.ask(op="analyse.result", form="proposal")["result"]
        values = proposal.accepted(text.replace("apply = false", "apply = true"))
        assert daemon.ask(op="set", values=values)["ok"]
        assert "<svg" in daemon.ask(op="analyse.result", form="html")["result"]
