"""Every path a message or a file takes into a daemon or a client, with everything the grammar makes: by Hypothesis, by atheris
for a few seconds (FUZZ_MESSAGES_SECONDS), and with what was once found. scripts/fuzz-messages is the long form."""

from __future__ import annotations

import importlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from fuzz.drawn import Drawn

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
TARGETS = ("requests", "replies", "osc", "midi", "files")
SECONDS = os.environ.get("FUZZ_MESSAGES_SECONDS", "5")


@pytest.fixture(scope="module", params=TARGETS)
def target(request: pytest.FixtureRequest) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        for place in ("RUNTIME", "STATE", "CONFIG"):
            patch.setenv(f"MASTERD_{place}_DIR", "")  # put back at the end
        made = importlib.import_module(f"fuzz.targets.{request.param}").Target()
        made.name = request.param
        yield made
        made.close()


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_everything_in_the_grammar_is_borne(target: Any, data: st.DataObject) -> None:
    target(Drawn(data))


def test_what_was_found_once_is_mended(target: Any) -> None:
    atheris = pytest.importorskip("atheris", reason="atheris has no wheel for this machine")
    for path in sorted((CORPUS / target.name).glob("*")):
        target(atheris.FuzzedDataProvider(path.read_bytes()))


def fuzz(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("atheris", reason="atheris has no wheel for this machine")
    environment = os.environ | {"CORPUS": str(folder / "corpus"), "FOUND": str(folder / "found")}
    done = subprocess.run([ROOT / "scripts/fuzz-messages", *words], env=environment, capture_output=True, text=True)
    print(done.stdout, done.stderr)
    return done


def test_seconds_of_fuzzing_find_nothing(tmp_path: Path) -> None:
    done = fuzz(tmp_path, SECONDS)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("Done ") == len(TARGETS)


def test_a_broken_reader_is_found(tmp_path: Path) -> None:
    done = fuzz(tmp_path, "10", "seeded")
    assert done.returncode != 0
    assert "OverflowError" in done.stdout
