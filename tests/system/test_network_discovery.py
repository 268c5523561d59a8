"""On a cable with IPv4 and IPv6: a daemon that announces itself by mDNS is found at the other end, just where it answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from instruments.cable import DESK, SITE, Cable, needs_namespaces
from instruments.network import NetworkDaemon, eventually

from masterd.control import keys

pytestmark = needs_namespaces
pytest.importorskip("zeroconf")

IPV6 = {SITE: "fd00:77::1", DESK: "fd00:77::2"}
FOUND_WITHIN_S = 30


@pytest.fixture(scope="module")
def cable() -> Iterator[Cable]:
    with Cable() as plugged:
        if not Path("/proc/net/if_inet6").exists():
            pytest.skip("this kernel has no IPv6")
        for machine, address in IPV6.items():
            plugged.add(machine, address, 64)
        yield plugged


def masterctl(cable: Cable, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """At the desk."""
    command = cable.at(DESK, sys.executable, "-m", "masterd.control.cli.main", *words)
    environment = os.environ | {"MASTERD_CONFIG_DIR": str(folder)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def answers(cable: Cable, folder: Path, site: NetworkDaemon, host: str) -> bool:
    there = f"tcp://{f'[{host}]' if ':' in host else host}:{site.port}"
    said = masterctl(cable, folder, "--host", there, "--server-key", site.server.public, "--key", "studio", "get", "eq.on")
    assert said.returncode in (0, 3), said.stderr
    return said.returncode == 0


@pytest.mark.parametrize(
    ("listen", "has_ipv4", "has_ipv6"), [("*", True, False), (SITE, True, False), ("::", True, True), (IPV6[SITE], False, True)]
)
def test_an_announced_daemon_is_found_where_it_answers(
    cable: Cable, tmp_path: Path, listen: str, has_ipv4: bool, has_ipv6: bool
) -> None:
    here = {cable.addresses[SITE]: has_ipv4, IPV6[SITE]: has_ipv6}
    with NetworkDaemon("", f'address = "{listen}"\nannounce = true', within=cable.at(SITE)) as site:
        keys.write_pair(tmp_path / "keys" / "studio.key_secret", site.pairs["viewer"])

        def seen() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = json.loads(masterctl(cable, tmp_path, "discover", "--seconds", "1", "--json").stdout)
            return [it for it in found if it["port"] == site.port]

        (found,) = eventually(seen, FOUND_WITHIN_S)
        assert sorted(found["addresses"]) == sorted(address for address, is_there in here.items() if is_there)
        assert found["fingerprint"] == keys.fingerprint(site.server.public)
        assert {it: answers(cable, tmp_path, site, it) for it in here} == here
