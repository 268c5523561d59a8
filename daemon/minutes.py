"""Which requests go into the audit log, and what of them: what turns something, and what was refused to somebody who had no
right."""

from __future__ import annotations

from typing import Any

import msgspec

from masterd.control.protocol import Answer, AskAudit, MidiReport, Request
from masterd.control.protocol.roles import Role
from masterd.daemon.audit import MOST_CHANGES
from masterd.daemon.desk import Desk

SUSPICIOUS = ("forbidden", "locked", "rate_limited")
UNSAID = ("op", "id", "v", "origin", "values", "token")
"""Fields that are elsewhere in an entry, or nobody's business. Values are among the changes, or, refused, told as well."""


def write_down(desk: Desk, request: Request | None, answer: Answer) -> None:
    """An entry about a request and its answer, if there is to be one. `request` is None when it was not even read."""
    code = answer.error.code if answer.error else "ok"
    turns = request is not None and request.role >= Role.OPERATOR and not isinstance(request, AskAudit | MidiReport)
    if not turns and code not in SUSPICIOUS:
        return
    said = msgspec.to_builtins(request) if request is not None else {}
    details = {name: value for name, value in said.items() if name not in UNSAID}
    if code != "ok" and (tried := said.get("values")):
        details["values"] = dict(list(tried.items())[:MOST_CHANGES])
    changes = changes_in(answer.result)
    desk.write_down(
        said.get("op", "?"),
        code=code,
        revision=answer.revision,
        details=details,
        changes=dict(list(changes.items())[:MOST_CHANGES]),
        more_changes=max(0, len(changes) - MOST_CHANGES),
    )


def changes_in(result: Any) -> dict[str, Any]:
    """What an answer says that was changed."""
    return dict(result.get("changes", {})) if isinstance(result, dict) else {}
