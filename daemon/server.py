"""The `ctl` socket: takes requests one after the other, answers each, and survives every one of them.

Frames are [peer, b"", json] or [peer, json]; the answer has the same form. Nothing that comes in can raise out of here.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from dataclasses import replace

import msgspec
import zmq

from masterd.control.decoding import guarded
from masterd.control.errors import BadRequest, MasterdError, RateLimited
from masterd.control.protocol import MAX_REQUEST_BYTES, Answer, ErrorBody, Request, decode_request, encode_json
from masterd.daemon.asker import DAEMON, Asker, asking
from masterd.daemon.costs import seconds_of_the_rate
from masterd.daemon.desk import Desk
from masterd.daemon.gate import allow
from masterd.daemon.handlers import HANDLERS
from masterd.daemon.handlers.checks import check_envelope
from masterd.daemon.limits import LOCAL_PER_S, Limits, Verdict
from masterd.daemon.minutes import write_down
from masterd.daemon.peers import LOCAL, Peers
from masterd.daemon.sockets import Sockets

log = logging.getLogger(__name__)

INTERNAL = ErrorBody("internal", "the daemon failed at this request; its log says how")


class Identified(msgspec.Struct):
    """The part of a request that can be read even when the rest cannot."""

    id: int | str = 0


read_id = guarded(msgspec.json.Decoder(Identified).decode)


class Server:
    """Answers `ctl` for a desk. Control thread."""

    def __init__(self, desk: Desk, sockets: Sockets, peers: Peers) -> None:
        self.desk, self.sockets, self.peers = desk, sockets, peers
        self.limits = Limits()

    async def serve(self) -> None:
        """Until cancelled."""
        while True:
            frames = await self.sockets.ctl.recv_multipart(copy=False)
            sender, form = self.peers.sender(frames[-1]), 2 if len(frames) > 2 and not len(frames[1]) else 1
            self.sockets.connections.note(frames[-1])
            verdict = self.limits.judge(sender.account, self.requests_per_s(sender))
            if verdict is Verdict.CUT:
                self.sockets.connections.end(frames[-1])
            else:
                answer = await self.reply([it.bytes for it in frames[form:]], sender, verdict is Verdict.REFUSE)
                await self._send([*(it.bytes for it in frames[:form]), answer])
            await asyncio.sleep(0)  # a peer that floods us must not keep the meters from going out

    def requests_per_s(self, sender: Asker) -> float:
        """How many a client may send."""
        return LOCAL_PER_S if sender.address == LOCAL else self.desk.config.network.requests_per_s

    async def reply(self, body: list[bytes], sender: Asker, too_many: bool = False) -> bytes:
        """The encoded answer to the frames after the envelope. Never raises."""
        answer = await self.answer(body, sender, too_many)
        try:
            return encode_json(answer)
        except Exception:
            log.exception("an answer could not be encoded")
            return encode_json(self._refusal(answer.id, INTERNAL))

    async def answer(self, body: list[bytes], sender: Asker, too_many: bool = False) -> Answer:
        """The answer to the frames after the envelope. Never raises."""
        id: int | str = 0
        request: Request | None = None
        asking.set(sender)
        try:
            id = id_in(body)
            if too_many:
                rate = f"{self.requests_per_s(sender):g} requests a second"
                raise RateLimited(f"more than {rate}, or than a client's part of what takes long; send them more slowly")
            request = decoded(body)
            id = request.id
            check_envelope(request)
            asking.set(replace(sender, origin=request.origin))
            allow(request, sender, self.desk.hands_off)
            self.limits.charge(sender.account, self.requests_per_s(sender), seconds_of_the_rate(request))
            result = HANDLERS[type(request)](self.desk, request)
            if inspect.isawaitable(result):
                result = await result
            answer = Answer(id, True, self.desk.state.revision, result)
        except MasterdError as reason:
            answer = self._refusal(id, ErrorBody(reason.code, str(reason), reason.parameter))
        except OSError as reason:
            log.error("a request could not be carried out: %s", reason)
            answer = self._refusal(id, ErrorBody("storage", f"the disk refused: {reason.strerror or reason}"))
        except Exception:
            log.exception("a request failed")
            answer = self._refusal(id, INTERNAL)
        self._write_down(request, answer)
        asking.set(DAEMON)
        return answer

    def _write_down(self, request: Request | None, answer: Answer) -> None:
        try:
            write_down(self.desk, request, answer)
        except Exception:
            log.exception("a request could not be written down")

    def _refusal(self, id: int | str, error: ErrorBody) -> Answer:
        return Answer(id, False, self.desk.state.revision, None, error)

    async def _send(self, frames: list[bytes]) -> None:
        try:
            await self.sockets.ctl.send_multipart(frames, zmq.NOBLOCK)
        except zmq.ZMQError as reason:  # the peer has gone, or does not read its answers
            log.debug("an answer could not be delivered: %s", reason)


def id_in(body: list[bytes]) -> int | str:
    """The request's id when one can be made out, else 0."""
    try:
        return read_id(body[0]).id if body and len(body[0]) <= MAX_REQUEST_BYTES else 0
    except msgspec.DecodeError:
        return 0


def decoded(body: list[bytes]) -> Request:
    """The request in the frames, or BadRequest."""
    if len(body) != 1:
        raise BadRequest(f"{len(body)} frames; a request is one frame of JSON, after an empty one or none")
    if len(body[0]) > MAX_REQUEST_BYTES:
        raise BadRequest(f"{len(body[0])} bytes; a request has at most {MAX_REQUEST_BYTES}")
    try:
        return decode_request(body[0])
    except msgspec.DecodeError as reason:
        raise BadRequest(f"not a request: {str(reason)[:300]}") from None
