"""The gate lets nothing grow by more than its bound, and nothing disappear; and all that is ours passes it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import pytest
from instruments.music import needs_music

from bench import baseline, kernels, scenes
from bench.baseline import compare
from masterd.control.parameters import PARAMETERS

GONE = "input.trim_db"
T = TypeVar("T")


def verdicts(before: dict[str, float], now: dict[str, float]) -> list[str]:
    return [line for line in compare(before, now)[2:] if "FAIL" in line]


def test_five_percent_pass_and_six_fail():
    before = {"a|64|constant": 1000.0, "b|64|constant": 1000.0, "c|64|constant": 1000.0}
    failed = verdicts(before, {"a|64|constant": 1049.0, "b|64|constant": 1060.0, "c|64|constant": 400.0})
    assert [line.split("|")[1].strip() for line in failed] == ["b"]


def test_a_row_that_is_gone_fails_and_a_new_one_does_not():
    failed = verdicts({"a|64|constant": 10.0}, {"b|64|constant": 10.0})
    assert len(failed) == 1
    assert "gone" in failed[0]


def test_a_new_parameter_moves_no_target_of_the_others(monkeypatch: pytest.MonkeyPatch):
    """Or every recorded count of a ramping run would be that of another run."""
    before = [scenes.moved(scenes.reference(), target) for target in range(2)]
    assert before[0] != before[1]
    monkeypatch.setattr(scenes, "PARAMETERS", without(PARAMETERS))
    for target, values in enumerate(before):
        assert without(scenes.moved(scenes.reference(), target)) == without(values)


def without(by_id: Mapping[str, T]) -> dict[str, T]:
    """All but one. The table itself is left alone: its order is that of the C structs."""
    return {id: it for id, it in by_id.items() if id != GONE}


@pytest.mark.slow
@pytest.mark.skipif("avx2" not in Path("/proc/cpuinfo").read_text(), reason="the counts are of the copies for x86-64-v3")
@needs_music
@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed (Debian: valgrind)")
@pytest.mark.skipif(not baseline.is_this_compiler(), reason=f"recorded with another compiler than {kernels.compiler()}")
def test_no_row_needs_more_instructions_than_recorded():
    report, good = baseline.check()
    print(report)
    assert good, report
