"""What breaks parsers and their readers is told as an error like any other; each line was once a crash."""

import msgspec
import pytest
from hypothesis import given, strategies as st

from masterd.control.calls import Calls
from masterd.control.documents import MOST_DEPTH, NoDocument, json_document, toml_document
from masterd.control.errors import MasterdError
from masterd.control.midi import mapfile
from masterd.control.picture import decode
from masterd.control.proposal import accepted
from masterd.control.protocol import Meters, PointMeters, decode_meters, encode_msgpack

DEEP = b"[" * 20_000 + b"]" * 20_000
POINT = PointMeters((-3.0, -3.0), (-2.0, -2.5), (-20.0, -20.0), -20, -20, -20, 3, -18, -19, -1)
METERS = Meters(1, "boot", 0.0, 0, 0, 0, 0, 0.0, POINT, POINT, (1.0, 2.0), 3.0)


@pytest.mark.parametrize(
    "toml",
    [
        "a = 1" + "0" * 5000,
        "a = 0x" + "f" * 5000,
        "a = 9223372036854775808",
        "a = [[-9223372036854775809]]",
        "a = " + "[" * 5000,
        "a." * 5000 + "a = 1",
        "a = " + "[" * MOST_DEPTH + "]" * MOST_DEPTH,
        "a =",
    ],
    ids=lambda it: f"{it[:20]}, {len(it)}",
)
def test_what_is_out_of_all_bounds_is_no_toml(toml):
    with pytest.raises(NoDocument, match=r"not TOML: .{10}"):
        toml_document(toml)
    with pytest.raises(MasterdError):
        accepted(toml)
    with pytest.raises(MasterdError):
        mapfile.parse(toml)


def test_what_is_within_them_is():
    assert toml_document("a = [9223372036854775807, -9223372036854775808, inf]") == {"a": [2**63 - 1, -(2**63), float("inf")]}
    assert json_document('{"a": [[{"b": 1e400}]]}') == {"a": [[{"b": float("inf")}]]}


@pytest.mark.parametrize("text", ["1" + "0" * 400, "1" + "0" * 5000, "[" * 5000, DEEP.decode(), "{"])
def test_what_is_out_of_all_bounds_is_no_json(text):
    with pytest.raises(NoDocument, match=r"not JSON: .{10}"):
        json_document(text)


@pytest.mark.parametrize(
    "frame",
    [
        b'{"id":"\xff","ok":true,"revision":1}',
        b'{"id":1,"ok":true,"revision":1,"result":' + DEEP + b"}",
        b'{"type":"\xff"}',
        b'{"x":' + DEEP + b',"type":"heartbeat"}',
    ],
    ids=["answer not UTF-8", "answer without end", "event not UTF-8", "event without end"],
)
def test_frames_that_are_no_message_are_none(frame):
    assert Calls.read([frame]) is None
    assert decode(frame) is None


@given(st.binary(max_size=100))
def test_any_bytes_are_meters_or_none(content):
    with pytest.raises(msgspec.DecodeError):
        decode_meters(content)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf")])
def test_meters_that_nobody_could_draw_are_none(wrong):
    assert decode_meters(encode_msgpack(METERS)) == METERS
    point = msgspec.structs.replace(POINT, psr_db=wrong)
    for broken in ({"time": wrong}, {"compressor_reduction_db": (0.0, wrong)}, {"output": point}):
        with pytest.raises(msgspec.DecodeError, match="not finite"):
            decode_meters(encode_msgpack(msgspec.structs.replace(METERS, **broken)))
