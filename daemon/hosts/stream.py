"""What a programme comes from and goes to, seen from a host: any object with these methods."""

from __future__ import annotations

from typing import Protocol

from masterd.daemon.engine import Float32


class Source(Protocol):
    """A programme at its own sample rate. One thread."""

    @property
    def sample_rate_hz(self) -> float:
        """Constant."""
        ...

    def read(self, frames: int) -> Float32:
        """The next (n, 2) float32, n <= frames; fewer than asked means that this was the end."""
        ...

    def close(self) -> None:
        """Gives up what it holds open."""
        ...


class Sink(Protocol):
    """Takes what leaves the engine. One thread."""

    def write(self, block: Float32) -> None:
        """Keeps (n, 2) float32."""
        ...

    def close(self) -> None:
        """Completes what it writes."""
        ...
