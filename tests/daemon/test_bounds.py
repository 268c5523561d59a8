"""Nothing that a peer does fills the daemon, or keeps it from the others: queues end somewhere, and so does each turn."""

import asyncio
import contextlib
import socket
import time

import pytest
import zmq
from instruments.network import eventually

from masterd.daemon.connections import MOST_AT_ONCE, Connections
from masterd.daemon.publisher import Publisher
from masterd.daemon.sockets import EVENT_TOPICS, EVENTS_HWM, METER_TOPICS, METERS_HWM

FRAME_BYTES = 16384
KERNEL_BYTES = 12 << 20
"""What the kernel's buffers of both ends hold at most (tcp_wmem and tcp_rmem)."""


@pytest.fixture
def context():
    with zmq.Context() as made:
        yield made


def bound(context, topics=EVENT_TOPICS, hwm=EVENTS_HWM):
    publisher = Publisher(context, topics, hwm)
    publisher.may_listen = lambda frame: True
    publisher.socket.linger = 0
    return publisher, publisher.socket.bind_to_random_port("tcp://127.0.0.1")


@pytest.mark.parametrize(("topics", "hwm"), [(EVENT_TOPICS, EVENTS_HWM), (METER_TOPICS, METERS_HWM)], ids=["events", "meters"])
def test_for_a_subscriber_that_does_not_read_no_more_than_the_queue_is_kept(context, topics, hwm):
    publisher, port = bound(context, topics, hwm)
    with context.socket(zmq.SUB) as deaf, contextlib.closing(publisher):
        deaf.rcvhwm = 1
        deaf.linger = 0
        deaf.subscribe(b"")
        deaf.connect(f"tcp://127.0.0.1:{port}")
        eventually(lambda: (publisher.send(b"0"), deaf.poll(10))[1])
        most = hwm + KERNEL_BYTES // FRAME_BYTES + 2
        for number in range(1, 2 * most):
            publisher.send(b"%d" % number + bytes(FRAME_BYTES))
        kept = [int(deaf.recv().rstrip(b"\0")) for _ in iter(lambda: deaf.poll(300), 0)]
        fresh = [it for it in kept if it]
        print(f"{len(fresh)} of {2 * most - 1} were kept")
        assert METERS_HWM <= len(fresh) <= most
        assert fresh == sorted(set(fresh)), "in order; by a gap the subscriber sees that it lost some"
        publisher.send(b"77")
        assert deaf.poll(3000), "and it hears what comes now"


def test_what_subscribers_want_is_taken_in_parts_and_all_of_it(context):
    async def inside():
        publisher, port = bound(context)
        with context.socket(zmq.XSUB) as eager, contextlib.closing(publisher):
            eager.linger = 0
            eager.connect(f"tcp://127.0.0.1:{port}")
            for number in range(10 * MOST_AT_ONCE):
                eager.send(b"\x01topic %d" % number)
            eager.send(b'\x01{"type":"lock"')
            time.sleep(0.3)
            taken = []
            publisher.may_listen = lambda frame: taken.append(bytes(frame.buffer)) or True
            publisher.listen(asyncio.get_running_loop())
            publisher.take()
            assert not taken, "the last of many, and others had no turn yet"
            for _ in range(1000):
                await asyncio.sleep(0)
            assert taken == [b'\x01{"type":"lock"']

    asyncio.run(inside())


def test_who_comes_and_goes_is_taken_in_parts_and_all_of_it(context):
    with context.socket(zmq.ROUTER) as door:
        connections = Connections(door)
        port = door.bind_to_random_port("tcp://127.0.0.1")
        visitors = [socket.create_connection(("127.0.0.1", port)) for _ in range(2 * MOST_AT_ONCE)]
        time.sleep(0.2)
        assert connections.watch()
        assert 0 < connections.count <= MOST_AT_ONCE
        eventually(lambda: not connections.watch() and connections.count == 2 * MOST_AT_ONCE)
        for it in visitors:
            it.close()
        eventually(lambda: not connections.watch() and connections.count == 0)
        connections.close()
