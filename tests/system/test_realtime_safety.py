"""The audio path allocates nothing, locks nothing, makes no system call and meets no page fault, in an interpreter under load.

The checker is tested first: each violation that is put in on purpose must be on its list, by name.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from instruments.jackd import jackd, needs_jack
from instruments.rtcheck import SOURCES, Run, needs_rtcheck, watch

pytestmark = needs_rtcheck

SCENARIO = str(SOURCES / "scenario.py")
JACK_SCENARIO = str(SOURCES / "jack_scenario.py")
BLOCKS = 3000
SEEDS = {
    "malloc": "malloc",
    "large_malloc": "system call 9",
    "calloc": "calloc",
    "realloc": "realloc",
    "free": "free",
    "mutex": "pthread_mutex_lock",
    "rwlock": "pthread_rwlock_rdlock",
    "nanosleep": "system call 230",
    "fopen": "system call 257",
    "mmap": "system call 9",
    "getppid": "system call 110",
    "bare_syscall": "system call 110",
    "page_fault": "page fault 1",
}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_checker_catches(seed, tmp_path: Path):
    run = watch([sys.executable, SCENARIO, "20"], tmp_path / "log", seed)
    assert any(violation.startswith(SEEDS[seed] + " ") for violation in run.violations), run.violations


def assert_clean(run: Run) -> None:
    assert run.but_page_faults == []
    if "unlocked" in run.output:
        pytest.skip("page faults not judged: mlockall was refused")
    assert run.violations == []


def test_the_engine_commits_none(tmp_path: Path):
    run = watch([sys.executable, SCENARIO, str(BLOCKS)], tmp_path / "log")
    assert run.blocks == BLOCKS
    assert_clean(run)


def under_jack(tmp_path: Path, blocks: int, seed: str = "") -> Run:
    with jackd(48000, 64) as server:
        return watch([sys.executable, JACK_SCENARIO, server.name, str(blocks)], tmp_path / "log", seed, server.env)


@pytest.mark.jack
@needs_jack
@pytest.mark.parametrize("seed", ["malloc", "mutex", "bare_syscall", "page_fault"])
def test_the_checker_catches_under_jack(seed, tmp_path: Path):
    run = under_jack(tmp_path, 20, seed)
    assert any(violation.startswith(SEEDS[seed] + " ") for violation in run.violations), run.violations


@pytest.mark.jack
@needs_jack
def test_the_engine_commits_none_under_jack(tmp_path: Path):
    run = under_jack(tmp_path, BLOCKS)
    assert run.blocks >= BLOCKS
    assert_clean(run)
