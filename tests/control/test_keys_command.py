"""`masterctl keys`, as the person at the transmitter types it."""

import json
import stat

import pytest
from click.testing import CliRunner

from masterd.control import keys, trust
from masterd.control.cli.main import cli
from masterd.control.protocol.roles import Role


@pytest.fixture
def said(tmp_path, monkeypatch):
    monkeypatch.setenv("MASTERD_CONFIG_DIR", str(tmp_path / "config"))

    def say(*words, code=0):
        done = CliRunner().invoke(cli, ["keys", *words], catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.output

    return say


def modes():
    return {it.name: stat.S_IMODE(it.stat().st_mode) for it in keys.folder().iterdir()}


def test_from_nothing_to_a_trusted_client_in_one_command(said):
    told = said("new", "studio", "--role", "operator", "--note", "desk 2")
    assert modes() == {"server.key": 0o644, "server.key_secret": 0o600, "studio.key_secret": 0o600}
    pair = keys.load_pair(keys.secret_path("studio"))
    client = trust.read(trust.path())[pair.public]
    assert (client.name, client.role, client.note) == ("studio", Role.OPERATOR, "desk 2")
    server = keys.load_pair(keys.secret_path())
    assert server.public == keys.load_public(keys.public_path())
    assert keys.fingerprint(server.public) in told
    for secret in (pair.secret, server.secret):
        assert secret not in told
    assert keys.fingerprint(server.public) in said("server"), "and the same key when asked again"
    assert "studio  operator" in said("list")


def test_a_key_whose_secret_never_travels(said):
    told = said("new", "home")
    assert trust.read(trust.path()) == {}
    public = keys.load_public(keys.secret_path("home"))
    assert f"masterctl keys trust '{public}' --name home --role operator" in told
    assert "home is trusted as viewer" in said("trust", public, "--name", "home", "--role", "viewer")
    said("revoke", "home")
    keys.write_public(keys.public_path("home"), public)
    said("trust", str(keys.public_path("home")), "--name", "home2", "--role", "admin")
    assert [it["name"] for it in json.loads(said("list", "--json"))] == ["home2"]


def test_what_cannot_be_is_refused_and_leaves_nothing(said):
    said("new", "studio", "--role", "viewer")
    before = modes(), trust.path().read_bytes()
    assert "is there already" in said("new", "studio", "--role", "admin", code=1)
    said("new", "server", code=1)
    said("new", "../studio", code=1)
    assert "there are: studio" in said("revoke", "nobody", code=1)
    assert "No such file" in said("trust", "nothing.key", "--name", "x", "--role", "viewer", code=1)
    said("trust", keys.new_pair().public, "--name", "studio", "--role", "admin", code=1)
    said("new", "x", "--role", "king", code=2)
    assert (modes(), trust.path().read_bytes()) == before
    keys.secret_path("studio").unlink()
    assert "trusted already" in said("new", "studio", "--role", "admin", code=1)
    assert "studio.key_secret" not in modes(), "no key is left behind that nobody trusts"


def test_revoked_is_gone(said):
    said("new", "studio", "--role", "operator")
    assert json.loads(said("revoke", "studio", "--json"))["role"] == "operator"
    assert trust.read(trust.path()) == {}
    assert "nobody is trusted" in said("list")
    assert trust.path().exists()


def test_a_folder_that_cannot_be_written_is_told_and_not_thrown(said, tmp_path):
    (tmp_path / "config").write_text("a file")
    assert "become root, or the daemon's user" in said("new", "studio", "--role", "operator", code=1)
