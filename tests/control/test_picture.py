"""What a follower makes of whatever comes, and how old it says its picture is: no socket, no clock."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, strategies as st

from masterd.control.address import Address, Keys
from masterd.control.keys import Pair
from masterd.control.picture import LAG_S, SILENCE_S, Freshness, Picture, Sequence, Unknown, decode
from masterd.control.protocol import METERS_TOPIC, Heartbeat, Meters, PointMeters, StateSnapshot, encode_json, encode_msgpack

FAR = Address("far", "192.0.2.1", 5570, Keys("s" * 40, Pair("p" * 40, "s" * 40)))


def heartbeat(seq: int, boot_id: str = "a") -> Heartbeat:
    return Heartbeat(seq=seq, boot_id=boot_id, time=0.0, revision=0, uptime_s=0.0, blocks=0, xruns=0)


def snapshot(seq: int, boot_id: str = "a") -> StateSnapshot:
    return StateSnapshot(boot_id=boot_id, seq=seq, revision=0, preset="", dirty=False, values={})


@given(st.integers(0, 30), st.lists(st.integers(0, 60)))
def test_accepted_events_continue_the_snapshot_without_gap_or_repeat(start: int, numbers: list[int]) -> None:
    sequence = Sequence()
    sequence.start(snapshot(start))
    accepted = [number for number in numbers if sequence.accept(heartbeat(number))]
    assert accepted == list(range(start + 1, start + 1 + len(accepted)))


@given(st.integers(0, 30), st.integers(0, 60))
def test_a_gap_is_what_is_neither_known_nor_next(start: int, number: int) -> None:
    sequence = Sequence()
    sequence.start(snapshot(start))
    assert sequence.is_gap(heartbeat(number)) == (number > start + 1)


def test_another_start_of_the_daemon_is_a_gap_whatever_its_number() -> None:
    sequence = Sequence()
    sequence.start(snapshot(7))
    assert sequence.is_gap(heartbeat(8, "b"))
    assert not sequence.accept(heartbeat(8, "b"))


def test_events_of_an_unknown_kind_are_counted_and_not_delivered() -> None:
    event = {"type": "later", "seq": 5, "boot_id": "a", "time": 0, "revision": 0, "more": [1]}
    assert decode(msgspec.json.encode(event)) == Unknown(5, "a")
    assert decode(b"\xff{") is None


KNOWN = st.builds(lambda seq, boot: encode_json(heartbeat(seq, boot)), st.integers(0, 12), st.sampled_from("ab"))
LATER = st.builds(
    lambda seq, boot: msgspec.json.encode({"type": "later", "seq": seq, "boot_id": boot}),
    st.integers(0, 12),
    st.sampled_from("ab"),
)


@given(
    st.lists(KNOWN | LATER | st.binary(max_size=40)), st.lists(st.tuples(st.integers(0, 12), st.sampled_from("ab")), min_size=1)
)
def test_whatever_comes_what_is_delivered_continues_the_last_snapshot(
    frames: list[bytes], snapshots: list[tuple[int, str]]
) -> None:
    picture, answers = Picture(FAR), iter(snapshots * 100)
    seq, boot_id = next(answers)
    picture.start(snapshot(seq, boot_id), 0.0)
    for frame in frames:
        for event in (picture.take(frame, 0.0), *([picture.kept()] if picture.is_whole else [])):
            if event:
                assert (event.boot_id, event.seq > seq) == (boot_id, True)
                seq = event.seq
        if not picture.is_whole:
            seq, boot_id = next(answers)
            picture.start(snapshot(seq, boot_id), 0.0)


def test_the_event_that_showed_a_gap_is_delivered_when_the_snapshot_is_older() -> None:
    picture = Picture(FAR)
    picture.start(snapshot(1), 0.0)
    assert picture.take(encode_json(heartbeat(3)), 0.0) is None
    assert not picture.is_whole
    picture.start(snapshot(2), 0.0)
    kept = picture.kept()
    assert kept
    assert kept.seq == 3


def test_age_is_the_time_since_the_last_word_also_while_there_is_no_connection() -> None:
    picture = Picture(FAR)
    assert picture.age_s(5.0) == float("inf")
    picture.start(snapshot(1), 10.0)
    picture.take(encode_json(heartbeat(2)), 11.0)
    assert picture.age_s(12.5) == pytest.approx(1.5)
    picture.lose()
    assert picture.age_s(71.0) == pytest.approx(60.0)


def test_silence_says_whether_events_ever_came() -> None:
    picture = Picture(FAR)
    picture.start(snapshot(1), 0.0)
    assert picture.silence(SILENCE_S - 0.1) is None
    assert "no event comes from tcp://192.0.2.1:5571" in str(picture.silence(SILENCE_S + 0.1))
    picture.take(encode_json(heartbeat(2)), 0.0)
    assert "has said nothing" in str(picture.silence(SILENCE_S + 0.1))


SILENT = PointMeters((-200, -200), (-200, -200), (-200, -200), -200, -200, -200, 0, -200, -200, -200)


def frame(time_s: float) -> bytes:
    return METERS_TOPIC + encode_msgpack(Meters(1, "a", time_s, 64, 1, 0, 0, 3.0, SILENT, SILENT, (0, 0), 0))


@given(st.floats(-1e6, 1e6), st.lists(st.floats(0.0, 10.0), min_size=1))
def test_no_meters_are_given_that_waited_longer_than_the_quickest(clocks_differ_s: float, delays_s: list[float]) -> None:
    freshness, quickest_s, now_s = Freshness(), float("inf"), 100.0
    for delay_s in delays_s:
        now_s += 1.0
        taken, is_fresh = freshness.take(frame(now_s - delay_s + clocks_differ_s), now_s)
        quickest_s = min(quickest_s, delay_s)
        if abs(delay_s - quickest_s - LAG_S) > 1e-6:  # the clocks' difference costs digits
            assert is_fresh == (taken is not None) == (delay_s - quickest_s <= LAG_S)
        if is_fresh:
            assert freshness.age_s(now_s + 2) == pytest.approx(2 + delay_s - quickest_s, abs=1e-6)


def test_a_clock_that_is_set_back_costs_one_connection_and_no_more() -> None:
    freshness = Freshness()
    assert freshness.take(frame(1000.0), 1.0)[1]
    assert not freshness.take(frame(940.0), 1.1)[1]
    freshness.begin()
    assert freshness.take(frame(940.1), 1.2)[1]


@given(st.binary(max_size=80))
def test_garbage_instead_of_meters_is_dropped(content: bytes) -> None:
    assert Freshness().take(METERS_TOPIC + content, 1.0) == (None, True)
