"""The engine without a sound card: a thread paced by the clock, or as fast as it can; a source in, sinks out."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import numpy as np

from masterd.daemon.engine import Engine, Float32
from masterd.daemon.hosts.base import Host, HostFormat
from masterd.daemon.hosts.stream import Sink, Source

LATEST_CATCH_UP_S = 1.0  # a thread further behind than this skips the time it has lost


class SimulatedHost(Host):
    """Plays a source, or silence without one, to its end and the engine's latency beyond it, so that every frame comes out.

    What the source's first frame became is the first frame a sink gets: the latency is taken off at the start.
    """

    name = "simulated"
    fades_in = False

    def __init__(
        self,
        sample_rate_hz: float = 48000,
        block_frames: int = 512,
        source: Source | None = None,
        sinks: Sequence[Sink] = (),
        paced: bool = True,
    ) -> None:
        rate_hz = source.sample_rate_hz if source else sample_rate_hz
        self.format = HostFormat(rate_hz, block_frames, "clock" if paced else "unpaced")
        self.source, self.sinks, self.paced = source, sinks, paced
        self._end = threading.Event()
        self._through = threading.Event()
        self._failure: str | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> HostFormat:
        """Needs nothing."""
        return self.format

    def start(self, engine: Engine, token: int) -> None:
        """Starts the thread."""
        self.engine = engine
        self._thread = threading.Thread(target=self._run, args=(engine, token), name="simulated-audio", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread after its block, then closes the source and completes the sinks."""
        self._end.set()
        if self._thread:
            self._thread.join()
        else:
            self._let_go()

    def keep(self) -> None:
        """Its thread is Python's, which keeps what it still touches; kept for good, every loss would hold 3 MB of programme."""

    @property
    def block_frames(self) -> int:
        """As configured."""
        return self.format.block_frames

    @property
    def finished(self) -> bool:
        """Whether the source has come to its end and everything is out."""
        return self._through.is_set()

    @property
    def gone(self) -> str | None:
        """What a source or a sink raised."""
        return self._failure

    @property
    def realtime(self) -> tuple[bool, str]:
        """Never: nothing is lost when this thread is late."""
        return False, "paced by the clock in an ordinary thread" if self.paced else "not paced"

    def _run(self, engine: Engine, token: int) -> None:
        try:
            self._play(engine, token)
        except Exception as failure:
            self._failure = f"{type(failure).__name__}: {failure}"
        finally:
            self._let_go()

    def _let_go(self) -> None:
        for stream in (*self.sinks, self.source):
            if stream:
                stream.close()

    def _play(self, engine: Engine, token: int) -> None:
        frames = self.format.block_frames
        period_s = frames / self.format.sample_rate_hz
        flushing = lead = engine.latency_frames
        due_s = time.monotonic()
        while not self._end.is_set():
            block = self.source.read(frames) if self.source else np.zeros((frames, 2), np.float32)
            if ended := len(block) < frames:
                block, flushing = _with_silence(block, min(frames - len(block), flushing)), flushing - (frames - len(block))
            if engine.token != token:
                return
            out = engine.process(np.ascontiguousarray(block, np.float32)) if len(block) else block
            self._give(out[lead:])
            lead = max(0, lead - len(out))
            if ended and flushing <= 0:
                return self._through.set()
            due_s = self._pace(due_s + period_s)

    def _give(self, out: Float32) -> None:
        if len(out):
            for sink in self.sinks:
                sink.write(out)

    def _pace(self, due_s: float) -> float:
        late_s = time.monotonic() - due_s
        if not self.paced or late_s > LATEST_CATCH_UP_S:
            return due_s + max(0.0, late_s)
        self._end.wait(max(0.0, -late_s))
        return due_s


def _with_silence(block: Float32, frames: int) -> Float32:
    return np.concatenate([block.reshape(-1, 2), np.zeros((frames, 2), np.float32)])
