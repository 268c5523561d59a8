"""Alarms begin once and end once; the watchdog is fed by what moves; the notifier speaks systemd's protocol."""

import os
import socket
import time

import pytest

from masterd.daemon.health import LATE_OVER_S, Health, Pulse
from masterd.daemon.notify import Notifier


@pytest.fixture
def told():
    return []


@pytest.fixture
def health(told):
    return Health(lambda code, message, active: told.append((code, active)))


def test_an_alarm_is_told_when_it_begins_changes_and_ends(health, told):
    for message in ("gone", "gone", "gone for good", None, None):
        health.set("host_lost", message)
    assert told == [("host_lost", True), ("host_lost", True), ("host_lost", False)]
    assert health.alarms == {}


def test_one_late_block_is_no_alarm_and_many_are(health, told):
    health.watch(1000, 1, 10)
    for second in range(1, 30):
        health.watch(1000 + 94 * second, 2, 10)
    assert told == []
    health.watch(4000, 80, 10)
    assert told == [("late_blocks", True)]
    for second in range(LATE_OVER_S + 1):
        health.watch(4000 + 94 * second, 80, 10)
    assert told == [("late_blocks", True), ("late_blocks", False)]


def test_an_input_that_slipped_is_an_alarm_for_ten_seconds(health, told):
    for slips in (0, 0, 1, *[1] * LATE_OVER_S, 1, 0, 0):
        health.watch_input(slips)
    assert told == [("input_slipping", True), ("input_slipping", False)]


def test_the_load_has_two_thresholds(health, told):
    for load in (10, 70, 76, 80, 74, 66, 64, 74):
        health.watch(0, 0, load)
    assert told == [("load_high", True), ("load_high", False)]


def test_the_pulse_beats_while_blocks_go_by_or_the_card_is_awaited():
    pulse = Pulse()
    assert pulse.beats(10, reopening=False)
    assert pulse.beats(11, reopening=False)
    assert not pulse.beats(11, reopening=False), "running, they say, but nothing moves"
    assert pulse.beats(11, reopening=True)
    assert pulse.beats(12, reopening=False)


@pytest.fixture(params=["path", "abstract"])
def listener(request, tmp_path):
    address = str(tmp_path / "n") if request.param == "path" else f"@masterd-{os.getpid()}-{id(request)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(address.replace("@", "\0", 1))
        bound.settimeout(5)
        yield bound, address


def test_systemd_is_told_line_by_line(listener):
    bound, address = listener
    notifier = Notifier({"NOTIFY_SOCKET": address})
    assert notifier(READY=1, STATUS="two\nlines")
    assert bound.recv(4096) == b"READY=1\nSTATUS=two lines"
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert notifier.reloading()
    first, second = bound.recv(4096).split(b"\n")
    assert first == b"RELOADING=1"
    assert before <= int(second.removeprefix(b"MONOTONIC_USEC=")) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}, {"NOTIFY_SOCKET": ""}])
def test_without_a_listener_nothing_happens(environment):
    assert not Notifier(environment)(READY=1)


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"WATCHDOG_USEC": "3000000"}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_ours_or_nobodys(environment, wanted):
    assert Notifier(environment).watchdog_s == wanted
