"""An OSC client as a studio has it: python-osc builds and reads every datagram, nothing of the product does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder, build_msg
from pythonosc.osc_packet import OscPacket
from pythonosc.udp_client import SimpleUDPClient

Told = tuple[str, list[Any]]


class OscClient:
    """One client, with a port of its own."""

    def __init__(self, port: int) -> None:
        self._client = SimpleUDPClient("127.0.0.1", port)
        self._client._sock.bind(("127.0.0.1", 0))
        self._waiting: list[Told] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client._sock.close()

    @property
    def address(self) -> tuple[str, int]:
        """Its own."""
        return "127.0.0.1", int(self._client._sock.getsockname()[1])

    def send(self, address: str, *arguments: Any) -> None:
        """One message; a bool goes as T or F, an int as i, a float as f."""
        self._client.send_message(address, list(arguments))

    def send_tagged(self, address: str, tag: str, argument: Any) -> None:
        """One message with this type tag."""
        builder = OscMessageBuilder(address)
        builder.add_arg(argument, tag)
        self._client.send(builder.build())

    def send_bundle(self, *messages: tuple[Any, ...], at_s: float = IMMEDIATELY) -> None:
        """Messages together, with a time tag of Unix time."""
        builder = OscBundleBuilder(at_s)
        for address, *arguments in messages:
            builder.add_content(build_msg(address, arguments))
        self._client.send(builder.build())

    def send_raw(self, data: bytes) -> None:
        """Any bytes."""
        self._client._sock.sendto(data, (self._client._address, self._client._port))

    def heard(self, within_s: float = 0.0) -> list[Told]:
        """Everything that came, and comes within this time."""
        until_s = time.monotonic() + within_s
        while data := self._client.receive(max(0.001, until_s - time.monotonic())):
            self._waiting += [(timed.message.address, list(timed.message.params)) for timed in OscPacket(data).messages]
            if time.monotonic() > until_s:
                break
        heard, self._waiting = self._waiting, []
        return heard

    def ask(self, address: str, *arguments: Any, answer: str | None = None) -> list[Any]:
        """The arguments of the answer, which comes at the same address or at `answer`; what else came waits."""
        self.send(address, *arguments)
        return self.hear(answer or address)

    def hear(self, address: str, within_s: float = 5.0) -> list[Any]:
        """The arguments of the next message at this address; what else came waits."""
        until_s = time.monotonic() + within_s
        while True:
            for at, (told, arguments) in enumerate(self._waiting):
                if told == address:
                    del self._waiting[at]
                    return arguments
            assert time.monotonic() < until_s, f"nothing at {address}, only {self._waiting}"
            if data := self._client.receive(0.05):
                self._waiting += [(timed.message.address, list(timed.message.params)) for timed in OscPacket(data).messages]

    def refusal(self) -> tuple[str, str]:
        """Code and address of the next /error."""
        code, text, address = self.hear("/error")
        assert text
        return code, address


def every(client: OscClient, pattern: str, count: int) -> Iterator[Told]:
    """The answers to a pattern, `count` of them."""
    client.send(pattern)
    heard: list[Told] = []
    until_s = time.monotonic() + 5
    while len(heard) < count and time.monotonic() < until_s:
        heard += client.heard(0.05)
    yield from heard
