"""masterctl over the network: --host in all its forms, exit codes, the fleet, and daemons that announce themselves."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click.testing
import pytest
from instruments.network import NetworkDaemon, eventually, free_port
from instruments.relay import Relay

from masterd.control import fleet, fleet_trial, hosts, keys
from masterd.control.cli.main import cli
from masterd.control.client import Client
from masterd.control.hosts import Host
from masterd.control.hosts_write import change
from masterd.control.midi.boxes import Boxes
from masterd.control.midi.run import Run
from masterd.control.parameters import PARAMETERS
from masterd.control.protocol import Answer
from masterd.control.words import set as set_words

CEILING = "limiter.ceiling_dbtp"
DRIVE = "limiter.drive_db"
MASTERCTL = [sys.executable, "-m", "masterd.control.cli.main"]
ALL, NONE, USAGE, NOBODY, NOT_ALLOWED, SOME = 0, 1, 2, 3, 4, 5


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, NetworkDaemon]]:
    with NetworkDaemon(name="berlin", network="announce = true") as berlin, NetworkDaemon(name="koeln") as koeln:
        yield {"berlin": berlin, "koeln": koeln}


@pytest.fixture
def here(sites: dict[str, NetworkDaemon], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An operator's machine that knows both, both at the factory's values."""
    monkeypatch.setenv("MASTERD_CONFIG_DIR", str(tmp_path))
    for name, site in sites.items():
        site.ask(op="preset.load", name="flat", glide_ms=0)
        know(name, site, groups=("fm",))
    return tmp_path


def know(name: str, site: NetworkDaemon, who: str = "operator", port: int = 0, groups: tuple[str, ...] = ()) -> None:
    own = str(site.folder / "config" / "keys" / f"{who}.key_secret")
    change(hosts.path(), name, Host("127.0.0.1", port or site.port, site.server.public, own, groups=groups))


def run(*arguments: str) -> click.testing.Result:
    return click.testing.CliRunner().invoke(cli, ["--timeout", "5", *arguments])


def outcome(*arguments: str) -> tuple[int, str, dict[str, str]]:
    """Exit code, how many, and each host's word."""
    said = run("fleet", *arguments, "--json")
    whole = json.loads(said.stdout)
    return said.exit_code, whole["outcome"], {name: it["outcome"] for name, it in whole["hosts"].items()}


def ceilings(sites: dict[str, NetworkDaemon]) -> list[float]:
    return [site.ask(op="get", ids=[CEILING])["result"][CEILING] for site in sites.values()]


def test_every_command_works_over_the_network(here: Path) -> None:
    for arguments in (
        ("set", CEILING, "-2"),
        ("undo",),
        ("redo",),
        ("adjust", CEILING, "-0.5"),
        ("preset", "show"),
        ("describe", CEILING),
        ("status",),
        ("whoami",),
        ("meters", "--count", "2"),
        ("watch", "--count", "1", "--json"),
    ):
        said = run("--host", "berlin", *arguments)
        assert said.exit_code == 0, (arguments, said.output)
    assert run("--host", "berlin", "get", CEILING).output == "-2.5 dBTP\n"


def test_an_address_with_keys_from_the_environment(here: Path, sites: dict[str, NetworkDaemon]) -> None:
    site = sites["koeln"]
    environment = {
        "MASTERD_HOST": f"tcp://127.0.0.1:{site.port}",
        "MASTERD_SERVER_KEY": site.server.public,
        "MASTERD_KEY": str(site.folder / "config" / "keys" / "viewer.key_secret"),
    }
    command = [*MASTERCTL, "whoami", "--json"]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout)["role"] == "viewer", done.stderr


def test_completion_asks_the_daemon_that_is_meant(here: Path, sites: dict[str, NetworkDaemon]) -> None:
    sites["koeln"].ask(op="preset.save", name="Nachtprogramm")
    for words, expected in (("masterctl --host koeln preset load Nacht", "Nachtprogramm"), ("masterctl --host ko", "koeln")):
        environment = {"_MASTERCTL_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
        done = subprocess.run(MASTERCTL, env=os.environ | environment, capture_output=True, text=True, timeout=60)
        assert expected in done.stdout, done.stderr
    sites["koeln"].ask(op="preset.delete", name="Nachtprogramm")


def test_each_trouble_has_its_exit_code(here: Path, sites: dict[str, NetworkDaemon]) -> None:
    site = sites["berlin"]
    keys.write_pair(keys.secret_path("stranger"), keys.new_pair())
    change(hosts.path(), "stranger", Host("127.0.0.1", site.port, site.server.public, "stranger"))
    change(hosts.path(), "impostor", Host("127.0.0.1", site.port, keys.new_pair().public, "stranger"))
    know("nobody", site, port=free_port(1))
    know("looker", site, "viewer")
    for arguments, code, error in (
        (("--host", "stranger", "status"), NOT_ALLOWED, "unknown_key"),
        (("--host", "impostor", "status"), NOT_ALLOWED, "wrong_server_key"),
        (("--host", "nobody", "status"), NOBODY, "unreachable"),
        (("--host", "looker", "undo"), NOT_ALLOWED, "forbidden"),
    ):
        said = run(*arguments, "--json")
        assert (said.exit_code, json.loads(said.stdout)["error"]["code"]) == (code, error)


def test_a_fleet_does_it_everywhere(here: Path, sites: dict[str, NetworkDaemon]) -> None:
    assert outcome("fm", "set", CEILING, "-2") == (ALL, "all", {"berlin": "done", "koeln": "done"})
    assert ceilings(sites) == [-2.0, -2.0]
    assert outcome("fm", "preset", "load", "speech", "--glide-ms", "0")[0] == ALL
    assert outcome("all", "undo")[0] == ALL
    assert ceilings(sites) == [-2.0, -2.0]
    shown = run("fleet", "all", "status").stdout
    assert [line.split()[0] for line in shown.splitlines()] == ["HOST", "berlin", "koeln", "2"]


def test_a_fleet_shows_who_differs(here: Path) -> None:
    run("--host", "koeln", "set", CEILING, "-3")
    lines = [line.split(maxsplit=3) for line in run("fleet", "all", "get", CEILING, DRIVE).stdout.splitlines()]
    assert lines == [
        ["ID", "VALUE", "HOSTS"],
        [CEILING, "-1.0", "dBTP", "berlin"],
        [CEILING, "-3.0", "dBTP", "koeln"],
        [DRIVE, "0.0", "dB", "berlin, koeln"],
    ]


def test_every_failure_is_named_and_the_exit_code_tells_some_from_none(here: Path, sites: dict[str, NetworkDaemon]) -> None:
    know("gone", sites["koeln"], port=free_port(1))
    change(hosts.path(), "keyless", Host("127.0.0.1", 5570, sites["koeln"].server.public, "no_such_key"))
    expected = {"berlin": "done", "koeln": "done", "gone": "unreachable", "keyless": "refused"}
    assert outcome("all", "set", CEILING, "-2") == (SOME, "some", expected)
    assert outcome("all", "set", CEILING, "7")[:2] == (NONE, "none")
    table = run("fleet", "all", "set", CEILING, "-2.5").output
    assert all(words in table for words in ("nobody listens", "no_such_key.key_secret", "2 of 4 hosts"))


def test_dry_run_changes_nothing(here: Path, sites: dict[str, NetworkDaemon]) -> None:
    before = [site.ask(op="status")["result"]["revision"] for site in sites.values()]
    said = run("fleet", "fm", "set", CEILING, "-4", "--dry-run")
    assert said.output.count(f"could be done  {before[0]}") >= 1
    assert said.output.count("-1.0 dBTP -> -4.0 dBTP") == 2
    assert run("fleet", "fm", "preset", "load", "no such", "--dry-run").exit_code == NONE
    assert [site.ask(op="status")["result"]["revision"] for site in sites.values()] == before


def test_all_or_nothing_is_all(here: Path, sites: dict[str, NetworkDaemon]) -> None:
    assert outcome("fm", "set", CEILING, "-2", "--all-or-nothing") == (ALL, "all", {"berlin": "done", "koeln": "done"})
    assert ceilings(sites) == [-2.0, -2.0]
    assert all(site.ask(op="status")["result"]["trial"] is None for site in sites.values())
    assert outcome("fm", "set", CEILING, "-2", "--all-or-nothing")[0] == ALL  # as it is already


@pytest.mark.parametrize("trouble", ["gone", "looker", "locked", "wrong"])
def test_all_or_nothing_is_nothing_when_one_could_not(here: Path, sites: dict[str, NetworkDaemon], trouble: str) -> None:
    koeln = sites["koeln"]
    if trouble == "gone":
        know("koeln", koeln, port=free_port(1), groups=("fm",))
    elif trouble == "looker":
        know("koeln", koeln, "viewer", groups=("fm",))
    elif trouble == "locked":
        assert koeln.ask(op="lock", note="live")["ok"]
    before = [site.ask(op="status")["result"]["revision"] for site in sites.values()]
    code, how_many, words = outcome("fm", "set", CEILING, "9" if trouble == "wrong" else "-2", "--all-or-nothing")
    koeln.ask(op="unlock")
    assert (code, how_many) == (NONE, "none")
    assert words["berlin"] == ("refused" if trouble == "wrong" else "not asked")
    assert [site.ask(op="status")["result"]["revision"] for site in sites.values()] == before


def test_what_was_tried_is_taken_back_when_one_refuses_at_the_last_moment(
    here: Path, sites: dict[str, NetworkDaemon], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody turns a knob at koeln between the plan and the trial."""
    turned: list[str] = []

    async def plan(client: object, now: object) -> fleet.Change:
        name = client.name  # type: ignore[attr-defined]

        def change(revision: int | None, within_s: float | None) -> object:
            if name == "koeln":
                turned.append(str(sites["koeln"].set(limiter__drive_db=5.0)["revision"]))
            return set_words({CEILING: -6.0}, 0.0, revision, within_s)

        return change  # type: ignore[return-value]

    outcomes = everywhere_or_nowhere(plan)
    assert turned
    assert {name: it.word for name, it in outcomes.items()} == {"berlin": "taken back", "koeln": "refused"}
    assert ceilings(sites) == [-1.0, -1.0]


def test_a_confirmation_that_is_cut_off_is_repeated(here: Path, sites: dict[str, NetworkDaemon]) -> None:
    """The line to koeln breaks when everything is tried; it comes back in time. When it breaks before koeln's answer to the trial
    is through, all is taken back instead, and that is tried again."""
    for _ in range(5):
        code, words = cut_while_tried(sites)
        if code == ALL:
            break
        assert words["koeln"] == "unreachable"
        eventually(lambda: ceilings(sites) == [-1.0, -1.0], 20)
    assert (code, words) == (ALL, {"berlin": "done", "koeln": "done"})
    assert ceilings(sites) == [-7.0, -7.0]
    assert all(site.ask(op="status")["result"]["trial"] is None for site in sites.values())


def cut_while_tried(sites: dict[str, NetworkDaemon]) -> tuple[int, dict[str, str]]:
    with Relay(sites["koeln"].port) as relay:
        know("koeln", sites["koeln"], port=relay.port, groups=("fm",))

        def cut() -> None:
            eventually(lambda: sites["koeln"].ask(op="get", ids=[CEILING])["result"][CEILING] == -7.0)
            relay.cut()
            time.sleep(1.0)
            relay.mend()

        cutter = threading.Thread(target=cut)
        cutter.start()
        code, _, words = outcome("fm", "set", CEILING, "-7", "--all-or-nothing", "--glide-ms", "0")
        cutter.join()
    return code, words


def everywhere_or_nowhere(plan: fleet.Plan) -> dict[str, fleet.Outcome[Answer]]:
    return asyncio.run(fleet_trial.all_or_nothing(hosts.chosen(hosts.load(hosts.path()), "fm"), 5.0, plan))


def test_an_announced_daemon_is_found_and_compared(here: Path, sites: dict[str, NetworkDaemon]) -> None:
    def seen() -> list[dict[str, object]]:
        said = run("discover", "--seconds", "0.7", "--interface", "127.0.0.1", "--json")
        return [it for it in json.loads(said.stdout) if it["port"] == sites["berlin"].port]

    (found,) = eventually(seen, 20)
    fingerprint = keys.fingerprint(sites["berlin"].server.public)
    assert (found["instance"], found["addresses"], found["fingerprint"]) == ("berlin", ["127.0.0.1"], fingerprint)
    assert (found["host"], found["matches"]) == ("berlin", True)
    change(hosts.path(), "berlin", Host("127.0.0.1", sites["berlin"].port, keys.new_pair().public, "x"))
    (found,) = eventually(seen, 20)
    assert (found["host"], found["matches"]) == ("berlin", False)
    change(hosts.path(), "berlin", None)
    (found,) = eventually(seen, 20)
    assert (found["host"], found["matches"]) == (None, None)


KNOB = """
port = "^no such box$"
[[control]]
cc = 7
parameter = "compressor.threshold_db"
takeover = "jump"
"""


def test_a_knob_turns_a_daemon_of_the_network(sites: dict[str, NetworkDaemon], tmp_path: Path) -> None:
    """What `masterctl --host berlin midi run` runs, with the message of a box that is not there."""
    site, file = sites["berlin"], tmp_path / "knob.toml"
    file.write_text(KNOB)
    run = Run(Boxes([file]), Client(site.address("operator"), origin="knob"), "knob")
    (box,) = run.boxes
    try:
        eventually(lambda: run.round(time.monotonic()) or not box.is_blank)
        box.surface.hear([0xB0, 7, 0], time.monotonic())

        def turned() -> bool:
            run.round(time.monotonic())
            threshold_db = site.ask(op="get", ids=["compressor.threshold_db"])["result"]["compressor.threshold_db"]
            return bool(threshold_db == PARAMETERS["compressor.threshold_db"].min)

        eventually(turned)
    finally:
        run.close()
