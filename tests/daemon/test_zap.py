"""The authenticator: it says no to everything that is not in order, and nothing ends it."""

import asyncio
from types import SimpleNamespace

import pytest
import zmq
import zmq.asyncio
from hypothesis import given, strategies as st
from zmq.utils import z85

from masterd.control import keys
from masterd.daemon.notify import Notifier
from masterd.daemon.ticks import Ticks
from masterd.daemon.zap import LOCAL_DOMAIN, MOST_UNANSWERED, NETWORK_DOMAIN, Zap, user_id

SERVER, FRIEND, STRANGER = keys.new_pair(), keys.new_pair(), keys.new_pair()


class House:
    """An authenticator and a socket behind it, in a context of their own."""

    def __init__(self):
        self.context = zmq.Context()
        self.zap = Zap(self.context)
        self.door = self.context.socket(zmq.ROUTER)
        self.door.set(zmq.ZAP_ENFORCE_DOMAIN, 1)
        self.door.zap_domain = NETWORK_DOMAIN
        self.door.curve_server, self.door.curve_secretkey, self.door.linger = 1, SERVER.secret.encode(), 0
        self.port = self.door.bind_to_random_port("tcp://127.0.0.1")
        self.outside = zmq.Context()
        self.visitors = []

    def visit(self, pair):
        made = self.outside.socket(zmq.DEALER)
        self.visitors.append(made)
        made.linger = 0
        made.curve_serverkey = SERVER.public.encode()
        made.curve_publickey, made.curve_secretkey = pair.public.encode(), pair.secret.encode()
        made.connect(f"tcp://127.0.0.1:{self.port}")
        made.send(b"hello")
        return made

    async def heard(self, within_s=2.0):
        """The user id of the next message; None when none comes."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        while loop.time() < until:
            if self.door.poll(0):
                return self.door.recv_multipart(copy=False)[-1].get("User-Id")
            await asyncio.sleep(0.01)
        return None

    def close(self):
        self.door.close()
        self.zap.close()
        for it in self.visitors:
            it.close()
        self.outside.term()
        self.context.term()


def lived(story):
    """Runs `story(house)` with the authenticator at work."""

    async def life():
        house = House()
        task = asyncio.create_task(house.zap.serve())
        try:
            await story(house, task)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            house.close()

    asyncio.run(life())


def test_a_friend_gets_in_under_their_key_and_a_stranger_is_told_of():
    async def story(house, task):
        strangers = []
        house.zap.may_connect = lambda user_id, address: user_id == f"key:{FRIEND.public}" and address == "127.0.0.1"
        house.zap.refused = lambda *who: strangers.append(who)
        house.visit(FRIEND)
        assert await house.heard() == f"key:{FRIEND.public}"
        house.visit(STRANGER)
        assert await house.heard(0.4) is None
        assert strangers[0] == (f"key:{STRANGER.public}", "127.0.0.1")

    lived(story)


def test_a_look_up_that_fails_refuses_that_one_and_the_next_is_judged_again():
    async def story(house, task):
        failures = 0

        def may_connect(user_id, address):
            nonlocal failures
            if user_id == f"key:{STRANGER.public}":
                failures += 1
                raise RuntimeError("seeded")
            return True

        house.zap.may_connect = may_connect
        house.visit(STRANGER)
        assert await house.heard(0.4) is None
        assert failures
        house.visit(FRIEND)
        assert await house.heard() == f"key:{FRIEND.public}"
        house.zap.reply = None  # even what cannot happen, a broken authenticator, does not end the task
        house.visit(FRIEND)
        await asyncio.sleep(0.2)
        assert not task.done()
        del house.zap.reply
        house.visit(FRIEND)
        assert await house.heard() == f"key:{FRIEND.public}"
        assert not task.done()

    lived(story)


def test_when_it_is_dead_nobody_gets_in_and_the_probe_says_so():
    async def story(house, task):
        house.zap.may_connect = lambda user_id, address: True
        for _ in range(3):
            assert house.zap.probe()
            await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.sleep(0)
        house.visit(FRIEND)
        assert await house.heard(0.4) is None
        answers = [house.zap.probe() for _ in range(MOST_UNANSWERED + 2)]
        assert answers[0]
        assert not answers[-1]
        again = asyncio.create_task(house.zap.serve())
        await asyncio.sleep(0.1)
        assert house.zap.probe(), "it lives again"
        house.visit(FRIEND)
        assert await house.heard() == f"key:{FRIEND.public}"
        again.cancel()

    lived(story)


def test_the_watchdog_is_fed_only_while_it_lives():
    async def story(house, task):
        told = []
        notifier = Notifier({})
        notifier.__class__ = type("Listening", (Notifier,), {"__call__": lambda self, **fields: told.append(fields)})
        blocks = iter(range(100))
        air = SimpleNamespace(status=lambda: SimpleNamespace(blocks=next(blocks), state="running"))
        ticks = Ticks(SimpleNamespace(air=air), SimpleNamespace(zap=house.zap), notifier)
        house.zap.probe()
        await asyncio.sleep(0.05)
        house.zap.probe()
        ticks.watchdog()
        assert told == [{"WATCHDOG": 1}]
        task.cancel()
        await asyncio.sleep(0)
        for _ in range(MOST_UNANSWERED + 2):
            house.zap.probe()
        ticks.watchdog()
        assert told == [{"WATCHDOG": 1}]

    lived(story)


KEY = (z85.decode(FRIEND.public),)


def question(domain=NETWORK_DOMAIN, address=b"10.0.0.1", mechanism=b"CURVE", credentials=KEY, version=b"1.0"):
    return [b"peer", b"", version, b"7", domain, address, b"", mechanism, *credentials]


@pytest.mark.parametrize(
    "asked",
    [
        question(domain=b""),
        question(domain=b"*"),
        question(domain=LOCAL_DOMAIN),
        question(mechanism=b"NULL", credentials=()),
        question(mechanism=b"PLAIN", credentials=(b"admin", b"admin")),
        question(mechanism=b"GSSAPI", credentials=(b"admin",)),
        question(credentials=()),
        question(credentials=(b"short",)),
        question(credentials=(bytes(32), bytes(32))),
        question(version=b"2.0"),
        question(domain=LOCAL_DOMAIN, mechanism=b"NULL", credentials=(), address=b"127.0.0.1"),
        question(domain=NETWORK_DOMAIN, mechanism=b"NULL", credentials=(), address=b"localhost:0:0:1"),
    ],
)
def test_what_is_not_in_order_is_refused_whoever_is_trusted(asked):
    context = zmq.Context()
    zap = asyncio.run(made(context))
    zap.may_connect = lambda user_id, address: True
    answer = zap.reply(asked)
    assert answer[:3] == [b"peer", b"", b"1.0"]
    assert (answer[3], answer[4], answer[6]) == (b"7", b"400", b"")
    assert zap.reply(question())[4:7] == [b"200", b"welcome", f"key:{FRIEND.public}".encode()]
    local = question(domain=LOCAL_DOMAIN, mechanism=b"NULL", credentials=(), address=b"localhost:5:6:7")
    assert zap.reply(local)[6] == b"local:5:6:7"
    zap.close()
    context.term()


async def made(context):
    return Zap(context)


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_any_frames_are_answered_with_no(frames):
    zap = Zap.__new__(Zap)
    zap.may_connect, zap.refused = lambda user_id, address: True, lambda user_id, address: None
    assert zap.reply(frames)[-4] == b"400"


@given(st.binary(max_size=20), st.text(max_size=30), st.binary(max_size=8), st.lists(st.binary(max_size=40), max_size=3))
def test_nobody_is_somebody_by_accident(domain, address, mechanism, credentials):
    assert user_id(domain, address, mechanism, credentials) is None
