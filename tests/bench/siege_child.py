"""One attacker, as a program, until killed: `python -m bench.siege_child KIND PORT SERVER_KEY PUBLIC SECRET`. Says `goes`.

Nice, since it stands for somebody on another machine: it takes what processor time nobody else here wants.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable

import zmq

from masterd.control.protocol import MAX_REQUEST_BYTES

NICE = 19
GARBAGE = (b"", b"GET / HTTP/1.1\r\n\r\n", b"\xff" + bytes(8) + b"\x7f\x03\x00CURVE" + b"\xff" * 500, bytes(range(256)) * 200)
OVERSIZE = (b'{"op":"get","ids":["' + b"x" * MAX_REQUEST_BYTES + b'"]}', b"x" * (5 * MAX_REQUEST_BYTES))


class Attacker:
    """With a key that is trusted, which is the worst case."""

    def __init__(self, port: int, server: str, public: str, secret: str) -> None:
        self.port = port
        self._keys = [it.encode() for it in (server, public, secret)]
        self._context = zmq.Context()

    def socket(self, kind: int, after_ctl: int = 0) -> zmq.Socket[bytes]:
        made = self._context.socket(kind)
        made.linger = 0
        made.curve_serverkey, made.curve_publickey, made.curve_secretkey = self._keys
        if kind == zmq.SUB:
            made.subscribe(b"")
        made.connect(f"tcp://127.0.0.1:{self.port + after_ctl}")
        return made

    def requests(self) -> None:
        """As fast as they go, and the answers read."""
        ctl = self.socket(zmq.DEALER)
        while True:
            with contextlib.suppress(zmq.Again):
                for _ in range(100):
                    ctl.send(b'{"op":"get","ids":["eq.on"]}', zmq.NOBLOCK)
            ctl.poll(1)
            while ctl.poll(0):
                ctl.recv()

    def unread(self) -> None:
        """Big answers asked for and not read."""
        ctl = self.socket(zmq.DEALER)
        ctl.set(zmq.RCVHWM, 1)
        while True:
            with contextlib.suppress(zmq.Again):
                ctl.send(b'{"op":"describe"}', zmq.NOBLOCK)
            time.sleep(0.002)

    def oversize(self) -> None:
        """Requests that are too long, and frames that are far too long."""
        ctl = self.socket(zmq.DEALER)
        while True:
            for content in OVERSIZE:
                ctl.poll(100, zmq.POLLOUT)
                with contextlib.suppress(zmq.Again):
                    ctl.send(content, zmq.NOBLOCK)
            while ctl.poll(2):
                ctl.recv()

    def garbage(self) -> None:
        """What is no ZeroMQ, at all three ports, on new connections without end."""
        while True:
            for at, content in enumerate(GARBAGE * 3):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port + at % 3), 1) as it:
                    it.sendall(content)

    def subscriptions(self) -> None:
        """To events and meters, made and taken back without end."""
        listeners = [self.socket(zmq.SUB, at) for at in (1, 2)]
        while True:
            for at in range(100):
                for it in listeners:
                    it.subscribe(b"%d" % at)
                    it.unsubscribe(b"%d" % at)
            time.sleep(0.001)

    def deaf(self) -> None:
        """Listens to everything and reads nothing."""
        kept = [self.socket(zmq.SUB, at) for at in (1, 2)]
        while kept:
            time.sleep(1)


KINDS = ("requests", "unread", "oversize", "garbage", "subscriptions", "deaf")


def main() -> None:
    kind, port, *keys = sys.argv[1:]
    os.setpriority(os.PRIO_PROCESS, 0, NICE)
    attack: Callable[[], None] = getattr(Attacker(int(port), *keys), kind)
    print("goes", flush=True)
    attack()


if __name__ == "__main__":
    main()
