"""An input with a clock of its own, as people and Prometheus read it. No daemon."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec

from masterd.control.cli.status import rows
from masterd.control.metrics import collector
from masterd.control.protocol import DaemonStatus, InputClock

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"


def status(clock: InputClock | None) -> DaemonStatus:
    """The one of the document."""
    answer = re.search(r'\{"id": 16, "ok".*?\n```', PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert answer
    written = json.loads(answer[0].removesuffix("```"))["result"]
    return msgspec.structs.replace(msgspec.convert(written, DaemonStatus), input_clock=clock)


def samples(it: DaemonStatus) -> dict[str, float]:
    return {sample.name: sample.value for family in collector.audio(it) for sample in family.samples}


def test_people_read_drift_delay_and_slips():
    assert "input" not in dict(rows(status(None)))
    told = dict(rows(status(InputClock(plays=True, drift_ppm=-41.26, delay_ms=46.04, slips=2))))
    assert told["input"] == "by a clock of its own: -41.3 ppm, waits 46.0 ms, slips 2"
    told = dict(rows(status(InputClock(plays=False, drift_ppm=0.0, delay_ms=0.0, slips=0))))
    assert told["input"] == "by a clock of its own: not heard, slips 0"


def test_prometheus_gets_base_units():
    assert not [name for name in samples(status(None)) if "input" in name]
    read = samples(status(InputClock(plays=True, drift_ppm=-50.0, delay_ms=46.0, slips=2)))
    assert read["masterd_input_drift_ratio"] == -50e-6
    assert read["masterd_input_delay_seconds"] == 0.046
    assert read["masterd_input_slips_total"] == 2
