"""The entries of an automation file, each with its line, from three kinds of text. What is none goes into `wrong`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from masterd.control.documents import NoDocument, json_document, toml_document

COLUMNS = ("time", "parameter", "value", "glide_ms")

Entries: TypeAlias = Iterator[tuple[int, Mapping[str, Any]]]
Wrong: TypeAlias = list[tuple[int, str]]


def from_toml(text: str, wrong: Wrong) -> Entries:
    """An [[at]] each."""
    try:
        document = toml_document(text)
    except NoDocument as reason:
        line = re.search(r"line (\d+)", str(reason))
        wrong.append((int(line[1]) if line else 1, str(reason)))
        return
    lines = [number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*at\s*\]\]", line)]
    wrong += [(1, f"unknown: {key!r}; entries stand under [[at]]") for key in document if key != "at"]
    entries = document.get("at", [])
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries]):
        line_number = lines[number] if number < len(lines) else 1
        if isinstance(entry, dict):
            yield line_number, entry
        else:
            wrong.append((line_number, "an entry is a table: [[at]]"))


def from_csv(text: str, wrong: Wrong) -> Entries:
    """A row each; values are texts, under `texts`."""
    rows = csv.reader(io.StringIO(text), skipinitialspace=True)
    head = [name.strip() for name in next(rows, [])]
    if set(head) - set(COLUMNS) or not {"time", "parameter", "value"} <= set(head):
        wrong.append((1, f"the first line names the columns: {','.join(COLUMNS)} (glide_ms may be left out)"))
        return
    for row in rows:
        if not row or row[0].lstrip().startswith("#"):
            continue
        if len(row) > len(head) or len(row) < 3:
            wrong.append((rows.line_num, f"has {len(row)} fields, not {len(head)}"))
            continue
        cell = dict(zip(head, (text.strip() for text in row), strict=False))
        glide = {"glide_ms": cell["glide_ms"]} if cell.get("glide_ms") else {}
        yield rows.line_num, {"time": cell["time"], "texts": {cell["parameter"]: cell["value"]}, **glide}


def from_jsonl(text: str, wrong: Wrong) -> Entries:
    """An object a line."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json_document(line)
        except NoDocument as reason:
            wrong.append((number, str(reason)))
            continue
        if isinstance(entry, dict):
            yield number, entry
        else:
            wrong.append((number, 'an entry is an object: {"time": 0, "values": {...}}'))
