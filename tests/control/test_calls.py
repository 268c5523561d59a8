"""Requests and answers without a socket: correlation, refusals, whatever comes."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
from hypothesis import given, strategies as st

from masterd.control import errors, words
from masterd.control.calls import EXCEPTIONS, Calls, Question, exception
from masterd.control.protocol import Answer, ErrorBody, Get, Set, decode_request, encode_json


def every_error(root: type[errors.MasterdError] = errors.Refused) -> list[type[errors.MasterdError]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in every_error(child))]


def test_requests_are_numbered_and_signed() -> None:
    calls = Calls("desk")
    first, second = (decode_request(calls.encode(Get())[-1]) for _ in range(2))
    assert first.id != second.id
    assert first.origin == second.origin == "desk"


def test_only_the_answer_to_this_request_is_taken() -> None:
    calls = Calls()
    old, new = Get(), Get()
    calls.encode(old)
    calls.encode(new)
    stale, fresh = (encode_json(Answer(request.id, True, 3, {"bypass.on": True})) for request in (old, new))
    assert calls.match(new, [b"", stale]) is None
    assert calls.match(new, [b"", fresh]) == Answer(new.id, True, 3, {"bypass.on": True})
    assert calls.match(new, [fresh]) is not None  # without the empty frame as well


@given(st.lists(st.binary(), max_size=3))
def test_anything_that_is_no_answer_is_dropped(frames: list[bytes]) -> None:
    calls, request = Calls(), Get()
    calls.encode(request)
    assert calls.match(request, frames) is None


@pytest.mark.parametrize("kind", [kind for kind in every_error() if kind.__module__ == errors.__name__ and "code" in vars(kind)])
def test_a_code_becomes_its_exception_with_the_daemons_words(kind: type[errors.MasterdError]) -> None:
    error = exception(ErrorBody(kind.code, "words of the daemon", "eq.on"))
    assert type(error) is kind
    assert (str(error), error.code, error.parameter) == ("words of the daemon", kind.code, "eq.on")


def test_every_code_has_one_exception() -> None:
    codes = [kind.code for kind in every_error() if "code" in vars(kind)]
    assert len(set(codes)) == len(codes)
    assert EXCEPTIONS["unreachable"] is errors.Unreachable


def test_a_code_of_a_later_daemon_is_a_refusal_that_carries_it() -> None:
    error = exception(ErrorBody("lacks_permission", "not you"))
    assert isinstance(error, errors.Refused)
    assert error.code == "lacks_permission"


def test_a_refusal_is_raised_for_the_request_it_answers() -> None:
    calls, request = Calls(), Set(values={"eq.on": True})
    calls.encode(request)
    refusal = encode_json(Answer(request.id, False, 4, None, ErrorBody("revision_conflict", "moved on")))
    with pytest.raises(errors.RevisionConflict, match="moved on"):
        calls.match(request, [b"", refusal])


def test_fields_of_a_later_daemon_are_ignored() -> None:
    calls, request = Calls(), Get()
    calls.encode(request)
    body = msgspec.json.encode({"id": request.id, "ok": True, "revision": 1, "result": {}, "signature": "new"})
    assert calls.match(request, [body]) == Answer(request.id, True, 1, {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e300, 1e300) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.sampled_from([words.get(), words.describe(), words.status(), words.snapshot(), words.preset_list(), words.whoami()]), JSON
)
def test_a_result_is_what_was_asked_for_or_a_bad_answer(question: Question[object], result: object) -> None:
    with contextlib.suppress(errors.BadAnswer):
        understood = question.understood(Answer(1, True, 1, result))
        assert msgspec.convert(msgspec.to_builtins(understood), question.shape) == understood


@given(st.lists(st.tuples(st.integers(1, 6), st.booleans(), JSON), max_size=20), st.integers(1, 6))
def test_of_any_stream_of_answers_each_request_takes_its_own(stream: list[tuple[int, bool, object]], wanted: int) -> None:
    calls, requests = Calls(), [Get() for _ in range(6)]
    for request in requests:
        calls.encode(request)
    for id, ok, result in stream:
        frames = [b"", encode_json(Answer(id, ok, 1, result))]
        try:
            answer = calls.match(requests[wanted - 1], frames)
        except errors.Refused:
            assert not ok
            assert id == wanted
        else:
            assert (answer is not None) == (ok and id == wanted)
