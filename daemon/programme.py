"""The file that plays and the recording, while a real device paces the engine: both survive the loss of the device."""

from __future__ import annotations

from collections.abc import Callable

from masterd.daemon.engine import Engine
from masterd.daemon.engine_room import EngineRoom
from masterd.daemon.hosts.base import HostError
from masterd.daemon.hosts.carriers import Carrier, drain, feeder
from masterd.daemon.hosts.choice import OpenSink, OpenSource


class Programme:
    """The supervisor's thread and the one that opens hosts, never both at once."""

    def __init__(self, engine: Callable[[], Engine], open_source: OpenSource | None, open_sink: OpenSink | None) -> None:
        self._engine = engine
        self._open_source, self._open_sink = open_source, open_sink
        self._feeder: Carrier | None = None
        self._drain: Carrier | None = None
        self._rate_hz = 0.0
        self._dry_at_end: int | None = None

    def follow(self, engine: Engine) -> None:
        """Lets the rings of a newly admitted engine carry what is configured. At another sample rate the programme begins again,
        and the recording goes on in a new file. HostError when the programme does not come at the engine's rate."""
        if engine.sample_rate_hz != self._rate_hz:
            self.stop()
            self._begin(engine.sample_rate_hz)
            self._rate_hz = engine.sample_rate_hz
        engine.source(player=self._feeder is not None)
        engine.recorder(self._drain is not None)

    def _begin(self, rate_hz: float) -> None:
        if self._open_source:
            source = self._open_source(rate_hz)
            if source.sample_rate_hz != rate_hz:
                source.close()
                raise HostError(f"the programme plays at {source.sample_rate_hz:g} Hz, the device at {rate_hz:g} Hz")
            self._feeder = feeder(self._engine, source)
        if self._open_sink:
            self._drain = drain(self._engine, self._open_sink(rate_hz))

    @property
    def failure(self) -> str | None:
        """Why the programme or the recording has stopped; the device goes on."""
        return next((carrier.failure for carrier in (self._feeder, self._drain) if carrier and carrier.failure), None)

    def has_ended(self, room: EngineRoom) -> bool:
        """Whether the source has been read to its end, and the player's ring has run dry since."""
        if not (self._feeder and self._feeder.through and not self._feeder.failure):
            return False
        latest = room.gather().latest
        dry_frames = latest.player_dry_frames if latest else 0
        if self._dry_at_end is None:
            self._dry_at_end = dry_frames
        return dry_frames > self._dry_at_end

    def stop(self) -> None:
        """Ends both; the recording is completed with what has been played."""
        for carrier in (self._feeder, self._drain):
            if carrier:
                carrier.stop(within_s=0.3)
        self._feeder = self._drain = None
        self._dry_at_end = None
        self._rate_hz = 0.0
