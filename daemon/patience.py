"""Asks something that may never answer, such as a sound server that has stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class NoAnswer(Exception):
    """It did not answer in time."""


def within(seconds: float, question: Callable[[], T]) -> T:
    """What `question` returns, or raises; NoAnswer after `seconds`, and its thread is left behind."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def ask() -> None:
        try:
            outcome.append(question())
        except BaseException as reason:
            failure.append(reason)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not outcome:
        raise NoAnswer(f"no answer within {seconds:g} s")
    return outcome[0]
