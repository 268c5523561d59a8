"""A daemon's life as seen from outside: start, READY, stop, reload, crash, a second one of its name."""

import os
import random
import resource
import signal
import socket
import subprocess
import sys
import time

import msgspec
import pytest
import zmq
from instruments.daemon import Daemon

from masterd.control import protocol

SEED = int(os.environ.get("MASTERD_TEST_SEED", random.randrange(2**32)))


def next_event(events, kind, check=lambda it: True, within_s=10.0):
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if events.poll(200):
            event = protocol.decode_event(events.recv())
            if isinstance(event, kind) and check(event):
                return event
    raise AssertionError(f"no {kind.__name__} within {within_s} s")


def test_ready_comes_after_audio_runs_and_requests_are_answered():
    with Daemon() as daemon:
        assert any(it.startswith("STATUS=simulated running; 48 kHz; latency ") for it in daemon.told), daemon.told
        assert daemon.ask(op="status")["result"]["blocks"] > 0
        assert "Try:  masterctl status" in daemon.log
        assert daemon.stop() == 0
        for _ in range(3):
            daemon.listen()
        assert "STOPPING=1" in daemon.told
        assert sorted(it.name for it in (daemon.folder / "runtime" / "main").iterdir()) == ["lock"]


def test_an_abstract_socket_hears_it_too():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0masterd-test-{os.getpid()}")
        listener.settimeout(20)
        daemon = Daemon(environment={"NOTIFY_SOCKET": f"@masterd-test-{os.getpid()}"})
        daemon.launch()
        try:
            while b"READY=1" not in listener.recv(4096):
                pass
        finally:
            daemon.__exit__(None, None, None)


def test_what_was_set_survives_a_stop_and_a_kill():
    with Daemon() as daemon:
        daemon.set(limiter__drive_db=3)
        revision = daemon.ask(op="preset.save", name="mine")["revision"]
        daemon.set(limiter__ceiling_dbtp=-2)
        daemon.stop()
        again = Daemon(folder=daemon.folder)
        with again:
            now = again.ask(op="snapshot")["result"]
            assert (now["revision"], now["preset"], now["dirty"]) == (revision + 1, "mine", True)
            assert (now["values"]["limiter.drive_db"], now["values"]["limiter.ceiling_dbtp"]) == (3, -2)
            again.set(limiter__drive_db=7)
            time.sleep(1.0)  # what it may lose is the last second
            assert again.stop(signal.SIGKILL) == -signal.SIGKILL
        with Daemon(folder=daemon.folder) as third:
            assert third.ask(op="get", ids=["limiter.drive_db"])["result"] == {"limiter.drive_db": 7.0}
            assert "mine" in third.ask(op="preset.list")["result"]


def test_without_restore_it_begins_with_the_preset():
    with Daemon(config='[daemon]\npreset = "speech"\n[state]\nrestore = false\n') as daemon:
        assert daemon.ask(op="snapshot")["result"]["preset"] == "speech"
        revision = daemon.set(limiter__drive_db=7)["revision"]
        daemon.stop()
        with Daemon(folder=daemon.folder) as again:
            now = again.ask(op="snapshot")["result"]
            assert (now["preset"], now["dirty"]) == ("speech", False)
            assert now["revision"] > revision


def test_a_preset_that_is_not_there_is_an_alarm_and_no_silence():
    with Daemon(config='[daemon]\npreset = "gone"\n') as daemon:
        assert "preset_missing" in daemon.ask(op="status")["result"]["alarms"]
        assert daemon.ask(op="snapshot")["result"]["preset"] == "broadcast"


def test_a_torn_state_is_an_alarm_the_backup_is_used_and_the_file_kept():
    with Daemon() as daemon:
        daemon.set(limiter__drive_db=3)
        time.sleep(0.8)
        daemon.set(limiter__drive_db=4)
        daemon.stop()
        path = daemon.state_folder / "state.json"
        path.write_bytes(path.read_bytes()[:-9])
        with Daemon(folder=daemon.folder) as again:
            assert "state_set_aside" in again.ask(op="status")["result"]["alarms"]
            assert again.ask(op="get", ids=["limiter.drive_db"])["result"] == {"limiter.drive_db": 3.0}
            assert list(daemon.state_folder.glob("state.json.bad-*"))


def test_a_second_daemon_of_the_name_is_refused_and_the_first_goes_on():
    with Daemon() as daemon:
        second = subprocess.run(
            [sys.executable, "-m", "masterd.daemon.main", "run", "--host", "simulated"],
            env={**os.environ, **daemon.here()},
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert second.returncode == 69
        assert f"running already (process {daemon.pid}" in second.stderr
        assert "--name" in second.stderr
        assert daemon.set(limiter__drive_db=1)["ok"]


def test_two_daemons_of_two_names_live_side_by_side():
    with Daemon(name="one") as one, Daemon(name="two", folder=one.folder) as two:
        one.set(limiter__drive_db=1)
        two.set(limiter__drive_db=2)
        assert one.ask(op="get", ids=["limiter.drive_db"])["result"] == {"limiter.drive_db": 1.0}


def test_a_configuration_with_errors_starts_nothing_and_lists_all():
    with Daemon() as daemon:
        path = daemon.folder / "bad.toml"
        path.write_text('[audio]\nhost = "asio"\nblock = 3\n')
        run = subprocess.run(
            [sys.executable, "-m", "masterd.daemon.main", "run", str(path), "--name", "other"],
            env={**os.environ, **daemon.here()},
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert run.returncode == 78
        assert "line 2: audio.host" in run.stderr
        assert "line 3: audio.block: unknown key; did you mean block_frames?" in run.stderr
        assert not (daemon.folder / "runtime" / "other").exists()


def test_reload_takes_all_of_a_good_file_and_nothing_of_a_bad_one():
    with Daemon(config="[meters]\nrate_hz = 10\n") as daemon:
        events = daemon.connect(zmq.SUB, "events", b"")
        next_event(events, protocol.Heartbeat)

        def reload(toml):
            daemon.config_path.write_text(toml)
            daemon.process.send_signal(signal.SIGHUP)
            daemon.hear("READY=1")

        reload("[meters]\nrate_hz = 0\n[audio]\nhots = 'jack'\n")
        alarm = next_event(events, protocol.Alarm)
        assert (alarm.code, alarm.active) == ("config_refused", True)
        assert "meters.rate_hz" in alarm.message
        assert "did you mean host" in alarm.message
        assert any(it == "RELOADING=1" for it in daemon.told)
        assert any(it.startswith("MONOTONIC_USEC=") for it in daemon.told)

        reload("[meters]\nrate_hz = 50\n")
        assert not next_event(events, protocol.Alarm, lambda it: it.code == "config_refused").active
        assert daemon.ask(op="status")["result"]["alarms"] in ([], ["realtime_refused"])

        reload("[meters]\nrate_hz = 50\n[audio]\nblock_frames = 64\n")
        alarm = next_event(events, protocol.Alarm, lambda it: it.code == "restart_needed")
        assert "audio.block_frames" in alarm.message
        assert daemon.ask(op="status")["result"]["block_frames"] == 512


def test_reload_changes_the_meter_rate_while_audio_runs():
    """Counted against the daemon's own frames, not against the clock."""
    with Daemon(config="[meters]\nrate_hz = 5\n") as daemon:
        meters = daemon.connect(zmq.SUB, "meters", b"meters")

        def frames_between(count):
            seen = []
            while len(seen) < count:
                assert meters.poll(5000)
                seen.append(protocol.decode_meters(meters.recv()[6:]).frames)
            return (seen[-1] - seen[0]) / (count - 1)

        slow = frames_between(4)
        daemon.config_path.write_text("[meters]\nrate_hz = 50\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.hear("READY=1")
        frames_between(3)
        assert slow / frames_between(20) > 5


def test_reload_finds_presets_put_there_by_hand():
    with Daemon() as daemon:
        events = daemon.connect(zmq.SUB, "events", b"")
        next_event(events, protocol.Heartbeat)
        folder = daemon.state_folder / "presets"
        folder.mkdir(parents=True)
        (folder / "night.toml").write_text('description = "quiet"\n[values]\nlimiter.ceiling_dbtp = -6\n')
        (folder / "torn.toml").write_text("[values]\nlimiter.ceiling_dbtp = 6\n")
        daemon.process.send_signal(signal.SIGHUP)
        assert next_event(events, protocol.PresetsChanged).names[-1] == "night"
        assert "preset_broken" in daemon.ask(op="status")["result"]["alarms"]
        assert daemon.ask(op="preset.load", name="night")["ok"]
        (folder / "torn.toml").unlink()
        daemon.process.send_signal(signal.SIGHUP)
        assert not next_event(events, protocol.Alarm, lambda it: it.code == "preset_broken").active


def test_reloads_at_random_moments_never_disturb_requests():
    print(f"MASTERD_TEST_SEED={SEED}")
    chance = random.Random(SEED)
    with Daemon() as daemon:
        for turn in range(200):
            if chance.random() < 0.3:
                daemon.config_path.write_text(chance.choice(["[meters]\nrate_hz = 25\n", "[", "[meters]\nrate_hz = 1000\n"]))
                daemon.process.send_signal(signal.SIGHUP)
            assert daemon.ask(op="set", values={"limiter.drive_db": turn % 24})["ok"]
        assert "Traceback" not in daemon.log


def test_a_disk_that_refuses_is_an_alarm_until_it_takes_the_state():
    """The limit on file sizes of the running process stands for the full disk."""
    with Daemon() as daemon:
        events = daemon.connect(zmq.SUB, "events", b"")
        next_event(events, protocol.Heartbeat)
        time.sleep(0.8)
        before = (daemon.state_folder / "state.json").read_bytes()
        soft, hard = resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (3000, hard))
        assert daemon.set(limiter__drive_db=9)["ok"]
        assert next_event(events, protocol.Alarm).code == "state_not_saved"
        assert (daemon.state_folder / "state.json").read_bytes() == before
        refused = daemon.ask(op="preset.save", name="mine")
        assert refused["error"]["code"] == "storage"
        assert "mine" not in daemon.ask(op="preset.list")["result"]
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (soft, hard))
        assert not next_event(events, protocol.Alarm).active
        assert b'"limiter.drive_db":9' in (daemon.state_folder / "state.json").read_bytes()
        assert not list(daemon.state_folder.glob(".new-*"))


def test_the_watchdog_is_fed_while_audio_runs_and_not_when_the_loop_stands():
    with Daemon(environment={"WATCHDOG_USEC": "900000"}) as daemon:
        daemon.hear("WATCHDOG=1")
        daemon.hear("WATCHDOG=1")
        daemon.process.send_signal(signal.SIGSTOP)
        try:
            while True:
                before = len(daemon.told)
                daemon.listen()
                if len(daemon.told) == before:
                    break
            for _ in range(10):
                daemon.listen()
            assert len(daemon.told) == before
        finally:
            daemon.process.send_signal(signal.SIGCONT)
        daemon.hear("WATCHDOG=1")


def test_a_watchdog_meant_for_another_process_is_not_fed():
    with Daemon(environment={"WATCHDOG_USEC": "300000", "WATCHDOG_PID": "1"}) as daemon:
        for _ in range(10):
            daemon.listen()
        assert "WATCHDOG=1" not in daemon.told


@pytest.mark.parametrize("count", [60])
def test_events_are_numbered_without_a_gap_and_follow_a_snapshot(count):
    """The follower of the protocol: subscribe, snapshot, then every later event; the values are the daemon's in the end."""
    with Daemon() as daemon:
        events = daemon.connect(zmq.SUB, "events", b"")
        first = next_event(events, protocol.Heartbeat)
        snapshot = daemon.ask(op="snapshot")["result"]
        values, seq = snapshot["values"], snapshot["seq"]
        assert first.boot_id == snapshot["boot_id"]
        for turn in range(count):
            daemon.ask(op="set", values={"limiter.drive_db": turn % 7, "limiter.ceiling_dbtp": -(turn % 5)}, origin=str(turn))
            if turn % 9 == 5:
                daemon.ask(op="undo", steps=2)
        end = daemon.ask(op="snapshot")["result"]
        while seq < end["seq"]:
            assert events.poll(5000)
            event = protocol.decode_event(events.recv())
            if event.seq <= snapshot["seq"]:
                continue
            assert event.seq == seq + 1
            seq = event.seq
            if isinstance(event, protocol.Changed):
                for id, (old, new) in event.changes.items():
                    assert values[id] == old
                    values[id] = new
                assert event.revision <= end["revision"]
        assert values == end["values"]


def test_files_are_made_for_this_user_only():
    with Daemon() as daemon:
        for name in ("ctl", "events", "meters"):
            assert (daemon.folder / "runtime" / "main" / name).stat().st_mode & 0o777 == 0o660
        assert (daemon.folder / "runtime" / "main").stat().st_mode & 0o777 == 0o700


def test_a_request_on_the_wire_is_answered_to_a_client_in_plain_words():
    with Daemon() as daemon:
        answer = daemon.ask_raw(b'{"op": "set", "id": 1, "values": {"limiter.cieling_dbtp": -3}}')
        assert "did you mean limiter.ceiling_dbtp" in answer["error"]["message"]
        assert msgspec.convert(answer, protocol.Answer).error.parameter == "limiter.cieling_dbtp"
