"""A command under the system call filter of a unit, as systemd would run it, and without systemd:

    python -m instruments.unit_filter UNIT COMMAND...

Only SystemCallFilter= and SystemCallErrorNumber=EPERM. The groups are those of systemd-analyze, the filter is made by libseccomp,
which systemd needs itself.
"""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SCMP_ACT_ALLOW = 0x7FFF0000  # <seccomp.h>
SCMP_ACT_ERRNO = 0x00050000
ALWAYS = "@default"
"""What systemd adds to every list of what is allowed (systemd.exec(5))."""


def groups() -> dict[str, list[str]]:
    """What each @group of systemd holds: system calls, and other groups."""
    text = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], capture_output=True, text=True, check=True).stdout
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("@"):
            members = found.setdefault(line.strip(), [])
        elif (name := line.strip()) and not name.startswith("#"):
            members.append(name)
    return found


def calls(name: str, known: dict[str, list[str]]) -> Iterator[str]:
    """The system calls that a word of SystemCallFilter= means."""
    if not name.startswith("@"):
        yield name
        return
    for member in known[name]:
        yield from calls(member, known)


def allowed(unit: Path) -> set[str]:
    """The names of what the unit allows: its lines add to what is allowed, or with ~ take away, in their order."""
    lines = [line.partition("=")[2] for line in unit.read_text().splitlines() if line.startswith("SystemCallFilter=")]
    assert lines, f"{unit} filters nothing"
    assert not lines[0].startswith("~"), "a list of what is forbidden is not understood here"
    assert "\nSystemCallErrorNumber=EPERM\n" in unit.read_text()
    known = groups()
    found = {*calls(ALWAYS, known)}
    for line in lines:
        meant = {call for name in line.removeprefix("~").split() for call in calls(name, known)}
        found = found - meant if line.startswith("~") else found | meant
    return found


def confine(names: set[str]) -> None:
    """This process and all that it starts may call these alone from now on; anything else is EPERM."""
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p]
    seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
    context = seccomp.seccomp_init(SCMP_ACT_ERRNO | errno.EPERM)
    numbers = {name: seccomp.seccomp_syscall_resolve_name(name.encode()) for name in names}
    for name, number in numbers.items():
        if number >= 0 and (failure := seccomp.seccomp_rule_add_array(context, SCMP_ACT_ALLOW, number, 0, None)):
            raise OSError(-failure, name)
    if failure := seccomp.seccomp_load(context):
        raise OSError(-failure, "the filter")


if __name__ == "__main__":
    confine(allowed(Path(sys.argv[1])))
    os.execvp(sys.argv[2], sys.argv[2:])
