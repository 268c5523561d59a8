"""The state file: killed, torn, flipped, from the future, on a full disk. What is loaded was saved once, or nothing is."""

import contextlib
import os
import random
import subprocess
import sys
import threading
import zlib

import msgspec
import pytest

from masterd.control.parameters import defaults
from masterd.daemon.state import Saved
from masterd.daemon.store import Saver, Store, Unusable, decode, encode

KILLS = 150
SEED = int(os.environ.get("MASTERD_TEST_SEED", random.randrange(2**32)))


def saved(revision):
    values = defaults() | {"limiter.drive_db": revision % 24}
    return Saved(revision, "mine", values, defaults())


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


@pytest.fixture
def chance():
    print(f"MASTERD_TEST_SEED={SEED}")
    return random.Random(SEED)


def test_what_is_saved_is_loaded(store):
    assert store.load() == (None, [])
    store.save(saved(1))
    assert store.load() == (saved(1), [])
    assert not store.backup.exists()
    store.save(saved(2))
    assert store.load() == (saved(2), [])
    assert decode(store.backup.read_bytes()) == saved(1)


KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from masterd.daemon.store import Store
from masterd.daemon.state import Saved
from masterd.control.parameters import defaults

store, chance = Store(Path(sys.argv[1])), random.Random(int(sys.argv[2]))
newest = 0
for round in range(int(sys.argv[3])):
    reads, writes = os.pipe()
    if not (writer := os.fork()):
        while True:  # as fast as the disk allows; what has returned is told
            newest += 1
            store.save(Saved(newest, "mine", defaults() | {"limiter.drive_db": newest % 24}, defaults()))
            os.write(writes, newest.to_bytes(8, "big"))
    os.close(writes)
    told = os.read(reads, 8)  # the first one has returned: from here on the moment is random
    time.sleep(chance.uniform(0, 0.012))
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    told += b"".join(iter(lambda: os.read(reads, 65536), b""))
    os.close(reads)
    returned = int.from_bytes(told[-8:], "big")
    loaded, problems = store.load()
    assert not problems, (round, problems)
    assert (loaded.revision if loaded else 0) in (returned, returned + 1), (round, returned, loaded.revision)
    assert loaded is None or loaded.values["limiter.drive_db"] == loaded.revision % 24
    newest = loaded.revision if loaded else 0
print(newest)
"""


def test_killed_at_any_instant_it_has_the_old_state_or_the_new_one(tmp_path, chance):
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(chance.randrange(2**32)), str(KILLS)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= KILLS  # the writer was killed while it worked, not before
    assert {it.name for it in tmp_path.iterdir()} <= {"state.json", "state.json.bak"}


def test_no_truncated_file_is_taken_for_a_state():
    whole = encode(saved(1))
    for length in range(len(whole)):
        with pytest.raises(Unusable):
            decode(whole[:length])


def test_no_flipped_bit_is_taken_for_another_state(chance):
    whole = encode(saved(1))
    places = {*range(60), *range(len(whole) - 20, len(whole)), *(chance.randrange(len(whole)) for _ in range(1500))}
    for at in sorted(places):
        torn = bytearray(whole)
        torn[at] ^= 1 << chance.randrange(8)
        with contextlib.suppress(Unusable):
            assert decode(bytes(torn)) == saved(1), at


def test_a_torn_file_is_set_aside_and_the_backup_used(store, chance):
    for round in range(20):
        store.save(saved(1))
        store.save(saved(2))
        content = store.path.read_bytes()
        bad = content[: chance.randrange(len(content))]
        store.path.write_bytes(bad)
        loaded, problems = store.load()
        assert loaded == saved(1)
        assert len(problems) == 1
        aside = [it for it in store.folder.iterdir() if ".bad-" in it.name]
        assert len(aside) == round + 1, "a bad file was lost"
        assert any(it.read_bytes() == bad for it in aside)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 4096,
        b"{}",
        b"[]",
        b'{"schema":2,"crc32":"00000000","state":{}}',
        b'{"schema":1,"crc32":"00000000","state":{}}',
        b'{"schema":1,"crc32":"a3b0a7f1","state":' + b"[" * 10000 + b"]" * 10000 + b"}",
        os.urandom(1000),
    ],
)
def test_nothing_usable_is_nothing_and_both_files_are_kept(store, content):
    store.path.write_bytes(content)
    store.backup.write_bytes(content)
    loaded, problems = store.load()
    assert loaded is None
    assert len(problems) == 2
    assert len(list(store.folder.iterdir())) == 2
    store.save(saved(3))
    assert store.load() == (saved(3), [])


@pytest.mark.parametrize(
    "change",
    [{"limiter.drive_db": 99}, {"limiter.drive_db": None}, {"limiter.from_the_future": 1}, {"eq.on": "maybe"}],
)
def test_values_of_another_version_are_not_taken(store, change):
    """The checksum is right, the content is not."""
    store.save(saved(1))
    good = msgspec.json.decode(store.path.read_bytes())["state"]
    state = msgspec.json.encode(good | {"values": good["values"] | change})

    store.path.write_bytes(b'{"schema":1,"crc32":"%08x","state":%s}' % (zlib.crc32(state), state))
    loaded, problems = store.load()
    assert loaded is None
    assert next(iter(change)) in problems[0] or "state.json" in problems[0]


def test_a_folder_that_cannot_be_read_is_a_problem_not_an_exception(tmp_path):
    (tmp_path / "state.json").mkdir()
    loaded, problems = Store(tmp_path).load()
    assert loaded is None
    assert "state.json" in problems[0]


class Reports:
    def __init__(self):
        self.heard = []
        self.changed = threading.Condition()

    def __call__(self, why):
        with self.changed:
            self.heard.append(why)
            self.changed.notify_all()

    def wait_for(self, check):
        with self.changed:
            assert self.changed.wait_for(lambda: check(self.heard), 10), self.heard


def test_many_changes_are_one_write_and_the_newest_is_it(store):
    reports = Reports()
    with Saver(store, reports, delay_s=0.05) as saver:
        for revision in range(1, 100):
            saver.keep(saved(revision))
        reports.wait_for(len)
    assert store.load()[0] == saved(99)
    assert len(reports.heard) <= 3


def test_leaving_writes_at_once_what_is_unsaved(store):
    with Saver(store, Reports(), delay_s=60) as saver:
        saver.keep(saved(7))
    assert store.load()[0] == saved(7)


def test_leaving_with_nothing_to_write_writes_nothing(store):
    with Saver(store, Reports()):
        pass
    assert list(store.folder.iterdir()) == []


def test_a_disk_that_refuses_is_told_and_tried_again_until_it_takes_the_newest(tmp_path):
    folder = tmp_path / "state"
    folder.write_text("a file where the folder should be")
    reports = Reports()
    with Saver(Store(folder), reports, delay_s=0.01, retry_s=0.02) as saver:
        saver.keep(saved(1))
        reports.wait_for(lambda heard: len(heard) >= 3)
        assert all(heard and ("exists" in heard or "directory" in heard) for heard in reports.heard)
        saver.keep(saved(2))
        folder.unlink()
        reports.wait_for(lambda heard: None in heard)
    assert Store(folder).load()[0] == saved(2)


FULL = """
import resource, sys
from pathlib import Path
from masterd.daemon.store import Store
from masterd.daemon.state import Saved
from masterd.control.parameters import defaults

store = Store(Path(sys.argv[1]))
store.save(Saved(1, "mine", defaults(), defaults()))
for size in range(0, 60000, 2000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        store.save(Saved(2, "mine", defaults(), defaults()))
        break
    except OSError as full:
        assert store.load()[0].revision == 1, size
else:
    raise AssertionError("never written")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert size > 1000
assert store.load()[0].revision == 2
print(sorted(it.name for it in Path(sys.argv[1]).iterdir()))
"""


def test_a_disk_that_is_full_at_any_byte_leaves_the_old_state_and_no_litter(tmp_path):
    run = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "['state.json', 'state.json.bak']"
