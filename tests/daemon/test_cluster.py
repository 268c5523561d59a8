"""Rendering by a Dask cluster: a real scheduler and two workers, each a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from masterd.daemon import cluster
from masterd.daemon.cluster import ClusterRefused, check
from masterd.daemon.main import main

RATE_HZ, FILES = 48000, 5
READY_WITHIN_S = 60


@contextlib.contextmanager
def process(*words: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    log = (folder / f"{words[-1].strip('/').replace('/', '-')}.log").open("wb")
    environment = os.environ | {"DASK_DISTRIBUTED__DIAGNOSTICS__NVML": "false"}
    started = subprocess.Popen([sys.executable, "-m", *words], stdout=log, stderr=log, cwd=folder, env=environment)
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
        log.close()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("dask")
    known = folder / "scheduler.json"
    here = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(known))
    with process("distributed.cli.dask_scheduler", "--port", "0", *here, folder=folder):
        wait_for(known.exists, folder)
        address = json.loads(known.read_text())["address"]
        worker = (
            "distributed.cli.dask_worker",
            address,
            "--host",
            "127.0.0.1",
            "--no-dashboard",
            "--nthreads",
            "1",
            "--no-nanny",
        )
        with process(*worker, "--name", "one", folder=folder), process(*worker, "--name", "two", folder=folder):
            wait_for(lambda: workers(address) == 2, folder)
            yield address


def workers(address: str) -> int:
    import distributed

    with distributed.Client(address, timeout=10, set_as_default=False) as client:
        return len(client.scheduler_info()["workers"])


def wait_for(ready, folder: Path) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while not ready():
        assert time.monotonic() < until, [path.read_text() for path in folder.glob("*.log")]
        time.sleep(0.1)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    for number in range(FILES):
        noise = 0.2 * np.random.default_rng(number).standard_normal((2 * RATE_HZ, 2))
        soundfile.write(folder / f"song {number}.wav", noise, RATE_HZ, subtype="PCM_24")
    return folder


def test_the_files_are_the_same_whoever_rendered_them(scheduler, songs, tmp_path, monkeypatch):
    monkeypatch.chdir(songs.parent)  # the workers stand elsewhere
    chain = ["--preset", "pop_rock", "--target", "-16"]
    for out, how in ((tmp_path / "there", ["--dask", scheduler]), (tmp_path / "here", ["-j", "1"])):
        out.mkdir()
        done = CliRunner().invoke(main, ["render", songs.name, "-o", f"{out}/", *chain, *how])
        assert done.exit_code == 0, done.output
    names = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert len(names) == FILES
    for name in names:
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


def test_a_file_that_fails_is_named_and_the_others_are_done(scheduler, songs, tmp_path):
    good, bad = songs / "song 0.wav", tmp_path / "cut.flac"
    soundfile.write(bad, soundfile.read(good)[0], RATE_HZ)
    bad.write_bytes(bad.read_bytes()[:-50000])
    out = tmp_path / "out"
    out.mkdir()
    done = CliRunner().invoke(main, ["render", str(good), str(bad), "-o", f"{out}/", "--dask", scheduler])
    assert done.exit_code == 1
    assert "cut.flac" in done.output
    assert [path.name for path in out.iterdir()] == ["song 0.wav"]


def test_no_cluster_is_told_at_once(songs, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_WITHIN_S", 1)
    done = CliRunner().invoke(
        main, ["render", str(songs / "song 0.wav"), "-o", str(tmp_path / "x.wav"), "--dask", "tcp://127.0.0.1:1"]
    )
    assert done.exit_code == 1
    assert "no Dask scheduler at tcp://127.0.0.1:1" in done.output
    assert not (tmp_path / "x.wav").exists()


def test_workers_of_another_version_are_refused():
    with pytest.raises(ClusterRefused, match=r"tcp://a:1 has 0\.0\.9.*must be the same"):
        check({"tcp://a:1": "0.0.9"})
    with pytest.raises(ClusterRefused, match="no workers"):
        check({})
