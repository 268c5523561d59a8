"""Key files and the list of trusted clients: what is written is read again, and what is not safe or not right is refused."""

import contextlib
import datetime
import os
import random
import stat
from pathlib import Path

import pytest
import zmq.auth
from hypothesis import given, strategies as st

from masterd.control import keys, trust
from masterd.control.protocol.roles import Role

SEED = int(os.environ.get("MASTERD_TEST_SEED", random.randrange(2**32)))
TODAY = datetime.date(2026, 3, 14)


def client(name="studio", role=Role.OPERATOR, note=""):
    return trust.TrustedClient(name, keys.new_pair().public, role, TODAY, note)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_pair_is_read_by_us_and_by_pyzmq_and_its_mode_is_not_the_umasks(tmp_path, umask):
    pair, before = keys.new_pair(), os.umask(umask)
    try:
        keys.write_pair(tmp_path / "a.key_secret", pair)
        keys.write_public(tmp_path / "a.key", pair.public)
    finally:
        os.umask(before)
    assert [stat.S_IMODE((tmp_path / it).stat().st_mode) for it in ("a.key_secret", "a.key")] == [0o600, 0o644]
    assert keys.load_pair(tmp_path / "a.key_secret") == pair
    assert keys.load_public(tmp_path / "a.key") == keys.load_public(tmp_path / "a.key_secret") == pair.public
    assert zmq.auth.load_certificate(tmp_path / "a.key_secret") == (pair.public.encode(), pair.secret.encode())
    assert zmq.auth.load_certificate(tmp_path / "a.key") == (pair.public.encode(), None)


def test_a_pair_made_by_pyzmq_is_read(tmp_path):
    _, secret = zmq.auth.create_certificates(tmp_path, "theirs")
    Path(secret).chmod(0o600)
    assert keys.load_pair(tmp_path / "theirs.key_secret").public == keys.load_public(tmp_path / "theirs.key")


@pytest.mark.parametrize(
    ("mode", "alone", "shared"),
    [
        (0o600, True, True),
        (0o400, True, True),
        (0o640, False, True),
        (0o660, False, False),
        (0o644, False, False),
        (0o604, False, False),
    ],
)
def test_a_secret_that_others_may_read_is_refused(tmp_path, mode, alone, shared):
    path = tmp_path / "a.key_secret"
    keys.write_pair(path, keys.new_pair())
    path.chmod(mode)
    for group_may_read, good in ((False, alone), (True, shared)):
        if good:
            assert keys.load_pair(path, group_may_read)
        else:
            with pytest.raises(keys.KeyRefused, match=f"{mode:04o}.*chmod 6[04]0"):
                keys.load_pair(path, group_may_read)


def test_no_secret_is_shown_by_accident(tmp_path):
    pair = keys.new_pair()
    assert pair.secret not in f"{pair} {pair!r}"
    path = tmp_path / "a.key_secret"
    keys.write_pair(path, pair)
    path.chmod(0o644)
    with pytest.raises(keys.KeyRefused) as refused:
        keys.load_pair(path)
    assert pair.secret not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b'public-key = "short"', b"=" * 5000, b'secret-key = "' + b"x" * 40])
def test_what_is_no_key_file_is_refused(tmp_path, content):
    path = tmp_path / "a.key_secret"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(keys.KeyRefused, match="not a key file"):
        keys.load_pair(path)


def test_halves_of_different_pairs_and_missing_files_are_refused(tmp_path):
    one, two = keys.new_pair(), keys.new_pair()
    keys.write_pair(tmp_path / "mixed", keys.Pair(one.public, two.secret))
    keys.write_public(tmp_path / "public", one.public)
    for name, why in (("mixed", "does not belong"), ("public", "public key only"), ("gone", "No such file")):
        with pytest.raises(keys.KeyRefused, match=why):
            keys.load_pair(tmp_path / name)


def test_a_fingerprint_is_that_of_the_bytes():
    assert keys.fingerprint("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6") == keys.fingerprint(
        "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
    )
    prints = {keys.fingerprint(keys.new_pair().public) for _ in range(20)}
    assert len(prints) == 20
    assert all(len(it) == 39 and it.count("-") == 7 for it in prints)


def test_trust_is_written_read_and_taken_back(tmp_path):
    file = tmp_path / "new" / "clients.toml"
    assert trust.read(file) == {}
    made = [client(f"c{role}", role, note) for role, note in zip(Role, ('say "hi" \\', "Füße", ""), strict=True)]
    for it in made:
        trust.trust(file, it)
    assert list(trust.read(file).values()) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert trust.revoke(file, "coperator") == made[1]
    assert list(trust.read(file).values()) == [made[0], made[2]]
    with pytest.raises(trust.TrustRefused, match="there are: cviewer, cadmin"):
        trust.revoke(file, "coperator")


def test_a_name_and_a_key_are_trusted_once(tmp_path):
    file, first = tmp_path / "clients.toml", client()
    trust.trust(file, first)
    before = file.read_bytes()
    for second in (client(), trust.TrustedClient("other", first.public_key, Role.ADMIN, TODAY)):
        with pytest.raises(trust.TrustRefused, match="trusted already, as operator"):
            trust.trust(file, second)
    for bad in (client("../x"), client(note="\x1b[2J"), trust.TrustedClient("a", "short", Role.ADMIN, TODAY)):
        with pytest.raises(trust.TrustRefused):
            trust.trust(file, bad)
    assert file.read_bytes() == before


GOOD = '[[client]]\nname = "a"\npublic_key = "{0}"\nrole = "viewer"\nadded = 2026-03-14\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("[[client]", "not TOML"),
        ("client = 5", "must be up to"),
        ("clients = []\n", "unknown key 'clients'"),
        (GOOD + GOOD, "a second time"),
        (GOOD.replace("viewer", "root"), "role 'root' is not viewer, operator, admin"),
        (GOOD.replace("viewer", "Viewer"), "role 'Viewer' is not"),
        (GOOD.replace('"viewer"', "3"), "role: 3"),
        (GOOD.replace("2026-03-14", '"today"'), "added: today"),
        (GOOD.replace('"a"', '"*"'), "name '\\*'"),
        (GOOD.replace("{0}", "*"), "not a key"),
        (GOOD + "admin = true\n", "admin: True"),
        ('[[client]]\nname = "a"\n', "public_key, role, added missing"),
    ],
)
def test_a_list_with_anything_wrong_is_refused_whole(tmp_path, text, why):
    file = tmp_path / "clients.toml"
    file.write_text(text.replace("{0}", keys.new_pair().public, 1).replace("{0}", keys.new_pair().public))
    with pytest.raises(trust.TrustRefused, match=why):
        trust.read(file)


def test_a_list_that_everybody_can_write_is_refused(tmp_path):
    file = tmp_path / "clients.toml"
    trust.trust(file, client())
    file.chmod(0o666)
    with pytest.raises(trust.TrustRefused, match="chmod o-w"):
        trust.read(file)


@given(st.text(max_size=trust.NOTE_CHARACTERS).filter(str.isprintable))
def test_any_note_comes_back(tmp_path_factory, note):
    file = tmp_path_factory.getbasetemp() / "notes.toml"
    it = client(note=note)
    trust.write(file, {it.public_key: it})
    assert trust.read(file) == {it.public_key: it}


def test_torn_lists_and_keys_raise_nothing_but_refusals(tmp_path):
    print(f"MASTERD_TEST_SEED={SEED}")
    chance = random.Random(SEED)
    list_file, key_file = tmp_path / "clients.toml", tmp_path / "a.key_secret"
    trust.trust(list_file, client())
    keys.write_pair(key_file, keys.new_pair())
    for path, read, refused in ((list_file, trust.read, trust.TrustRefused), (key_file, keys.load_pair, keys.KeyRefused)):
        whole = path.read_bytes()
        for _ in range(200):
            torn = bytearray(whole[: chance.choice((len(whole), chance.randrange(len(whole))))] or b" ")
            for _ in range(chance.choice((0, 1, 3))):
                torn[chance.randrange(len(torn))] ^= 1 << chance.randrange(8)
            path.write_bytes(torn)
            with contextlib.suppress(refused):
                read(path)
