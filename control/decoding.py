"""Decoders of which nothing but msgspec.DecodeError can come, whatever the bytes are."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

import msgspec

T = TypeVar("T")


def guarded(decode: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """msgspec's own `decode`, which raises others at a text that is not UTF-8 and at nesting without end."""

    @functools.wraps(decode)
    def guarded_decode(content: bytes) -> T:
        try:
            return decode(content)
        except (UnicodeDecodeError, RecursionError) as reason:
            raise msgspec.DecodeError(str(reason)) from None

    return guarded_decode
