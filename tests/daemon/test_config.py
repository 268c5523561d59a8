"""The configuration file: what is wrong with it is said at once, all of it, with key, line and what would be right."""

import contextlib
import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from masterd.daemon import config
from masterd.daemon.config import Config, ConfigRefused

EXAMPLE = Path(__file__).parents[2] / "systemd" / "example.toml"

BROKEN = """\
[daemon]
name = "has a space"
[audio]
host = "asio"
blok_frames = 64
sample_rate_hz = 44101
block_frames = 64.0
latency = true

[outdoors]
[meters]
rate_hz = nan
[source]
files = ["a.wav", 3]
[jack]
capture = "("
"""


def problems(toml):
    with pytest.raises(ConfigRefused) as refused:
        config.parse(toml)
    return {it.key: it for it in refused.value.problems}


def test_an_empty_file_is_the_defaults():
    assert config.parse("") == Config()


def test_every_error_is_listed_with_key_line_and_what_would_be_right():
    found = problems(BROKEN)
    assert {key: it.line for key, it in found.items()} == {
        "daemon.name": 2,
        "audio.host": 4,
        "audio.blok_frames": 5,
        "audio.sample_rate_hz": 6,
        "audio.block_frames": 7,
        "audio.latency": 8,
        "outdoors": 10,
        "meters.rate_hz": 12,
        "source.files": 14,
        "jack.capture": 16,
    }
    assert "did you mean block_frames?" in found["audio.blok_frames"].what
    assert "44100, 48000" in found["audio.sample_rate_hz"].what
    assert "'asio' must be auto, jack, portaudio or simulated" in found["audio.host"].what


def test_the_text_of_a_refusal_shows_all_of_them():
    with pytest.raises(ConfigRefused) as refused:
        config.parse(BROKEN, "/etc/masterd/main.toml")
    lines = str(refused.value).splitlines()
    assert lines[0] == "/etc/masterd/main.toml: nothing of it is used:"
    assert len(lines) == 11


@pytest.mark.parametrize("toml", ["[audio", "a = [[", "audio = 3", "[[audio]]", 'x = "\ud800"'.encode("utf-8", "surrogatepass")])
def test_what_is_not_a_configuration_is_refused(toml, tmp_path):
    path = tmp_path / "main.toml"
    path.write_bytes(toml if isinstance(toml, bytes) else toml.encode())
    with pytest.raises(ConfigRefused):
        config.load(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigRefused, match="cannot be read: No such file"):
        config.load(tmp_path / "none.toml")


def test_overrides_win_and_are_checked_like_the_file():
    assert config.parse('[audio]\nhost = "jack"', overrides={"audio.host": "simulated"}).audio.host == "simulated"
    with pytest.raises(ConfigRefused, match=r"audio\.host: 'asio'"):
        config.parse("", overrides={"audio.host": "asio"})


def test_one_text_is_a_list_of_one():
    assert config.parse('[source]\nfiles = "a.wav"').source.files == ("a.wav",)


def test_differences_name_the_keys_and_whether_they_can_change_live():
    new = config.parse("[meters]\nrate_hz = 10\n[audio]\nblock_frames = 64")
    assert dict(config.differences(Config(), new)) == {"audio.block_frames": False, "meters.rate_hz": True}
    assert not list(config.differences(Config(), Config()))


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_parser(toml):
    with contextlib.suppress(ConfigRefused):
        config.parse(toml)


TOML_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda it: st.lists(it, max_size=3) | st.dictionaries(st.text(max_size=10), it, max_size=3),
    max_leaves=5,
)
KEYS = [
    f"{table.name}.{key.name}"
    for table in dataclasses.fields(Config)
    for key in dataclasses.fields(getattr(Config(), table.name))
]


@given(st.dictionaries(st.sampled_from(KEYS), TOML_VALUES))
@settings(max_examples=300, deadline=None)
def test_any_value_under_any_key_is_taken_or_refused_by_name(overrides):
    try:
        made = config.parse("", overrides=overrides)
    except ConfigRefused as refused:
        named = {it.key for it in refused.problems}
    else:
        named = set(overrides)
        assert isinstance(made, Config)
    assert named <= set(overrides)


def test_the_example_shows_every_key_at_its_default_and_explains_it():
    text = EXAMPLE.read_text()
    assert config.parse(text) == Config()
    shown = set(config.lines_of(text))
    assert set(KEYS) <= shown
    lines = text.splitlines()
    for dotted, at in config.lines_of(text).items():
        if dotted in KEYS:
            assert "#" in lines[at - 1] or lines[at - 2].startswith("#"), f"{dotted} is not explained"


@pytest.mark.parametrize("table", ["osc", "metrics"])
def test_a_surface_without_keys_is_open_beyond_this_machine_only_to_whom_was_named(table):
    found = problems(f'[daemon]\n[{table}]\nlisten = "0.0.0.0"\n')
    assert (list(found), found[table].line) == ([table], 2)
    assert "name the addresses or networks" in found[table].what
    named = config.parse(f'[{table}]\nlisten = "::"\nallow = ["192.168.1.0/24", "fd00::7"]\n')
    assert getattr(named, table).allow == ("192.168.1.0/24", "fd00::7/128")


def test_what_is_no_address_network_or_corridor_is_said():
    found = problems('[osc]\nlisten = "studio"\nallow = ["10.0.0.0/40"]\nport = 0\n[metrics]\ncorridor_lufs = [-22, -24]\n')
    assert list(found) == ["osc.listen", "osc.allow", "osc.port", "metrics.corridor_lufs"]
    assert config.parse("[metrics]\ncorridor_lufs = [-24, -22.5]\n").metrics.corridor_lufs == (-24.0, -22.5)
