"""A daemon in this process, without its loop: the real desk on the simulated host, and the server that answers for it."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from pathlib import Path

from masterd.control.calls import Calls
from masterd.control.client import Client
from masterd.control.parameters import parameter
from masterd.control.protocol import Answer, Request, decode_answer, decode_event
from masterd.control.protocol.roles import Role
from masterd.daemon import config
from masterd.daemon.asker import Asker
from masterd.daemon.assemble import assemble
from masterd.daemon.guard import peers_of
from masterd.daemon.server import Server
from masterd.daemon.sockets import Sockets

CONFIG = '[daemon]\npreset = "flat"\n[audio]\nhost = "simulated"\nblock_frames = 8192\n'
NAME = "main"


def memory_folder() -> str | None:
    """A folder that is no disk, where there is one, for presets are written with fsync. scripts/fuzz-messages gives its own."""
    return os.environ.get("MASTERD_FUZZ_DIR") or ("/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


class InProcess:
    """One daemon. What it must never do is an AssertionError."""

    def __init__(self) -> None:
        logging.disable(logging.CRITICAL)
        self._folder = tempfile.TemporaryDirectory(prefix="masterd-fuzz-", dir=memory_folder())
        self.folder = Path(self._folder.name)
        os.environ |= {f"MASTERD_{it}_DIR": str(self.folder / it.lower()) for it in ("RUNTIME", "STATE", "CONFIG")}
        (self.folder / "runtime" / NAME).mkdir(parents=True)
        self.loop = asyncio.new_event_loop()
        made = config.parse(CONFIG)
        peers = peers_of(made)
        self.sockets = Sockets(NAME, peers)
        self.desk, _ = assemble(made, self.folder / "state" / NAME, self._published, self.loop.call_soon_threadsafe)
        self.desk.air.start(self.desk.state.values)
        self.server = Server(self.desk, self.sockets, peers)

    def _published(self, frame: bytes) -> None:
        decode_event(frame)
        self.sockets.events.send(frame)

    def beat(self) -> None:
        """A heartbeat, without which followers would think it gone."""
        self.desk.events.heartbeat(0, 0)

    def reply(self, frames: list[bytes], role: Role = Role.ADMIN) -> Answer:
        """The answer to the frames, whatever they hold."""
        state = self.desk.state
        revision, before = state.revision, dict(state.values)
        asker = Asker("fuzzer", "local", role, "fuzzer")
        answer: Answer = decode_answer(self.loop.run_until_complete(self.server.reply(frames, asker)))
        if not answer.ok:
            assert answer.error
            assert answer.error.code not in ("internal", "storage"), answer
            assert (state.revision, dict(state.values)) == (revision, before), "refused, and something changed"
        elif state.revision != revision:
            assert all(parameter(id).check(value) == value for id, value in state.values.items())
        return answer

    def close(self) -> None:
        self.desk.air.stop()
        self.desk.analysis.stop()
        self.sockets.close()
        self.loop.close()
        self._folder.cleanup()


class Direct(Client):
    """A client whose requests go to that server without a socket; what it follows comes through one."""

    def __init__(self, daemon: InProcess, origin: str) -> None:
        super().__init__(NAME, origin=origin)
        self.daemon = daemon

    def request(self, request: Request) -> Answer:
        """Asks."""
        frames = self._calls.encode(request)
        return Calls.granted(self.daemon.reply(frames[1:], Role.OPERATOR))
