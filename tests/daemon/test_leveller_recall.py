"""Where the leveller stands survives a restart, and a change of engine."""

from __future__ import annotations

import signal

import pytest
import zmq
from instruments.daemon import Daemon

from masterd.control.parameters import defaults
from masterd.control.protocol import METERS_TOPIC, decode_meters
from masterd.daemon.engine import Engine
from masterd.daemon.engine_room import EngineRoom
from masterd.daemon.state import Saved
from masterd.daemon.store import Store, Unusable, decode, encode

GAINS_DB = (4.5, -3.25)
DRIFT_DB = 0.5  # in the seconds that a daemon lives here, at the slowest
ON = defaults() | {"agc.on": True, "agc.attack_db_per_s": 0.1, "agc.release_db_per_s": 0.1, "agc.drift_db_per_s": 0.0}


def gains(engine: Engine) -> tuple[float, float]:
    import numpy as np

    engine.process(np.zeros((64, 2), np.float32))
    meters = engine.collect()
    assert meters
    return meters.agc_gain_db


def test_an_engine_begins_with_the_gains_it_is_given():
    engine = Engine(48000, "normal", ON, GAINS_DB)
    engine.attach()
    assert gains(engine) == pytest.approx(GAINS_DB, abs=0.05)


def test_another_sample_rate_goes_on_from_there():
    room = EngineRoom(48000, "normal", ON, GAINS_DB)
    room.engine.attach()
    gains(room.engine)
    engine, _ = room.admit(96000)
    assert gains(engine) == pytest.approx(GAINS_DB, abs=0.05)


def test_the_file_holds_it_and_older_files_do_without():
    saved = Saved(3, "flat", defaults(), defaults(), GAINS_DB)
    assert decode(encode(saved)) == saved
    assert decode(encode(Saved(3, "flat", defaults(), defaults()))).agc_gain_db is None
    broken = encode(saved).replace(b"4.5,-3.25", b'"loud"')
    with pytest.raises(Unusable):
        decode(broken)


def shown(daemon: Daemon) -> tuple[float, float]:
    meters = daemon.connect(zmq.SUB, "meters", METERS_TOPIC)
    assert meters.poll(5000)
    return decode_meters(meters.recv()[len(METERS_TOPIC) :]).agc_gain_db


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_a_daemon_that_is_started_again_has_the_gain_it_ended_with(tmp_path, ending):
    folder = tmp_path / "state" / "main"
    folder.mkdir(parents=True)
    Store(folder).save(Saved(7, "flat", ON, defaults(), GAINS_DB))
    for _ in range(2):
        with Daemon(folder=tmp_path) as daemon:
            assert shown(daemon) == pytest.approx(GAINS_DB, abs=DRIFT_DB)
            daemon.stop(ending)
    kept, problems = Store(folder).load()
    assert not problems
    assert kept.agc_gain_db == pytest.approx(GAINS_DB, abs=2 * DRIFT_DB)
    assert kept.revision == 7
