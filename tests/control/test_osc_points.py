"""Values as arguments, patterns of addresses, who may ask how much, leases: the parts of the OSC server that need no daemon."""

import itertools
import re
import struct
import time

import pytest
from hypothesis import given, strategies as st

from masterd.control.allowed import Allowed
from masterd.control.errors import BadRequest, NotGuarded, OutOfRange, WrongType
from masterd.control.osc.commands import COMMANDS
from masterd.control.osc.gate import BURST, MOST_ADDRESSES, RATE_PER_S, Gate
from masterd.control.osc.leases import LEASE_S, MOST_CLIENTS, Leases
from masterd.control.osc.patterns import matching, tree_of
from masterd.control.osc.points import Form, Point
from masterd.control.osc.refusals import TooMany
from masterd.control.parameters import PARAMETERS

POINTS = [Point(parameter, form) for parameter in PARAMETERS.values() for form in Form]
NUMBERS = [it for it in PARAMETERS.values() if it.kind == "number"]


def test_every_parameter_has_an_address_of_its_own_in_both_forms():
    addresses = [it.address for it in POINTS]
    assert len(set(addresses)) == 2 * len(PARAMETERS)
    assert all(re.fullmatch(r"(/travel)?(/[a-z0-9_]+)+", it) for it in addresses)
    assert Point(PARAMETERS["eq.3.gain_db"], Form.TRAVEL).address == "/travel/eq/3/gain_db"


def test_what_is_told_can_be_sent_back():
    for point in POINTS:
        value = point.parameter.default
        back = point.value((point.argument(value),))
        assert back == (pytest.approx(value, rel=1e-6, abs=1e-5) if point.parameter.kind == "number" else value), point.address


@given(st.sampled_from(NUMBERS), st.floats(0, 1, width=32))
def test_travel_is_the_law_of_every_knob_and_its_ends_are_exact(parameter, travel):
    point = Point(parameter, Form.TRAVEL)
    assert point.value((travel,)) == parameter.from_travel(travel)
    assert (point.value((0.0,)), point.value((1,))) == (parameter.min, parameter.max)


def test_choices_go_by_name_and_by_index_and_switches_by_many_words():
    bits = Point(PARAMETERS["output.word_bits"], Form.UNIT)
    assert [bits.value((it,)) for it in ("16", 1, 1.0, "float", 0)] == ["16", "16", "16", "float", "float"]
    assert bits.argument("24") == "24"
    switch = Point(PARAMETERS["bypass.on"], Form.UNIT)
    assert [switch.value((it,)) for it in (True, 1, 1.0, "on", False, 0, 0.0, "off")] == [True] * 4 + [False] * 4
    assert switch.argument(True) == 1
    travel = Point(PARAMETERS["limiter.mode"], Form.TRAVEL)
    assert [travel.value((it,)) for it in (0, 0.3, 1.0)] == ["transparent", "balanced", "loud"]
    assert travel.argument("balanced") == 0.5


@pytest.mark.parametrize(
    ("id", "form", "arguments", "error"),
    [
        ("eq.3.gain_db", Form.UNIT, (25.0,), OutOfRange),
        ("eq.3.gain_db", Form.UNIT, (float("nan"),), OutOfRange),
        ("eq.3.gain_db", Form.UNIT, (float("inf"),), OutOfRange),
        ("eq.3.gain_db", Form.UNIT, (1 << 62,), OutOfRange),
        ("eq.3.gain_db", Form.UNIT, ("3",), WrongType),
        ("eq.3.gain_db", Form.UNIT, (True,), WrongType),
        ("eq.3.gain_db", Form.UNIT, (None,), WrongType),
        ("eq.3.gain_db", Form.UNIT, (b"\0\0\0\0",), WrongType),
        ("eq.3.gain_db", Form.UNIT, (1.0, 2.0), BadRequest),
        ("eq.3.gain_db", Form.TRAVEL, (1.01,), OutOfRange),
        ("eq.3.gain_db", Form.TRAVEL, (float("nan"),), OutOfRange),
        ("eq.3.gain_db", Form.TRAVEL, (True,), WrongType),
        ("eq.3.type", Form.UNIT, (9,), OutOfRange),
        ("eq.3.type", Form.UNIT, (1.5,), OutOfRange),
        ("eq.3.type", Form.UNIT, (float("inf"),), OutOfRange),
        ("eq.3.type", Form.UNIT, ("bel",), WrongType),
        ("eq.3.type", Form.UNIT, (True,), WrongType),
        ("eq.3.on", Form.UNIT, (2,), WrongType),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(id, form, arguments, error):
    with pytest.raises(error):
        Point(PARAMETERS[id], form).value(arguments)


@pytest.mark.parametrize(
    ("address", "arguments"),
    [("/undo", (-1,)), ("/undo", (1.5,)), ("/undo", ("x",)), ("/redo", (1, 2)), ("/preset/load", ()), ("/preset/load", (3,)),
     ("/preset/load", ("flat", -1.0)), ("/preset/load", ("flat", float("nan"))), ("/preset/load", ("flat", 1.0, 2))],
)  # fmt: skip
def test_commands_refuse_what_they_do_not_take(address, arguments):
    with pytest.raises(BadRequest):
        COMMANDS[address](arguments)


def test_a_button_that_is_let_go_does_nothing():
    assert COMMANDS["/undo"]((0.0,)) is None
    assert COMMANDS["/undo"]((1.0,)).request.steps == 1
    assert [COMMANDS["/undo"](it).request.steps for it in ((), (None,), (True,), (3,))] == [1, 1, 1, 3]


ADDRESSES = ["/eq/1/gain_db", "/eq/2/gain_db", "/eq/12/gain_db", "/eq/1/on", "/eq/on", "/limiter/drive_db"]


@pytest.mark.parametrize(
    ("pattern", "means"),
    [
        ("/eq/*/gain_db", ADDRESSES[:3]),
        ("/eq/?/gain_db", ADDRESSES[:2]),
        ("/eq/[12]/gain_db", ADDRESSES[:2]),
        ("/eq/[!1]/gain_db", ADDRESSES[1:2]),
        ("/eq/{1,12}/{gain_db,on}", [ADDRESSES[0], ADDRESSES[3], ADDRESSES[2]]),
        ("/*/*", ADDRESSES[4:]),
        ("/*", []),
        ("/eq/{1", []),
        ("/eq/[", []),
    ],
)
def test_patterns_mean_what_osc_says(pattern, means):
    assert list(matching(pattern, tree_of(ADDRESSES))) == means


@pytest.mark.parametrize(
    "pattern", ["/eq/1/" + "*a" * 60, "/eq/1/" + "*?" * 60, "/" + "{a,b}" * 24, "/" + "{" * 120, "/" + "[" * 120, "/*" * 60]
)
def test_no_pattern_takes_long(pattern):
    tree = tree_of(it.address for it in POINTS)
    began_s = time.thread_time()
    assert list(matching(pattern, tree)) == []
    assert time.thread_time() - began_s < 0.5


def test_only_those_on_the_list_and_this_machine_come_in():
    gate = Gate(Allowed(["192.168.1.0/24", "10.0.0.5", "fd00::/8"]))
    assert all(map(gate.knows, ["127.0.0.1", "::1", "192.168.1.77", "10.0.0.5", "fd00::1", "fd00::1%eth0"]))
    assert not any(map(gate.knows, ["192.168.2.1", "10.0.0.6", "8.8.8.8", "fe80::1%eth0"]))
    assert gate.strangers == 4


def test_beyond_this_machine_somebody_must_be_named():
    for open_to_all in ("0.0.0.0", "192.168.1.2", "::"):
        with pytest.raises(NotGuarded, match="name the addresses"):
            Allowed().guard(open_to_all)
        Allowed(["192.168.1.0/24"]).guard(open_to_all)
    for loopback in ("127.0.0.1", "127.9.9.9", "::1"):
        Allowed().guard(loopback)


def test_a_flood_is_held_to_the_rate_and_told_once_a_second():
    gate, sent = Gate(Allowed()), 0
    for step in range(20000):  # 10000 a second for two seconds
        now_s = step / 10000
        if gate.has_room("127.0.0.1", now_s):
            gate.charge("127.0.0.1", 1, now_s)
            sent += 1
    assert sent == pytest.approx(BURST + 2 * RATE_PER_S, rel=0.01)
    assert gate.floods == 20000 - sent
    assert [gate.is_to_be_told("127.0.0.1", at) for at in (3.0, 3.5, 4.1)] == [True, False, True]
    assert gate.has_room("127.0.0.2", 2.0)


def test_a_thousand_addresses_take_no_more_memory_than_some():
    gate = Gate(Allowed(["10.0.0.0/8"]))
    for number in range(3000):
        gate.has_room(f"10.0.{number // 256}.{number % 256}", 0.0)
    assert len(gate._accounts) <= MOST_ADDRESSES


def test_a_lease_runs_out_and_is_renewed_and_there_are_eight():
    leases, number = Leases(), itertools.count()
    peers = [("10.0.0.1", port) for port in range(MOST_CLIENTS)]
    for peer in peers:
        leases.take(peer, number.__next__, 0.0)
    with pytest.raises(TooMany):
        leases.take(("10.0.0.1", 99), number.__next__, 1.0)
    assert leases.take(peers[0], number.__next__, 5.0) == 0  # renewed: the same
    assert leases.living(LEASE_S - 0.01) == list(range(MOST_CLIENTS))
    assert leases.living(LEASE_S + 0.01) == [0]
    assert leases.take(("10.0.0.1", 99), number.__next__, LEASE_S + 0.01) == MOST_CLIENTS
    leases.drop(peers[0])
    assert leases.get(peers[0]) is None


def test_floats_are_told_as_they_travel():
    assert Point(PARAMETERS["eq.3.gain_db"], Form.UNIT).argument(0.1) == struct.unpack(">f", struct.pack(">f", 0.1))[0]
