"""The audio path allocates nothing, locks nothing, makes no system call and meets no page fault, in an interpreter under load.

The checker is tested first: each violation that is put in on purpose must be on its list, by name.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from instruments.rtcheck import SOURCES, needs_rtcheck, watch

pytestmark = needs_rtcheck

SCENARIO = str(SOURCES / "scenario.py")
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


def test_the_engine_commits_none(tmp_path: Path):
    run = watch([sys.executable, SCENARIO, str(BLOCKS)], tmp_path / "log")
    assert run.blocks == BLOCKS
    assert run.but_page_faults == []
    if "unlocked" in run.output:
        pytest.skip("page faults not judged: mlockall was refused")
    assert run.violations == []
