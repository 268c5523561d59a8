"""Presets: the factory's are complete and fixed, the user's survive on the disk, and a bad file harms only itself."""

import pytest
from hypothesis import given, settings, strategies as st

from masterd.control.errors import BadRequest, ImmutablePreset, OutOfRange, UnknownPreset
from masterd.control.parameters import PARAMETERS, defaults
from masterd.daemon import presets
from masterd.daemon.macros import moved
from masterd.daemon.presets import FACTORY, Presets


@pytest.fixture
def book(tmp_path):
    return Presets(tmp_path / "presets")


def test_the_factory_presets_are_there_first_and_in_order(book):
    book.save("alpha", defaults())
    assert book.names() == [*FACTORY, "alpha"]
    assert FACTORY[:5] == ("flat", "speech", "music", "broadcast", "streaming")


def test_flat_is_flat(book):
    assert book.load("flat").values == defaults()


@pytest.mark.parametrize("name", FACTORY)
def test_a_factory_preset_is_complete_valid_and_says_what_it_is_for(book, name):
    preset = book.load(name)
    assert list(preset.values) == list(PARAMETERS)
    assert all(PARAMETERS[id].check(value) == value for id, value in preset.values.items())
    assert len(preset.description) > 60
    assert "\n" not in preset.description
    assert preset.values["limiter.ceiling_dbtp"] <= -1
    assert not preset.values["bypass.on"]


@pytest.mark.parametrize("name", FACTORY[1:])
def test_the_knob_at_fifty_is_the_preset_itself_and_its_ends_are_not(book, name):
    preset = book.load(name)
    assert list(preset.macros) == ["less_more"]
    assert len(preset.macros["less_more"]) >= 8
    at = {position: moved(preset.macros, {"macro.less_more_percent": position}) for position in (0, 50, 100)}
    assert at[50] == {id: preset.values[id] for id in at[50]}
    assert all(at[0][id] != at[100][id] for id in preset.macros["less_more"])


@pytest.mark.parametrize("name", FACTORY[1:])
def test_every_curve_goes_one_way(book, name):
    for id, points in book.load(name).macros["less_more"].items():
        it = PARAMETERS[id]
        travel = [it.choices.index(value) if it.choices else float(value) for _, value in points]
        assert travel in (sorted(travel), sorted(travel, reverse=True)), id
        assert [position for position, _ in points][:: len(points) - 1] == [0, 100] or it.choices, id


def test_each_preset_is_a_file_and_each_file_a_preset():
    assert sorted(path.stem for path in presets.FACTORY_FOLDER.glob("*.toml")) == sorted(FACTORY)


@pytest.mark.parametrize("name", ["flat", "Flat", "BROADCAST", "music"])
def test_factory_presets_cannot_be_overwritten_or_deleted(book, name):
    before = book.names()
    with pytest.raises(ImmutablePreset):
        book.save(name, defaults())
    with pytest.raises(ImmutablePreset):
        book.delete(name)
    assert book.names() == before
    assert not book.folder.exists()


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "/etc/passwd",
        "a\0b",
        ".hidden",
        "-rf",
        " x",
        "x ",
        "x.",
        "a\nb",
        "x" * 65,
        "ü" * 64 + "x",
        "a\\b",
        "~",
        "a:b",
    ],
)
def test_a_name_that_is_more_than_a_name_is_refused(book, name, tmp_path):
    for turn in (lambda: book.save(name, defaults()), lambda: book.delete(name)):
        with pytest.raises(BadRequest):
            turn()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a", "Frühstück", "Morning show 2", "v1.2+b_c-d", "0", "x" * 64])
def test_a_good_name_is_kept(book, name):
    book.save(name, defaults() | {"limiter.drive_db": 3})
    again = Presets(book.folder)
    assert again.load(name).values["limiter.drive_db"] == 3
    assert again.names() == book.names()
    again.delete(name)
    assert Presets(book.folder).names() == list(FACTORY)


def test_one_name_written_in_two_unicode_forms_is_one_preset(book):
    book.save("u\u0308ber", defaults())
    book.save("\u00fcber", defaults())
    assert book.names()[len(FACTORY) :] == ["\u00fcber"]


def values_of():
    def of(it):
        if it.choices:
            return st.sampled_from(it.choices)
        return st.booleans() if it.kind == "switch" else st.floats(it.min, it.max)

    return st.fixed_dictionaries({}, optional={id: of(it) for id, it in PARAMETERS.items()})


@given(values_of())
@settings(max_examples=40, deadline=None)
def test_what_is_saved_is_what_is_loaded_to_the_last_bit(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("presets")
    Presets(folder).save("x", values)
    assert presets.load("x", folder) == defaults() | values


BROKEN = {
    "torn": "description = ",
    "bytes": b"\xff\xfe",
    "range": "[values]\nlimiter.ceiling_dbtp = 3\n",
    "nan": "[values]\nlimiter.ceiling_dbtp = nan\n",
    "unknown": "[values]\nlimiter.cieling_dbtp = -3\n",
    "kind": "[values]\neq.on = 'maybe'\n",
    "extra": "author = 'me'\n[values]\n",
    "shape": "values = 3\n",
    "partly": "[values]\nlimiter = 3\n",
    "big": "#" * (presets.FILE_BYTES + 1),
    "deep": "x = " + "[" * 5000,
}


def test_broken_files_are_reported_and_skipped_and_the_others_load(book):
    book.save("good", defaults())
    for name, content in BROKEN.items():
        (book.folder / f"{name}.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    (book.folder / "flat.toml").write_text("[values]\n")
    (book.folder / "folder.toml").mkdir()
    (book.folder / "dangling.toml").symlink_to("nowhere")
    book.rescan()
    assert book.names() == [*FACTORY, "good"]
    assert set(book.broken) == {*BROKEN, "flat", "folder", "dangling"}
    assert "limiter.ceiling_dbtp" in book.broken["range"]
    assert "did you mean limiter.ceiling_dbtp" in book.broken["unknown"]
    with pytest.raises(UnknownPreset, match="broken"):
        book.load("range")
    assert book.load("flat").factory


def test_a_broken_file_can_be_replaced_and_deleted(book):
    book.folder.mkdir()
    for name in ("one", "two"):
        (book.folder / f"{name}.toml").write_text("]")
    book.rescan()
    book.save("one", defaults())
    book.delete("two")
    assert (book.names()[len(FACTORY) :], book.broken) == (["one"], {})
    assert [it.name for it in book.folder.iterdir()] == ["one.toml"]


def test_a_refused_save_leaves_what_was_there(book):
    book.save("mine", defaults() | {"limiter.drive_db": 3})
    with pytest.raises(OutOfRange):
        book.save("mine", {"limiter.drive_db": 99})
    assert presets.load("mine", book.folder)["limiter.drive_db"] == 3


def test_when_the_disk_refuses_the_preset_before_stays(book, tmp_path):
    (tmp_path / "presets").write_text("a file where the folder should be")
    with pytest.raises(OSError, match=r"exists|Not a directory"):
        book.save("mine", defaults())
    assert book.names() == list(FACTORY)


def test_an_unknown_preset_is_answered_with_those_there_are(book):
    with pytest.raises(UnknownPreset, match="there are flat, speech"):
        book.load("nope")
    with pytest.raises(UnknownPreset):
        book.delete("nope")
    with pytest.raises(UnknownPreset):
        book.load("../../etc/passwd")
