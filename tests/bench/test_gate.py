"""The gate lets nothing grow by more than its bound, and nothing disappear."""

from __future__ import annotations

from bench.baseline import compare


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
