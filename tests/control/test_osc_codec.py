"""OSC to its last byte: python-osc writes what we read and reads what we write, and any bytes are OSC or Malformed at once."""

import contextlib
import struct
import time

import pytest
from hypothesis import example, given, settings, strategies as st
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from masterd.control.osc.codec import DATAGRAM_BYTES, Bundle, Malformed, Message, datagrams, decode, encode

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
addresses = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=30).map(lambda text: "/" + text)
floats = st.floats(width=32, allow_nan=False)
plain = st.one_of(
    floats, st.integers(-(1 << 31), (1 << 31) - 1), texts, st.booleans(), st.none(), st.binary(min_size=1, max_size=30)
)
messages = st.builds(Message, addresses, st.lists(plain, max_size=8).map(tuple))

HEAD = b"#bundle\0" + struct.pack(">Q", 1)


@given(messages)
def test_python_osc_reads_what_we_write(message):
    theirs = OscMessage(encode(message))
    assert (theirs.address, tuple(theirs.params)) == (message.address, message.arguments)


@given(addresses, st.lists(st.one_of(plain, st.integers(-(1 << 63), (1 << 63) - 1)), max_size=8))
def test_we_read_what_python_osc_writes(address, arguments):
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    assert decode(builder.build().dgram) == [Bundle((Message(address, tuple(arguments)),), alone=True)]


@given(st.floats(allow_nan=False))
def test_doubles_come_whole(value):
    builder = OscMessageBuilder("/x")
    builder.add_arg(value, "d")
    assert decode(builder.build().dgram)[0].messages[0].arguments == (value,)


def test_bundles_come_with_their_time_and_bundles_within_behind_them():
    inner, outer = OscBundleBuilder(2e9), OscBundleBuilder(1e9)
    for builder, address in ((inner, "/inner"), (outer, "/outer")):
        builder.add_content(OscMessageBuilder(address).build())
    outer.add_content(inner.build())
    outer.add_content(OscMessageBuilder("/more").build())
    first, second = decode(outer.build().dgram)
    assert [it.address for it in first.messages] == ["/outer", "/more"]
    assert first.due_s == pytest.approx(1e9)
    assert second == Bundle((Message("/inner"),), pytest.approx(2e9))
    assert decode(HEAD + struct.pack(">i", 12) + encode(Message("/now"))) == [Bundle((Message("/now"),), None)]


@given(st.lists(messages, min_size=1, max_size=60))
def test_what_goes_out_is_whole_in_order_and_fits_a_frame(told):
    sent = list(datagrams(told))
    assert all(len(data) <= DATAGRAM_BYTES or len(decode(data)[0].messages) == 1 for data in sent)
    assert [message for data in sent for bundle in decode(data) for message in bundle.messages] == told
    assert sum(len(OscPacket(data).messages) for data in sent) == len(told)


@settings(max_examples=500)
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=100).map(HEAD.__add__)))
@example(HEAD + struct.pack(">i", -4))  # an element of a negative size: python-osc 1.10 never comes back from it
@example(HEAD + struct.pack(">i", -20))
@example(HEAD * 3000)
@example(b"/a\0\0,b\0\0" + struct.pack(">i", -8) + bytes(8))
def test_any_bytes_are_osc_or_malformed_at_once(data):
    began_s = time.thread_time()
    with contextlib.suppress(Malformed):
        decode(data)
    assert time.thread_time() - began_s < 0.5


@given(messages, st.data())
def test_a_datagram_cut_short_or_longer_is_refused(message, data):
    whole = encode(message)
    cut = data.draw(st.integers(0, len(whole) - 1))
    if whole[:cut] != encode(Message(message.address))[: -len(",\0\0\0")]:  # an address alone is how very old senders ask
        with pytest.raises(Malformed):
            decode(whole[:cut])
    with pytest.raises(Malformed):
        decode(whole + b"\1\0\0\0")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"eq\0\0,\0\0\0",  # no slash
        b"/\xff\0\0,\0\0\0",
        b"/a b\0\0\0\0,\0\0\0",
        b"/a\0\0f\0\0\0" + bytes(4),  # no comma
        b"/a\0\0,q\0\0" + bytes(4),  # a tag of unknown length: what follows would be read from the wrong bytes
        b"/a\0\0,[f]\0\0\0\0" + bytes(4),
        b"/a\0x,\0\0\0",  # filled up with something
        HEAD + struct.pack(">i", 12) + b"/a\0\0,\0\0\0",
        (HEAD + struct.pack(">i", 1000)) * 2,
    ],
)
def test_what_is_wrong_is_refused(data):
    with pytest.raises(Malformed):
        decode(data)


def test_nested_bundles_have_a_bound():
    data = encode(Message("/a"))
    for _ in range(8):
        data = HEAD + struct.pack(">i", len(data)) + data
    assert decode(data)[0].messages == (Message("/a"),)
    with pytest.raises(Malformed):
        decode(HEAD + struct.pack(">i", len(data)) + data)
