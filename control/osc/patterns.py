"""OSC address patterns: `?`, `*`, `[abc]`, `[!a-c]` and `{one,other}` within the parts between slashes.

A part is matched by fnmatch, whose expressions do not backtrack: no pattern takes long, whoever wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import islice
from typing import TypeAlias

Tree: TypeAlias = "dict[str, Tree]"
SPECIAL = frozenset("*?[{")
MOST_CHARACTERS = 128
MOST_ALTERNATIVES = 64
BRACES = re.compile(r"\{([^{}]*)\}")


def is_pattern(address: str) -> bool:
    """Whether `address` may mean several."""
    return not SPECIAL.isdisjoint(address)


def tree_of(addresses: Iterable[str]) -> Tree:
    """Addresses by their parts."""
    tree: Tree = {}
    for address in addresses:
        branch = tree
        for part in address[1:].split("/"):
            branch = branch.setdefault(part, {})
    return tree


def matching(pattern: str, tree: Tree) -> Iterator[str]:
    """The addresses in the tree that the pattern means, in the tree's order."""
    if len(pattern) <= MOST_CHARACTERS:
        yield from _matching(pattern[1:].split("/"), tree, "")


def _matching(parts: list[str], tree: Tree, before: str) -> Iterator[str]:
    patterns = list(islice(alternatives(parts[0]), MOST_ALTERNATIVES))
    for part, branch in tree.items():
        if any(fnmatchcase(part, pattern) for pattern in patterns):
            if parts[1:]:
                yield from _matching(parts[1:], branch, f"{before}/{part}")
            elif not branch:
                yield f"{before}/{part}"


def alternatives(part: str) -> Iterator[str]:
    """`{a,b}c` as `ac` and `bc`."""
    braces = BRACES.search(part)
    if braces is None:
        yield part
        return
    for choice in braces[1].split(","):
        for rest in alternatives(part[braces.end() :]):
            yield part[: braces.start()] + choice + rest
