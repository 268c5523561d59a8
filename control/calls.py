"""The client's side of `ctl` without a socket: requests into frames, answers matched to requests, refusals into exceptions.

A socket face, blocking or asynchronous, sends what `encode` gives and feeds what it receives to `match`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import msgspec

from masterd.control import errors
from masterd.control.protocol import Answer, ErrorBody, Request, decode_answer, encode_json


def _codes(root: type[errors.MasterdError]) -> dict[str, type[errors.MasterdError]]:
    table = {root.code: root}
    for child in root.__subclasses__():
        table |= _codes(child)
    return table


EXCEPTIONS = _codes(errors.MasterdError)
"""Exception class by the code that travels in the protocol."""


def exception(body: ErrorBody) -> errors.MasterdError:
    """The exception an error stands for; a code this package does not know yet is a plain Refused that carries it."""
    kind = EXCEPTIONS.get(body.code, errors.Refused)
    error = kind.__new__(kind, body.message)  # the message was written at the other end: no constructor writes another
    error.code = body.code
    error.parameter = body.parameter
    return error


class Calls:
    """Numbers requests and recognises their answers. One per socket, one thread."""

    def __init__(self, origin: str = "") -> None:
        self.origin = origin
        self._ids = itertools.count(1)

    def encode(self, request: Request) -> list[bytes]:
        """The frames of `request`, which gets its id and origin here."""
        request.id = next(self._ids)
        request.origin = request.origin or self.origin
        return [b"", encode_json(request)]

    def match(self, request: Request, frames: Sequence[bytes]) -> Answer | None:
        """The answer in `frames` when it is the one to `request`: None for stale and malformed ones. Raises refusals."""
        try:
            answer = decode_answer(frames[-1])
        except (IndexError, msgspec.DecodeError):
            return None
        if answer.id != request.id:
            return None
        if not answer.ok:
            raise exception(answer.error or ErrorBody("error", "the daemon refused and gave no reason"))
        return answer
