"""The unit and the account, judged by systemd's own tools. `verify` exits 0 on unknown keys, so its output must be empty."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "systemd"
UNIT = FOLDER / "masterd@.service"

analyze = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze (Debian package systemd)")


@pytest.fixture
def unit(tmp_path):
    """The unit as an instance, with the command where it is on this machine."""
    text = UNIT.read_text()
    command = Path(sys.executable).parent / "masterd"
    assert "ExecStart=/usr/bin/masterd run --name %i" in text
    path = tmp_path / "masterd@test.service"
    path.write_text(text.replace("/usr/bin/masterd", str(command) if command.exists() else shutil.which("true")))
    return path


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "SYSTEMD_COLORS": "0"})


@analyze
def test_systemd_understands_every_line(unit):
    verified = run("systemd-analyze", "verify", str(unit))
    assert (verified.stderr, verified.stdout, verified.returncode) == ("", "", 0)


@analyze
def test_a_misspelt_key_would_be_noticed(unit):
    unit.write_text(unit.read_text().replace("LimitRTPRIO=", "LimitRtPrio="))
    assert "LimitRtPrio" in run("systemd-analyze", "verify", str(unit)).stderr


@analyze
def test_the_exposure_is_at_most_2(unit):
    judged = run("systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit))
    if "unrecognized option" in judged.stderr:
        pytest.skip("this systemd-analyze is older than 250 and cannot judge a unit that is not running")
    assert judged.returncode == 0, judged.stdout
    assert float(re.search(r"exposure level .*: ([0-9.]+)", judged.stdout)[1]) <= 2.0


@analyze
def test_the_network_is_closed_until_the_drop_in_opens_it(unit):
    closed = settings("Service")
    assert (closed["IPAddressDeny"], closed["IPAddressAllow"]) == (["any"], ["localhost"])
    opening = (FOLDER / "network.conf").read_text().replace("[Service]", "")  # a drop-in's lines come after the unit's own
    unit.write_text(unit.read_text().replace("[Install]", f"{opening}\n[Install]"))
    verified = run("systemd-analyze", "verify", str(unit))
    assert (verified.stderr, verified.returncode) == ("", 0)
    judged = run("systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit))
    if "unrecognized option" not in judged.stderr:
        assert judged.returncode == 0, judged.stdout
        print(re.search(r"exposure level .*", judged.stdout)[0])


@pytest.mark.skipif(not shutil.which("systemd-sysusers"), reason="needs systemd-sysusers (Debian package systemd)")
def test_the_account_can_be_made():
    made = run("systemd-sysusers", "--dry-run", str(FOLDER / "sysusers.d" / "masterd.conf"))
    assert made.returncode == 0, made.stderr


def settings(section):
    lines = UNIT.read_text().splitlines()
    at = lines.index(f"[{section}]")
    found = {}
    for line in lines[at + 1 :]:
        if line.startswith("["):
            break
        key, _, value = line.partition("=")
        if _ and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def test_nothing_takes_away_what_audio_needs():
    service = settings("Service")
    for forbidden in ("RestrictRealtime", "CPUSchedulingPolicy", "MemoryDenyWriteExecute", "PrivateDevices", "ProcSubset"):
        assert forbidden not in service
    assert service["LimitRTPRIO"] == ["75"]
    assert service["LimitMEMLOCK"] == ["infinity"]
    assert service["DeviceAllow"] == ["char-alsa rw"]
    assert service["Type"] == ["notify"]
    assert "@resources" not in " ".join(service["SystemCallFilter"])


def test_folders_and_exit_codes_are_those_of_the_daemon():
    from masterd.daemon.commands import run as command

    service = settings("Service")
    assert service["RestartPreventExitStatus"] == [f"{command.ALREADY_RUNNING} {command.CONFIG_REFUSED}"]
    assert service["RuntimeDirectory"] == service["StateDirectory"] == ["masterd/%i"]
    assert service["ConfigurationDirectory"] == ["masterd"]
    assert service["ConfigurationDirectoryMode"] == ["0755"], "it is root's, and the daemon has to enter it"


def test_the_unit_has_each_single_key_once():
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(UNIT.read_text())
    assert set(parser.sections()) == {"Unit", "Service", "Install"}
    repeated = {key for key, values in settings("Service").items() if len(values) > 1}
    assert repeated <= {"SystemCallFilter"}
