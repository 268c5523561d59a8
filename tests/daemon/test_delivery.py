"""Delivery profiles: those that come along are sound data, the user's own are found, and a broken one says everything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from masterd.control.errors import MasterdError
from masterd.daemon.delivery.judging import judged
from masterd.daemon.delivery.profile import BrokenProfile, load, names, parsed
from masterd.daemon.measuring.measurement import FileFacts, Measurement

FILE = FileFacts(60.0, 44100, 2, 16, "pcm_16", 0, 0, 0.0, ())
GOOD = Measurement("x.wav", -23.0, -20, -21, 5, -3, -3.1, 20, 12, 10, 0.5, 0.5, 0, (0.0, 0.0), facts=FILE)


@pytest.mark.parametrize("name", names())
def test_every_profile_loads_and_says_where_it_comes_from(name):
    profile = load(name)
    assert profile.source
    assert profile.title
    if profile.target_lufs is not None:
        aimed = replace(GOOD, integrated_lufs=profile.target_lufs, facts=replace(FILE, channels=1 if "mono" in name else 2))
        aimed = replace(aimed, true_peak_dbtp=profile.ceiling_dbtp)
        assert judged(aimed, profile).passed
        assert not any(verdict.result == "advice" for verdict in judged(aimed, profile).verdicts)


def test_the_profiles_that_a_mastering_engineer_looks_for():
    wanted = {
        "r128": (-23, -1), "r128_live": (-23, -1), "r128_s1": (-23, -1), "r128_s2": (-18, -1), "atsc_a85": (-24, -2),
        "arib_tr_b32": (-24, -1), "aes_td1008_speech": (-18, -1), "aes_td1008_music": (-16, -1), "aes_td1008_album": (-14, -1),
        "spotify": (-14, -2), "apple_music": (-16, -1), "youtube": (-14, -1), "tidal": (-14, -1), "amazon_music": (-14, -2),
        "deezer": (-15, -1), "podcast_stereo": (-16, -1), "podcast_mono": (-19, -1), "cd": (None, -0.3),
    }  # fmt: skip
    assert {name: (load(name).target_lufs, load(name).ceiling_dbtp) for name in names()} == wanted


@pytest.mark.parametrize(
    ("loudness", "passed"),
    [(-23.2, True), (-23.21, False), (-22.8, True), (-22.79, False), (-20, True), (-16, True), (-15.9, False)],
)
def test_limits_are_part_of_their_range(loudness, passed):
    profile = load("r128_s2") if loudness > -22 else load("r128")
    assert judged(replace(GOOD, integrated_lufs=loudness), profile).passed is passed


def test_what_a_short_form_may_not():
    verdicts = judged(replace(GOOD, short_term_max_lufs=-17.5), load("r128_s1"))
    assert not verdicts.passed
    assert [(it.measure, it.off_by) for it in verdicts.verdicts if it.result == "fail"] == [("short_term_max_lufs", 0.5)]


def test_a_rule_for_loud_files_only_and_advice_that_fails_nothing():
    quiet, loud = (replace(GOOD, integrated_lufs=lufs, true_peak_dbtp=-1.5) for lufs in (-14.5, -9.0))
    assert [it.result for it in judged(quiet, load("spotify")).verdicts] == ["pass", "pass"]
    verdicts = judged(loud, load("spotify"))
    assert [it.result for it in verdicts.verdicts] == ["advice", "pass", "advice"]
    assert verdicts.passed


def test_a_cd_wants_its_format():
    assert judged(GOOD, load("cd")).passed
    wrong = judged(replace(GOOD, facts=replace(FILE, sample_rate_hz=48000, bits=None)), load("cd"))
    assert {it.measure for it in wrong.verdicts if it.result == "fail"} == {"sample_rate_hz", "bits"}


def test_the_user_s_own(tmp_path, monkeypatch):
    monkeypatch.setenv("MASTERD_CONFIG_DIR", str(tmp_path))
    (tmp_path / "delivery").mkdir()
    own = tmp_path / "delivery" / "station.toml"
    own.write_text('title = "Ours"\n[[rule]]\nmeasure = "psr_min_db"\nmin = 8\n')
    assert "station" in names()
    assert load("station").rules[0].text() == "at least 8"
    assert load(str(own)) == load("station")
    with pytest.raises(MasterdError, match="did you mean station"):
        load("staton")


def test_a_broken_profile_says_everything():
    text = 'confidence = "sure"\ncolour = 1\n[[rule]]\nmeasure = "loudnes"\n[[rule]]\nmeasure = "dr_db"\nmin = "3"\nmaximum = 2\n'
    with pytest.raises(BrokenProfile) as told:
        parsed("x", text)
    for part in (
        "'colour'",
        "'sure'",
        "rule 1: 'loudnes' is not measured",
        "rule 1: needs min or max",
        "rule 2: unknown: 'maximum'",
        "hold numbers",
    ):
        assert part in str(told.value)
    with pytest.raises(BrokenProfile, match="has no"):
        parsed("x", "")


@pytest.mark.parametrize(
    "text", ["rule = 1.0", "rule = [1]", "[rule]", *(f"[[rule]]\nmin = 1\n{it} = 1" for it in ("measure", "above", "or"))]
)
def test_what_should_be_a_table_and_is_none_is_told(text):
    with pytest.raises(BrokenProfile, match=r"rule: must be|rule 1: "):
        parsed("x", text)
