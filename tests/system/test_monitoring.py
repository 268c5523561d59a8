"""What the transmitter's monitoring sees: a real Prometheus scrapes a real daemon's endpoint by the files that are shipped."""

import json
import os
import re
import shutil
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest
import zmq
from instruments.beside import beside, eventually
from instruments.daemon import Daemon
from instruments.prometheus import Prometheus

from masterd.control.protocol import METERS_TOPIC, decode_meters

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "systemd" / "monitoring"
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
RULES = (FOLDER / "masterd.rules.yml").read_text()

pytestmark = pytest.mark.skipif(
    not (shutil.which("promtool") and shutil.which("prometheus")), reason="needs prometheus and promtool (Debian: prometheus)"
)


def promtool(*arguments, text=None):
    return subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def daemon():
    """A steady tone that the limiter reduces, and an alarm: its configuration has become wrong."""
    with Daemon(config="[meters]\nrate_hz = 30\n") as it:
        assert it.ask(op="preset.load", name="flat", glide_ms=0)["ok"]
        assert it.set(generator__on=True, generator__level_dbfs=-10, limiter__drive_db=12)["ok"]
        it.config_path.write_text("[meters]\nrate_hz = 0\n")
        os.kill(it.pid, signal.SIGHUP)
        yield it


@pytest.fixture(scope="module")
def url(daemon):
    with beside(daemon, "metrics", "--port", "0", "--corridor", "-60", "-3") as it:
        yield it.line("metrics on").split()[-1]
        assert it.stop() == 0


@pytest.fixture(scope="module", autouse=True)
def started(url):
    """It takes five seconds until it scrapes for the first time: other tests go on meanwhile."""
    with Prometheus(FOLDER, url.removeprefix("http://").removesuffix("/metrics")) as it:
        yield it


@pytest.fixture
def prometheus(started):
    eventually(lambda: started.value("masterd_picture_age_seconds") is not None)
    return started


def scraped(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()


def expressions():
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$instance", ".*").replace("$__rate_interval", "1m")


def names(text):
    """Of metrics, as they stand in expressions."""
    expressions = re.sub(r"#.*|description:.*", "", text)
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bmasterd_[a-z0-9_]+", expressions)}


def test_the_files_are_what_prometheus_takes():
    for kind, name in (("config", "prometheus.yml"), ("rules", "masterd.rules.yml")):
        checked = promtool("check", kind, str(FOLDER / name))
        assert checked.returncode == 0, checked.stderr
        assert "FAILED" not in checked.stdout + checked.stderr


def test_each_alert_fires_when_it_should_and_only_then():
    tests = ROOT / "tests" / "system" / "monitoring" / "alerts_test.yml"
    tested = promtool("test", "rules", str(tests))
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert set(re.findall(r"alert: (\w+)", RULES)) == set(re.findall(r'alertname="(Masterd\w+)"', tests.read_text()))


def test_promtool_finds_nothing_to_say_about_the_metrics(url):
    checked = promtool("check", "metrics", text=scraped(url))
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_dashboard_and_rules_name_only_metrics_that_exist(url):
    exist = set(re.findall(r"^# TYPE (\w+)", scraped(url), re.MULTILINE))
    assert len(exist) > 30
    used = names(RULES) | names("\n".join(expressions()))
    assert used - exist == set()
    assert {"masterd_loudness_integrated_lufs", "masterd_callback_duration_seconds", "masterd_xruns_total"} <= used
    recorded = set(re.findall(r"record: (\S+)", RULES))
    assert set(re.findall(r"masterd:[\w:]+", json.dumps(DASHBOARD) + RULES)) == recorded
    documented = (ROOT / "docs" / "monitoring.md").read_text()
    assert {name for name in exist if f"`{name}" not in documented} == set()


def test_the_dashboard_can_be_imported_anywhere_and_no_panel_lies_on_another():
    variables = {it["name"]: it["type"] for it in DASHBOARD["templating"]["list"]}
    assert variables == {"datasource": "datasource", "instance": "query"}
    taken = set()
    for panel in DASHBOARD["panels"]:
        assert panel["datasource"]["uid"] == "${datasource}"
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])
        assert all("$instance" in target["expr"] for target in panel["targets"])
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells


def test_prometheus_answers_every_panel(prometheus):
    for expression in expressions():
        eventually(lambda it=expression: prometheus.series(it))


def test_what_prometheus_holds_is_what_the_daemon_meters(daemon, prometheus):
    """A steady tone: every reading stands still, so that moments of time do not matter."""
    assert daemon.ask(op="loudness.reset")["ok"]
    socket = daemon.connect(zmq.SUB, "meters", METERS_TOPIC)
    eventually(lambda: metered(socket).output.short_term_lufs > -30)
    for reading in ("integrated_lufs", "short_term_lufs", "momentary_lufs"):
        of_output = f'masterd_loudness_{reading}{{point="output"}}'
        eventually(lambda r=reading, e=of_output: abs((prometheus.value(e) or 0) - getattr(metered(socket).output, r)) < 0.02)
    status = daemon.ask(op="status")["result"]
    holds = {
        "masterd_limiter_ceiling_dbtp": -1.0,
        "masterd_revision": status["revision"],
        "masterd_latency_seconds": status["latency_frames"] / 48000,
        "masterd_sample_rate_hertz": 48000,
        "masterd_stream_up": 1,
        "masterd_realtime": 0,
        "masterd_xruns_total": status["xruns"],
        "masterd_host_losses_total": 0,
    }
    for expression, wanted in holds.items():
        assert prometheus.value(expression) == pytest.approx(wanted, abs=0.02), expression
    limiter = 'masterd_gain_reduction_db{stage="limiter"}'  # a mean of 10 s
    assert metered(socket).limiter_reduction_db == pytest.approx(3, abs=0.3)
    eventually(lambda: abs((prometheus.value(limiter) or 0) - metered(socket).limiter_reduction_db) < 0.05, 15)
    ((labels, one),) = prometheus.series("masterd_preset_info")
    assert (labels["preset"], labels["changed"], one) == ("flat", "true", 1)


def metered(socket):
    assert socket.poll(5000)
    while socket.poll(0):
        frame = socket.recv()
    return decode_meters(frame[len(METERS_TOPIC) :])


def test_counters_and_histogram_agree_with_the_daemon(daemon, url):
    before = daemon.ask(op="status")["result"]
    eventually(lambda: number(scraped(url), "masterd_blocks_total") > before["blocks"])
    text = scraped(url)
    after = daemon.ask(op="status")["result"]
    blocks = number(text, "masterd_blocks_total")
    assert before["blocks"] < blocks <= after["blocks"]
    assert number(text, "masterd_callback_duration_seconds_count") == blocks
    assert before["processing_s"] <= number(text, "masterd_callback_duration_seconds_sum") <= after["processing_s"]
    edges = [(float(edge), float(count)) for edge, count in re.findall(r'_bucket\{le="([^"]+)"\} (\S+)', text)]
    assert [edge for edge, _ in edges] == [pytest.approx(0.05 * step * 512 / 48000) for step in range(1, 32)] + [float("inf")]
    assert [count for _, count in edges] == sorted(count for _, count in edges)


def number(text, name):
    return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE)[1])


def test_a_daemon_that_goes_off_air_is_paged_and_the_endpoint_says_since_when(daemon, url, prometheus):
    assert "MasterdOffAir" not in prometheus.firing()
    daemon.stop()
    eventually(lambda: "MasterdOffAir" in prometheus.firing())
    text = scraped(url)
    assert number(text, "masterd_up") == 0
    assert 0 < number(text, "masterd_picture_age_seconds") < 30
    assert "masterd_stream_up" not in text
