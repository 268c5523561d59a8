"""What a MIDI process tells the daemon, and when: steps of learning at once, boxes when they are different, moves while somebody
watches, and that it is there. Pure; time comes from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from masterd.control.protocol import MidiBox, MidiLearning, MidiMove, MidiReport

ALIVE_S = 2.0
BOXES_S = 0.2
MOVES_S = 0.05
MOST_MOVES = 64


class Reports:
    """One process's."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.monitored = False
        """Somebody wants every move to be told."""
        self._told: tuple[str, list[MidiBox]] | None = None
        self._moves: dict[tuple[str, str, bool], MidiMove] = {}
        self._missed = 0
        self._sent_s = self._looked_s = self._moved_s = float("-inf")

    def forget(self) -> None:
        """Another daemon, or the same after a while: it knows nothing."""
        self._told = None
        self._sent_s = self._looked_s = float("-inf")

    def last_word(self) -> MidiReport:
        """This process ends."""
        return MidiReport(origin=self.origin, gone=True)

    def moved(self, move: MidiMove) -> None:
        """Something came from a box: of each control the newest is told, and of a button its press and its release."""
        key = (move.box, move.control or move.bytes, move.value == 0)
        if self._moves.pop(key, None) or len(self._moves) >= MOST_MOVES:
            self._missed += 1
        if len(self._moves) < MOST_MOVES:
            self._moves[key] = move

    def due(
        self, now_s: float, learning: MidiLearning | None, look: Callable[[], tuple[str, Sequence[MidiBox]]]
    ) -> MidiReport | None:
        """What to tell now, if anything. `look` gives the MIDI system and the boxes as they are."""
        report = MidiReport(origin=self.origin, learning=learning)
        self._add_boxes(report, now_s, look)
        self._add_moves(report, now_s)
        is_news = learning or report.boxes is not None or report.moves or report.missed
        if not is_news and now_s - self._sent_s < ALIVE_S:
            return None
        self._sent_s = now_s
        return report

    def _add_boxes(self, report: MidiReport, now_s: float, look: Callable[[], tuple[str, Sequence[MidiBox]]]) -> None:
        if now_s - self._looked_s < BOXES_S:
            return
        self._looked_s = now_s
        system, boxes = look()
        if self._told != (system, boxes):
            self._told = (system, [*boxes])
            report.system, report.boxes = system, [*boxes]

    def _add_moves(self, report: MidiReport, now_s: float) -> None:
        if not (self._moves or self._missed) or now_s - self._moved_s < MOVES_S:
            return
        self._moved_s = now_s
        report.moves, report.missed = [*self._moves.values()], self._missed
        self._moves, self._missed = {}, 0
