"""The file that plays, the recording, the session and a link: all survive the loss of the device. Only a real device needs the
first two from here; the simulated one carries them by itself."""

from __future__ import annotations

from collections.abc import Callable

from masterd.control.errors import MasterdError
from masterd.daemon.engine import Engine
from masterd.daemon.engine_room import EngineRoom
from masterd.daemon.hosts.base import HostError
from masterd.daemon.hosts.carriers import Carrier, drain, feeder
from masterd.daemon.hosts.choice import OpenSink, OpenSource
from masterd.daemon.session.recorder import SessionRecorder


class Programme:
    """The supervisor's thread and the one that opens hosts, never both at once."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        open_source: OpenSource | None,
        open_sink: OpenSink | None,
        session: SessionRecorder | None = None,
        link: Callable[[Engine], None] | None = None,
    ) -> None:
        self._engine = engine
        self._open_source, self._open_sink = open_source, open_sink
        self._session, self._no_session = session, ""
        self._link = link
        self._linking: Carrier | None = None
        self._feeder: Carrier | None = None
        self._drain: Carrier | None = None
        self._rate_hz = 0.0
        self._dry_at_end: int | None = None

    def follow(self, engine: Engine) -> None:
        """Lets the rings of a newly admitted engine carry what is configured. At another sample rate the programme begins again,
        and the recording goes on in a new file. HostError when the programme does not come at the engine's rate."""
        if engine.sample_rate_hz != self._rate_hz:
            self._end()
            self._begin(engine.sample_rate_hz)
            self._rate_hz = engine.sample_rate_hz
        engine.source(player=self._feeder is not None)
        engine.tap("output", self._drain is not None)

    def remember(self, engine: Engine) -> None:
        """Lets session and link go on with a newly admitted engine, of any host. A session that cannot is a failure, no more."""
        if self._link:
            self._begin_link(self._link)
        self._no_session = ""
        try:
            if self._session:
                self._session.follow(engine)
        except (OSError, MasterdError) as reason:
            self._no_session = f"no session is recorded: {reason}"

    def _begin_link(self, link: Callable[[Engine], None]) -> None:
        def carry() -> bool:
            link(self._engine())
            return True

        self._linking = self._linking or Carrier("link", carry, lambda: None)

    def _begin(self, rate_hz: float) -> None:
        if self._open_source:
            source = self._open_source(rate_hz)
            if source.sample_rate_hz != rate_hz:
                source.close()
                raise HostError(f"the programme plays at {source.sample_rate_hz:g} Hz, the device at {rate_hz:g} Hz")
            self._feeder = feeder(self._engine, source)
        if self._open_sink:
            self._drain = drain(self._engine, "output", self._open_sink(rate_hz))

    @property
    def failure(self) -> str | None:
        """Why the programme, the recording or the session has stopped; the device goes on."""
        carried = next(
            (carrier.failure for carrier in (self._feeder, self._drain, self._linking) if carrier and carrier.failure), None
        )
        return carried or self._no_session or (self._session.failure if self._session else None)

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
        """Ends all; recording and session are completed with what has been played."""
        self._end()
        if self._linking:
            self._linking.stop(within_s=0.3)
        if self._session:
            self._session.stop()

    def _end(self) -> None:
        for carrier in (self._feeder, self._drain):
            if carrier:
                carrier.stop(within_s=0.3)
        self._feeder = self._drain = None
        self._dry_at_end = None
        self._rate_hz = 0.0
