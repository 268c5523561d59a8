"""The client's side of `ctl` without a socket: requests into frames, answers matched to requests, refusals into exceptions.

A face, blocking or asynchronous, sends what `encode` gives and feeds what it receives to `read` or `match`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from masterd.control import errors
from masterd.control.protocol import Answer, ErrorBody, Request, decode_answer, encode_json

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A request, and the shape of what its answer holds: the answer as it is when that is Answer, else its result."""

    request: Request
    shape: type[T] | Any = Answer

    def understood(self, answer: Answer) -> T:
        """What the caller wants to know; BadAnswer when the result has not that shape."""
        if self.shape is Answer:
            return answer  # type: ignore[return-value]
        try:
            result: T = msgspec.convert(answer.result, self.shape)
        except msgspec.ValidationError as error:
            asked = self.request.__struct_config__.tag
            raise errors.BadAnswer(f"the answer to {asked!r} is not as the protocol has it: {error}") from None
        return result


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

    @staticmethod
    def read(frames: Sequence[bytes]) -> Answer | None:
        """The answer in `frames`, whoever asked; None when there is none."""
        try:
            return decode_answer(frames[-1])
        except (IndexError, msgspec.DecodeError):
            return None

    @staticmethod
    def granted(answer: Answer) -> Answer:
        """The answer of a request that was carried out; raises the refusal of one that was not."""
        if not answer.ok:
            raise exception(answer.error or ErrorBody("error", "the daemon refused and gave no reason"))
        return answer

    def match(self, request: Request, frames: Sequence[bytes]) -> Answer | None:
        """The answer in `frames` when it is the one to `request`: None for stale and malformed ones. Raises refusals."""
        answer = self.read(frames)
        return self.granted(answer) if answer and answer.id == request.id else None
