"""The first thing a client does: get, set, get."""

from instruments.daemon import Daemon


def test_get_and_set_on_a_real_socket():
    with Daemon() as daemon:
        assert daemon.ask(op="get", id=1, ids=["limiter.ceiling_dbtp"])["result"] == {"limiter.ceiling_dbtp": -1.0}
        answer = daemon.set(limiter__ceiling_dbtp=-2)
        assert answer["ok"]
        assert daemon.ask(op="get", ids=["limiter.ceiling_dbtp"])["result"] == {"limiter.ceiling_dbtp": -2.0}
        assert daemon.stop() == 0
