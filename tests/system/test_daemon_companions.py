"""OSC and metrics beside the daemon, as its configuration says: started and stopped with it, an alarm when they cannot run."""

import socket
import urllib.request

from instruments.beside import eventually, free_port
from instruments.daemon import Daemon
from instruments.osc_client import OscClient


def test_both_come_with_the_daemon_and_go_with_it():
    osc, metrics = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    config = f"[osc]\non = true\nport = {osc}\nallow_unsafe = true\n"
    config += f"[metrics]\non = true\nport = {metrics}\ncorridor_lufs = [-24, -22]\n"
    with Daemon(config=config) as daemon, OscClient(osc) as client:
        eventually(lambda: turned(client, daemon))
        assert 'masterd_loudness_corridor_lufs{edge="low"} -24.0' in eventually(lambda: scraped(metrics))
        assert not {"osc_stopped", "metrics_stopped"} & set(daemon.ask(op="status")["result"]["alarms"])
        assert daemon.stop() == 0
        eventually(lambda: not scraped(metrics))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", osc))


def turned(client, daemon):
    client.send("/limiter/ceiling_dbtp", -4.0)
    return daemon.ask(op="get", ids=["limiter.ceiling_dbtp"])["result"] == {"limiter.ceiling_dbtp": -4.0}


def scraped(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            return answer.read().decode()
    except OSError:
        return ""


def test_a_port_that_is_taken_is_an_alarm_and_harms_nothing():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with Daemon(config=f"[osc]\non = true\nport = {taken.getsockname()[1]}\n") as daemon:
            eventually(lambda: "osc_stopped" in daemon.ask(op="status")["result"]["alarms"])
            assert daemon.set(limiter__drive_db=1)["ok"]
            assert "cannot listen on 127.0.0.1" in daemon.log
