"""A flood is taken whole and little of it is worked on: nothing that counts by itself is lost, and knobs end where they end."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, strategies as st

from masterd.control.midi.mapfile import parse
from masterd.control.midi.sieve import FEW_MESSAGES, MOST_MESSAGES, Sieve

MAP = parse("""
[[control]]
cc = 7
parameter = "eq.1.gain_db"
[[control]]
cc = 8
bits = 14
parameter = "eq.2.gain_db"
[[control]]
cc = 16
encoding = "offset"
parameter = "eq.3.gain_db"
[[control]]
cc = 50
action = "toggle"
parameter = "eq.3.on"
[[control]]
note = 40
parameter = "bypass.on"
[[control]]
nrpn = 300
channel = 2
parameter = "eq.4.gain_db"
[[control]]
pitch_bend = true
parameter = "eq.5.gain_db"
""")
COUNT_EACH = {
    (0xB0, 8),
    (0xB0, 40),
    (0xB0, 16),
    (0xB0, 50),
    (0x90, 40),
    (0x80, 40),
    (0xB1, 98),
    (0xB1, 99),
    (0xB1, 6),
    (0xB1, 38),
}
values = st.integers(0, 127)
each = st.builds(lambda key, value: [*key, value], st.sampled_from(sorted(COUNT_EACH)), values)
newest = st.builds(
    lambda key, value: [*key, value], st.sampled_from([(0xB0, 7), (0xB0, 9), (0x95, 40), (0x90, 41), (0xB2, 16)]), values
)
bend = st.builds(lambda low, high: [0xE0, low, high], values, values)
sysex = st.just([0xF0, 1, 2, 3, 0xF7])
floods = st.lists(st.one_of(each, newest, bend, sysex), min_size=FEW_MESSAGES + 1, max_size=4 * FEW_MESSAGES)


def key(message: list[int]) -> tuple[int, int]:
    return message[0], 0 if message[0] == 0xE0 else message[1]


@given(floods)
def test_nothing_that_counts_is_lost_and_knobs_end_where_they_end(flood: list[list[int]]) -> None:
    kept = [list(message) for message in Sieve(MAP)(flood)]
    counting = [it for it in flood if key(it) in COUNT_EACH or it[0] == 0xF0]
    assert [it for it in kept if key(it) in COUNT_EACH or it[0] == 0xF0] == counting
    assert {key(it): it for it in kept} == {key(it): it for it in flood}
    others = Counter(key(it) for it in kept if key(it) not in COUNT_EACH and it[0] != 0xF0)
    assert max(others.values(), default=0) <= 2
    assert {key(it): it for it in kept[::-1]} == {key(it): it for it in flood[::-1]}


@given(st.lists(st.one_of(each, newest), max_size=FEW_MESSAGES))
def test_what_a_hand_does_is_left_alone(messages: list[list[int]]) -> None:
    assert Sieve(MAP)(messages) == messages


@given(st.lists(st.lists(st.integers(0, 255), max_size=4), max_size=4 * FEW_MESSAGES), st.sampled_from([1, 20]))
def test_any_bytes_are_survived_and_bounded(messages: list[list[int]], times: int) -> None:
    assert len(Sieve(MAP)(messages * times)) <= MOST_MESSAGES


def test_of_more_than_anybody_can_press_the_last_are_kept() -> None:
    presses = [[0x90, 40, at % 128] for at in range(10 * MOST_MESSAGES)]
    assert Sieve(MAP)(presses) == presses[-MOST_MESSAGES:]
