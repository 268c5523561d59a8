"""The `ctl` socket: takes requests one after the other, answers each, and survives every one of them.

Frames are [peer, b"", json] or [peer, json]; the answer has the same form. Nothing that comes in can raise out of here.
"""

from __future__ import annotations

import asyncio
import inspect
import logging

import msgspec
import zmq
import zmq.asyncio

from masterd.control.errors import BadRequest, MasterdError
from masterd.control.protocol import MAX_REQUEST_BYTES, Answer, ErrorBody, Request, decode_request, encode_json
from masterd.daemon.desk import Desk
from masterd.daemon.handlers import HANDLERS
from masterd.daemon.handlers.checks import check_envelope

log = logging.getLogger(__name__)

INTERNAL = ErrorBody("internal", "the daemon failed at this request; its log says how")


class Identified(msgspec.Struct):
    """The part of a request that can be read even when the rest cannot."""

    id: int | str = 0


read_id = msgspec.json.Decoder(Identified).decode


class Server:
    """Answers `ctl` for a desk. Control thread."""

    def __init__(self, desk: Desk, ctl: zmq.asyncio.Socket) -> None:
        self.desk = desk
        self.ctl = ctl

    async def serve(self) -> None:
        """Until cancelled."""
        while True:
            peer, *frames = await self.ctl.recv_multipart()
            form = [b""] if len(frames) > 1 and not frames[0] else []
            await self._send([peer, *form, await self.reply(frames[len(form) :])])
            await asyncio.sleep(0)  # a peer that floods us must not keep the meters from going out

    async def reply(self, body: list[bytes]) -> bytes:
        """The encoded answer to the frames after the envelope. Never raises."""
        answer = await self.answer(body)
        try:
            return encode_json(answer)
        except Exception:
            log.exception("an answer could not be encoded")
            return encode_json(self._refusal(answer.id, INTERNAL))

    async def answer(self, body: list[bytes]) -> Answer:
        """The answer to the frames after the envelope. Never raises."""
        id: int | str = 0
        try:
            id = id_in(body)
            request = decoded(body)
            id = request.id
            check_envelope(request)
            result = HANDLERS[type(request)](self.desk, request)
            if inspect.isawaitable(result):
                result = await result
            return Answer(id, True, self.desk.state.revision, result)
        except MasterdError as reason:
            return self._refusal(id, ErrorBody(reason.code, str(reason), reason.parameter))
        except OSError as reason:
            log.error("a request could not be carried out: %s", reason)
            return self._refusal(id, ErrorBody("storage", f"the disk refused: {reason.strerror or reason}"))
        except Exception:
            log.exception("a request failed")
            return self._refusal(id, INTERNAL)

    def _refusal(self, id: int | str, error: ErrorBody) -> Answer:
        return Answer(id, False, self.desk.state.revision, None, error)

    async def _send(self, frames: list[bytes]) -> None:
        try:
            await self.ctl.send_multipart(frames, zmq.NOBLOCK)
        except zmq.ZMQError as reason:  # the peer has gone, or does not read its answers
            log.info("an answer could not be delivered: %s", reason)


def id_in(body: list[bytes]) -> int | str:
    """The request's id when one can be made out, else 0."""
    try:
        return read_id(body[0]).id if body and len(body[0]) <= MAX_REQUEST_BYTES else 0
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return 0


def decoded(body: list[bytes]) -> Request:
    """The request in the frames, or BadRequest."""
    if len(body) != 1:
        raise BadRequest(f"{len(body)} frames; a request is one frame of JSON, after an empty one or none")
    if len(body[0]) > MAX_REQUEST_BYTES:
        raise BadRequest(f"{len(body[0])} bytes; a request has at most {MAX_REQUEST_BYTES}")
    try:
        request: Request = decode_request(body[0])
    except (msgspec.MsgspecError, ValueError, RecursionError) as reason:
        raise BadRequest(f"not a request: {str(reason)[:300]}") from None
    return request
