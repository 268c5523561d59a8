"""OSC: datagrams over UDP, through the decoder and the surface, to the daemon and back."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from typing import TYPE_CHECKING

from fuzz.grammar import IDS, pick, torn
from fuzz.in_process import Direct, InProcess
from masterd.control.allowed import Allowed
from masterd.control.osc.codec import BUNDLE, OPAQUE_BYTES, UNIX_EPOCH_S
from masterd.control.osc.gate import RATE_PER_S
from masterd.control.osc.run import Run, bound

if TYPE_CHECKING:
    from atheris import FuzzedDataProvider as Choices

ADDRESSES = (
    *(
        "/xremote",
        "/travel/xremote",
        "/meters",
        "/unsubscribe",
        "/status",
        "/preset",
        "/preset/list",
        "/preset/load",
        "/describe",
    ),
    *("/undo", "/redo", "/eq/*/gain_db", "/{eq,limiter}/*", "/[!a-e]*/*", "/" + "{a,b}" * 30, "/" + "*?" * 60, "/", "//", "/eq/"),
)
TAGS = "ihfdsSbTFNIcrmt[]Z"


class Target:
    def __init__(self) -> None:
        self.daemon = InProcess()
        self.client = Direct(self.daemon, "osc")
        self.udp = bound("127.0.0.1", 0)
        self.run = Run(self.udp, self.client, Allowed(()), False, 20.0)
        self.box = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.box.connect(self.udp.getsockname())
        self.box.setblocking(False)
        self.now_s = time.monotonic()
        self._turn()
        assert self._follows()

    def _turn(self) -> None:
        """Time goes so quickly here that the gate lets everything in."""
        self.now_s += 10_000 / RATE_PER_S
        self.daemon.beat()
        self.run.round(self.now_s, True)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.box.recv(65536)

    def _follows(self) -> bool:
        """It may have been lost: watching everything and slow machines take longer than a heartbeat."""
        for _ in range(3):
            self._turn()
        return bool(self.run.link.values)

    def __call__(self, choices: Choices) -> None:
        for _ in range(choices.ConsumeIntInRange(1, 4)):
            data = element(choices, 0) if choices.ConsumeIntInRange(0, 15) else choices.ConsumeBytes(100)
            self.box.send(torn(choices, data)[:60_000])
            self._turn()
        assert self._follows(), "the daemon was lost"

    def close(self) -> None:
        self.run.link.close()
        self.box.close()
        self.udp.close()
        self.daemon.close()


def padded(raw: bytes, least: int = 1) -> bytes:
    return raw + bytes(least + -(len(raw) + least) % 4)


def element(choices: Choices, depth: int) -> bytes:
    """A message, or a bundle of such."""
    if choices.ConsumeIntInRange(0, 3) or depth > 9:
        return message(choices)
    due = pick(choices, (1, 0, 2**64 - 1, int((time.time() + UNIX_EPOCH_S + 0.01) * 2**32), choices.ConsumeInt(8) % 2**64))
    inner = [element(choices, depth + 1) for _ in range(choices.ConsumeIntInRange(0, 3))]
    sizes = [pick(choices, (len(it),) * 30 + (-1, 2**31 - 1)) for it in inner]
    return BUNDLE + struct.pack(">Q", due) + b"".join(struct.pack(">i", size) + it for size, it in zip(sizes, inner, strict=True))


def message(choices: Choices) -> bytes:
    known = [f"{form}/{id.replace('.', '/')}" for id in IDS for form in ("", "/travel")]
    address = pick(choices, [*ADDRESSES, *known])
    tags = "".join(pick(choices, TAGS) for _ in range(choices.ConsumeIntInRange(0, 3)))
    return padded(address.encode()) + padded(f",{tags}".encode()) + b"".join(argument(choices, tag) for tag in tags)


def argument(choices: Choices, tag: str) -> bytes:
    match tag:
        case "i":
            return struct.pack(">i", pick(choices, (0, 1, -1, 2**31 - 1, choices.ConsumeIntInRange(-40, 40))))
        case "h":
            return struct.pack(">q", pick(choices, (0, -(2**63), 2**63 - 1)))
        case "f":
            return struct.pack(">I", pick(choices, (0, 0x3F000000, 0x7FC00000, 0x7F800000, 0xFF7FFFFF, choices.ConsumeUInt(4))))
        case "d":
            return struct.pack(">d", choices.ConsumeFloat())
        case "s" | "S":
            odd = choices.ConsumeBytes(20).replace(b"\0", b"")
            return padded(pick(choices, (b"on", b"bell", b"flat", b"nan", b"1e999", b"\xff", odd)))
        case "b":
            raw = choices.ConsumeBytes(10)
            return struct.pack(">i", pick(choices, (len(raw),) * 7 + (-1,))) + padded(raw, 0)
    return bytes(choices.ConsumeBytes(OPAQUE_BYTES.get(tag, 0)))
