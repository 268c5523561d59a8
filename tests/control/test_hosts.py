"""hosts.toml: everything that is wrong at once, groups, what is written into it, and what people type to have it written."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import click.testing
import pytest
from hypothesis import given, strategies as st

from masterd.control import hosts, keys
from masterd.control.address import Address
from masterd.control.cli.main import cli
from masterd.control.hosts import Host, UnknownHost, chosen, parse
from masterd.control.hosts_write import block, change
from masterd.control.keys import KeyRefused
from masterd.control.toml_tables import ConfigRefused

SERVER = keys.new_pair().public
GOOD = f"""\
# mine
[host.berlin]
address = "berlin.example"
server_key = "{SERVER}"
key = "studio"
groups = ["fm", "north"]

# the next one is far away
[host.koeln]
address = "fd00::7"
port = 6000
server_key = "{SERVER}"
key = "/keys/koeln.key_secret"
groups = "fm"
note = "rack 2"

[host.desk]
local = "main"
"""
BROKEN = """\
[host.no_way]
port = 5570
[host.typo]
adress = "x"
address = "a b"
server_key = "short"
[host.keyless]
address = "x"
port = 65534
[host.both]
local = "main"
address = "x"
[host.x]
local = "has a space"
groups = ["desk 2", "typo"]
[host.fm]
local = "main"
groups = ["all", "x"]
[hosts.y]
local = "main"
"""


def test_what_is_right_is_read() -> None:
    known = parse(GOOD)
    assert list(known) == ["berlin", "koeln", "desk"]
    assert known["koeln"] == Host("fd00::7", 6000, SERVER, "/keys/koeln.key_secret", groups=("fm",), note="rack 2")
    assert [it.where for it in known.values()] == ["tcp://berlin.example:5570", "tcp://[fd00::7]:6000", "main on this machine"]
    assert known["desk"].reach("desk") == Address("main")


def test_every_error_is_listed_with_its_line() -> None:
    with pytest.raises(ConfigRefused) as refused:
        parse(BROKEN)
    found = [(it.line, it.key) for it in refused.value.problems]
    assert found == [
        (1, "host.no_way"),
        (3, "host.typo"),
        (4, "host.typo.adress"),
        (5, "host.typo.address"),
        (6, "host.typo.server_key"),
        (7, "host.keyless"),
        (7, "host.keyless"),
        (9, "host.keyless.port"),
        (10, "host.both"),
        (14, "host.x.local"),
        (15, "host.x.groups"),
        (18, "host.fm.groups"),
        (19, "hosts"),
    ]
    assert "did you mean address?" in str(refused.value)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("all", "berlin koeln desk"),
        ("fm", "berlin koeln"),
        ("north,desk", "berlin desk"),
        ("desk, berlin ,fm", "berlin koeln desk"),
    ],
)
def test_names_and_groups_choose(words: str, names: str) -> None:
    assert list(chosen(parse(GOOD), words)) == names.split()


@pytest.mark.parametrize("words", ["nroth", "", ",", "berlin,nobody"])
def test_what_chooses_nobody_is_refused(words: str) -> None:
    with pytest.raises(UnknownHost):
        chosen(parse(GOOD), words)


@given(st.text(max_size=300))
def test_any_text_is_hosts_or_refused(toml: str) -> None:
    with contextlib.suppress(ConfigRefused):
        assert all(isinstance(it, Host) for it in parse(toml).values())


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,6}", fullmatch=True).filter(lambda it: it != "all")
NOTES = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20)
HOSTS = st.builds(
    lambda port, groups, note: Host("h.example", port, SERVER, "k", groups=tuple(f"g-{it}" for it in groups), note=note),
    st.integers(1, 65533),
    st.lists(NAMES, max_size=3),
    NOTES,
)


@given(NAMES, HOSTS)
def test_what_is_written_is_read_again(name: str, host: Host) -> None:
    assert parse(block(name, host)) == {name: host}


def test_a_change_leaves_everything_else_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "hosts.toml"
    path.write_text(GOOD)
    change(path, "koeln", None)
    assert path.read_text() == GOOD[: GOOD.index("[host.koeln]")] + GOOD[GOOD.index("[host.desk]") :]
    change(path, "new", Host(local="main"))
    assert path.read_text().endswith('\n\n[host.new]\nlocal = "main"\n')
    change(path, "new", Host(local="other"))
    assert list(parse(path.read_text())) == ["berlin", "desk", "new"]
    before = path.read_text()
    with pytest.raises(ConfigRefused):
        change(path, "berlin2", Host(local="main", groups=("desk",)))
    assert path.read_text() == before


def test_a_host_that_cannot_be_cut_out_is_left_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "hosts.toml"
    path.write_text('[host]\ndesk.local = "main"\nother.local = "b"\n')
    with pytest.raises(ConfigRefused, match="by hand"):
        change(path, "desk", None)
    assert "desk.local" in path.read_text()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration folder with a key of one's own."""
    monkeypatch.setenv("MASTERD_CONFIG_DIR", str(tmp_path))
    keys.write_pair(keys.secret_path("studio"), keys.new_pair())
    keys.write_public(tmp_path / "berlin.key", SERVER)
    return tmp_path


def run(*arguments: str) -> click.testing.Result:
    return click.testing.CliRunner().invoke(cli, arguments)


def test_add_list_remove(here: Path) -> None:
    assert "none yet" in run("hosts", "list").output
    fingerprint = keys.fingerprint(SERVER)
    file = str(here / "berlin.key")
    added = run("hosts", "add", "berlin", "berlin.example:6000", "--server-key", file, "--key", "studio", "--group", "fm")
    assert (added.exit_code, fingerprint in added.output) == (0, True)
    assert run("hosts", "add", "koeln", "10.0.0.7", "--server-key", SERVER, "--key", "studio").exit_code == 0
    assert run("hosts", "add", "koeln", "10.0.0.8", "--server-key", SERVER, "--key", "studio").exit_code == 2
    assert run("hosts", "add", "koeln", "10.0.0.8", "--server-key", SERVER, "--key", "studio", "--replace").exit_code == 0
    listed = json.loads(run("hosts", "list", "--json").output)
    assert [(it["name"], it["address"], it["port"], it["fingerprint"]) for it in listed] == [
        ("berlin", "berlin.example", 6000, fingerprint),
        ("koeln", "10.0.0.8", 5570, fingerprint),
    ]
    assert run("hosts", "remove", "berlin").exit_code == 0
    assert run("hosts", "remove", "berlin").exit_code == 1
    assert list(hosts.load(hosts.path())) == ["koeln"]


def test_add_says_what_is_wrong_and_writes_nothing(here: Path) -> None:
    keys.secret_path("open").write_bytes(keys.secret_path("studio").read_bytes())
    for arguments, words in (
        (("x", "a b", "--server-key", SERVER, "--key", "studio"), "no host"),
        (("x", "host", "--server-key", "nofile", "--key", "studio"), "No such file"),
        (("x", "host", "--server-key", SERVER, "--key", "nobody"), "No such file"),
        (("x", "host", "--server-key", SERVER, "--key", "open"), "others may have read this secret"),
        (("all", "host", "--server-key", SERVER, "--key", "studio"), "is not all"),
    ):
        said = run("hosts", "add", *arguments)
        assert said.exit_code in (1, 2)
        assert words in said.output
    assert not hosts.path().exists()


def test_a_secret_that_others_can_read_is_not_used(here: Path) -> None:
    keys.secret_path("studio").chmod(0o644)
    with pytest.raises(KeyRefused, match="mode is 0644"):
        Host("h", 5570, SERVER, "studio").reach("h")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--host", "berlni", "status"), 1, "did you mean berlin?"),
        (("--host", "berlin", "--name", "main", "status"), 2, "give one of them"),
        (("--host", "tcp://10.0.0.7", "status"), 2, "needs --server-key and --key"),
        (("--host", "tcp://a b", "--server-key", SERVER, "--key", "studio", "status"), 2, "no host"),
        (("--host", "tcp://h", "--server-key", SERVER, "--key", "nobody", "status"), 1, "No such file"),
        (("fleet", "nobody", "status"), 1, "has no host 'nobody'"),
    ],
)
def test_where_a_command_goes_is_said_before_it_goes(here: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    hosts.path().write_text(GOOD)
    said = run(*arguments)
    assert (said.exit_code, words in said.output) == (code, True), said.output
