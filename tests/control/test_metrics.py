"""The last minute as every scraper sees it, silence, and an endpoint that nobody can keep busy. No daemon."""

import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import msgspec
import pytest
from hypothesis import given, strategies as st
from prometheus_client import CollectorRegistry, Gauge

from masterd.control.allowed import Allowed
from masterd.control.metrics import endpoint
from masterd.control.metrics.endpoint import MOST_AT_ONCE, Endpoint
from masterd.control.metrics.picture import SILENT_DBFS, Picture
from masterd.control.metrics.seconds import KEPT_S, Seconds
from masterd.control.protocol import Meters, PointMeters

POINT = PointMeters((-3.0, -3.0), (-2.0, -2.5), (-20.0, -20.0), -20, -20, -20, 3, -18, -19, -1)
METERS = Meters(1, "boot", 0.0, 0, 0, 0, 0, 0.0, POINT, POINT, (1.0, 2.0), 3.0, multiband_reduction_db=((1.0, 0.5),) * 6)


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(-200, 20)), min_size=1, max_size=200))
def test_no_peak_of_the_last_minute_is_lost_and_none_stays_longer_than_a_second_more(steps):
    seconds, measured, now_s = Seconds(), [], 100.0
    for step_s, value in steps:
        now_s += step_s
        seconds.add(value, now_s)
        measured.append((now_s, value))
    largest = seconds.largest(now_s)
    assert largest >= max(value for at_s, value in measured if at_s > now_s - KEPT_S)
    assert largest <= max(value for at_s, value in measured if at_s > now_s - KEPT_S - 1)
    recent = [value for at_s, value in measured if int(at_s) >= int(now_s) - 10]
    assert seconds.mean(10, now_s) == pytest.approx(sum(recent) / len(recent), abs=1e-9)


def test_what_nobody_measures_any_more_is_not_known():
    seconds = Seconds()
    assert seconds.largest(5.0) is None
    seconds.add(1.0, 5.0)
    assert (seconds.largest(5.0 + KEPT_S), seconds.largest(7.0 + KEPT_S), seconds.mean(10, 20.0)) == (1.0, None, None)


def with_rms(left_dbfs, right_dbfs):
    output = msgspec.structs.replace(POINT, rms_dbfs=(left_dbfs, right_dbfs))
    return msgspec.structs.replace(METERS, output=output)


def test_silence_counts_for_each_channel_from_when_it_was_last_heard():
    picture = Picture(0.0)
    picture.metered(with_rms(-20.0, SILENT_DBFS), 10.0)
    for second in range(11, 31):
        picture.metered(with_rms(SILENT_DBFS + 0.1 if second < 20 else -200.0, -90.0), float(second))
    silence_s = picture.silence_s(30.0)
    assert silence_s["output", "left"] == 11
    assert silence_s["output", "right"] == 20
    assert silence_s["input", "left"] == silence_s["input", "right"] == 0
    assert picture.silence_s(35.0) == silence_s  # nothing was heard since, so nothing more is known
    picture.silent()
    assert picture.silence_s(40.0) == {}


def test_the_picture_says_how_old_it_is():
    picture = Picture(100.0)
    assert picture.age_s(103.0) == 3  # never heard: since the watch began
    picture.metered(METERS, 104.0)
    assert picture.age_s(110.5) == 6.5


@pytest.fixture
def served(monkeypatch):
    monkeypatch.setattr(endpoint, "WITHIN_S", 0.5)
    registry = CollectorRegistry()
    Gauge("x_ready", "Something.", registry=registry).set(1)
    server = Endpoint("127.0.0.1", 0, Allowed(), registry)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def get(server, path="/metrics", **options):
    request = urllib.request.Request(f"http://127.0.0.1:{server.server_port}{path}", **options)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read().decode()


def test_there_is_one_page_and_it_is_only_read(served):
    assert "x_ready 1.0" in get(served)
    assert "x_ready 1.0" in get(served, "/metrics?debug=1")
    for path, options, code in (
        ("/", {}, 404),
        ("/metrics/", {}, 404),
        ("/favicon.ico", {}, 404),
        ("/metrics", {"data": b"x"}, 405),
        ("/metrics", {"method": "DELETE"}, 405),
        ("/metrics", {"method": "OPTIONS"}, 405),
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(served, path, **options)
        assert refused.value.code == code
        refused.value.close()


def test_those_who_say_nothing_or_drip_are_cut_and_others_are_served_again(served):
    idle = [socket.create_connection(("127.0.0.1", served.server_port)) for _ in range(MOST_AT_ONCE)]
    try:
        time.sleep(0.1)
        with socket.create_connection(("127.0.0.1", served.server_port)) as one_too_many:
            one_too_many.settimeout(2)
            assert one_too_many.recv(1) == b""  # told to go at once, and no thread was made for it
        began_s = time.monotonic()
        while time.monotonic() - began_s < 1:  # drips, so that no single wait is long
            for it in idle:
                try:
                    it.send(b"G")
                except OSError:
                    break
            time.sleep(0.05)
        assert "x_ready" in get(served)
    finally:
        for it in idle:
            it.close()


def test_who_is_not_on_the_list_is_not_answered(served):
    served._allowed = type("Nobody", (), {"admits": lambda self, address: False})()
    with pytest.raises(OSError, match=r"reset|closed|Remote end"):
        get(served)


def test_without_the_library_the_command_names_the_extra():
    program = """
import sys
sys.modules["prometheus_client"] = None
sys.argv[1:] = ["metrics"]
from masterd.control.cli.main import main
main()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1
    assert "pip install 'masterd[metrics]'" in ended.stderr
