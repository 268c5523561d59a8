"""Boxes that come and go, by their ports' names alone. The ports are ALSA's, with its numbers, as no machine of ours has them."""

from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from masterd.control.midi.backend import NoMidi
from masterd.control.midi.connection import Connection, State, matching, partner

MINI = "X-TOUCH MINI:X-TOUCH MINI MIDI 1 {}:0"
THROUGH = "Midi Through:Midi Through Port-0 14:0"


class Ports:
    """A list of ports that changes, and what is open on it."""

    def __init__(self, *names: str) -> None:
        self.sources = self.sinks = list(names)
        self.young: set[str] = set()
        self.open: list[str] = []
        self.vanishing: set[str] = set()

    def become(self, *names: str) -> None:
        self.sources = self.sinks = list(names)

    def open_source(self, name: str) -> Any:
        return self._open(name)

    def open_sink(self, name: str) -> Any:
        return self._open(f"> {name}")

    def _open(self, name: str) -> str:
        if name.removeprefix("> ") in self.vanishing:
            raise NoMidi(f"cannot open {name}")
        self.open.append(name)
        return name

    def drop(self, *ends: Any) -> None:
        for end in ends:
            if end:
                self.open.remove(end)


def connection(ports: Ports, pattern: str, taken: set[str] | None = None) -> Connection:
    return Connection(ports, pattern, taken)  # type: ignore[arg-type]


def test_a_box_comes_goes_and_comes_back_under_another_number() -> None:
    ports = Ports(THROUGH)
    box = connection(ports, "x-touch mini")
    assert not box.step()
    ports.become(THROUGH, MINI.format(20))
    assert box.step()
    assert (box.state, box.port, box.showing_port) == (State.READY, MINI.format(20), MINI.format(20))
    ports.become(THROUGH)
    assert box.step()
    assert (box.state, ports.open) == (State.LOST, [])
    ports.become(THROUGH, MINI.format(24))
    assert box.step()
    assert (box.state, box.port, ports.open) == (State.READY, MINI.format(24), [MINI.format(24), f"> {MINI.format(24)}"])


def test_a_new_number_between_two_looks_is_a_box_that_went_and_came() -> None:
    ports = Ports(MINI.format(20))
    box = connection(ports, "x-touch")
    box.step()
    ports.become(MINI.format(24))
    assert box.step()
    assert box.state is State.LOST
    assert box.step()
    assert (box.state, ports.open) == (State.READY, [MINI.format(24), f"> {MINI.format(24)}"])


def test_two_boxes_of_one_name_are_two_boxes_each_with_its_own_lights() -> None:
    ports, taken = Ports(MINI.format(20), MINI.format(24)), set[str]()
    first, second = (connection(ports, "x-touch mini", taken) for _ in range(2))
    first.step()
    second.step()
    assert (first.port, first.showing_port) == (MINI.format(20), MINI.format(20))
    assert (second.port, second.showing_port) == (MINI.format(24), MINI.format(24))
    ports.become(MINI.format(24))
    first.step()
    second.step()
    assert (first.state, second.state) == (State.LOST, State.READY)
    ports.become(MINI.format(24), MINI.format(28))
    first.step()
    second.step()
    assert (first.port, second.port) == (MINI.format(28), MINI.format(24))


def test_a_port_that_goes_while_it_is_opened_is_looked_for_again() -> None:
    ports = Ports(MINI.format(20))
    ports.vanishing = {MINI.format(20)}
    box = connection(ports, "mini")
    assert not box.step()
    assert (box.state, ports.open) == (State.ABSENT, [])
    ports.vanishing = set()
    assert box.step()
    assert box.state is State.READY


def test_a_port_is_opened_when_it_is_seen_the_second_time() -> None:
    ports = Ports(MINI.format(20))
    ports.young = {MINI.format(20)}
    box = connection(ports, "mini")
    assert not box.step()
    ports.young = set()
    assert box.step()
    assert box.state is State.READY


def test_lights_come_when_the_port_for_them_does() -> None:
    ports = Ports(MINI.format(20))
    ports.sinks = []
    box = connection(ports, "mini")
    box.step()
    assert (box.state, box.showing_port) == (State.READY, "")
    ports.sinks = [MINI.format(20)]
    assert box.step()
    assert box.showing_port == MINI.format(20)


def test_any_port_is_not_the_kernels_own_loop() -> None:
    assert matching("", [THROUGH, MINI.format(20)]) == [MINI.format(20)]
    assert matching("through", [THROUGH]) == [THROUGH]
    assert matching("mini midi 1$", [MINI.format(20)]) == [MINI.format(20)]
    assert partner("a out", ["b in", "c in"]) == "b in"
    assert partner("a", []) is None


@given(st.lists(st.lists(st.integers(16, 31), unique=True, max_size=4), max_size=12))
def test_whatever_comes_and_goes_no_two_boxes_share_a_port_and_nothing_stays_open(course: list[list[int]]) -> None:
    ports, taken = Ports(), set[str]()
    boxes = [connection(ports, "x-touch", taken) for _ in range(3)]
    for numbers in course:
        ports.become(*(MINI.format(number) for number in numbers))
        for box in boxes:
            box.step()
        ready = [box.port for box in boxes if box.state is State.READY]
        assert len(ready) == len(set(ready))
        assert set(ports.open) == {end for port in ready for end in (port, f"> {port}")}
    for _ in range(2):
        for box in boxes:
            box.step()
    assert sum(box.state is State.READY for box in boxes) == min(3, len(ports.sources))
    for box in boxes:
        box.close()
    assert (ports.open, taken) == ([], set())
