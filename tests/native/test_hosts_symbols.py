"""The callbacks call the engine, or the bridge to it, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

NATIVE = Path(__file__).parents[2] / "native"
ENGINE = {"engine_process_planar", "engine_process_interleaved", "engine_xrun"}
BRIDGE = {"bridge_write", "bridge_stamp"}  # from an input with a stream of its own
HARMLESS = {"_GLOBAL_OFFSET_TABLE_", "memset", "clock_gettime"}


@pytest.mark.skipif(not (shutil.which("cc") and shutil.which("nm")), reason="no C compiler, or no nm (Debian: binutils)")
@pytest.mark.parametrize("host", ["host_jack", "host_portaudio"])
def test_a_callback_calls_nobody_but_engine_and_bridge(host, tmp_path):
    built = tmp_path / "host.o"
    include = [f"-I{NATIVE / folder}" for folder in ("parts", "kernels", "engine")]
    subprocess.run(["cc", "-std=c11", "-O3", *include, "-c", str(NATIVE / "engine" / f"{host}.c"), "-o", str(built)], check=True)
    listed = subprocess.run(
        ["nm", "--undefined-only", "--format=just-symbols", str(built)], capture_output=True, text=True, check=True
    )
    assert set(listed.stdout.split()) - HARMLESS <= ENGINE | BRIDGE
