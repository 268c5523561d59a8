"""What a piece of compiled code can call: the sections reachable from a function by relocations, and the foreign names there.

Objects built with -ffunction-sections -fdata-sections have one section per function and per constant, and each section lists what
it refers to. A table of function pointers is a section too, so calls through it are followed.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

SYMBOL = re.compile(
    r"^[0-9a-f]+ (?P<flags>.{7}) (?P<section>\S+)\t[0-9a-f]+\s+(?:\.(?:hidden|internal|protected) )?(?P<name>\S+)$"
)
RELOCATIONS = re.compile(r"^RELOCATION RECORDS FOR \[(?P<section>.+)\]:$")
RELOCATION = re.compile(r"^[0-9a-f]+ R_\S+\s+(?P<target>\S+?)(?:[+-]0x[0-9a-f]+)?$")

Node = tuple[Path, str]
"""One section of one object."""


@dataclass
class Program:
    """The sections of some objects, who refers to whom, and where each global name is defined."""

    defined: dict[str, Node] = field(default_factory=dict)
    local: dict[tuple[Path, str], Node] = field(default_factory=dict)
    references: dict[Node, set[str]] = field(default_factory=dict)

    def reachable(self, entries: Iterable[str]) -> tuple[set[Node], set[str]]:
        """The sections reachable from `entries`, and the names they refer to that nobody here defines."""
        todo, seen, foreign = [self.defined[entry] for entry in entries], set(), set()
        while todo:
            node = todo.pop()
            if node in seen:
                continue
            seen.add(node)
            for name in self.references.get(node, ()):
                target = self.local.get((node[0], name)) or self.defined.get(name)
                if target:
                    todo.append(target)
                else:
                    foreign.add(name)
        return seen, foreign


def objdump(flag: str, path: Path) -> list[str]:
    return subprocess.run(["objdump", flag, "-w", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()


def add_symbols(program: Program, path: Path) -> None:
    for match in filter(None, map(SYMBOL.match, objdump("-t", path))):
        section, name = match["section"], match["name"]
        if section.startswith("."):
            if match["flags"][0] == "l":
                program.local[path, name] = (path, section)
            else:
                program.defined[name] = (path, section)


def add_relocations(program: Program, path: Path) -> None:
    section = ""
    for line in objdump("-r", path):
        if match := RELOCATIONS.match(line):
            section = match["section"]
        elif match := RELOCATION.match(line):
            target = match["target"]
            program.references.setdefault((path, section), set()).add(target)
            if target.startswith("."):  # a section's own name stands for what is in it
                program.local[path, target] = (path, target)


def read(objects: Iterable[Path]) -> Program:
    program = Program()
    for path in objects:
        add_symbols(program, path)
        add_relocations(program, path)
    return program


def undefined(objects: Iterable[Path]) -> set[str]:
    """Foreign names of all code, reachable or not."""
    program = read(objects)
    return {
        name
        for (path, section), names in program.references.items()
        if section.startswith((".text", ".data", ".rodata"))
        for name in names
        if (path, name) not in program.local and name not in program.defined
    }
