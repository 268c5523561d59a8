"""midi learn: which control turns a parameter. By the MIDI process when one runs, wherever it is; else by this command itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from masterd.control.cli.complete import parameter_ids
from masterd.control.cli.hand import Hand, json_option, pass_hand
from masterd.control.cli.midi_system import POLL_S, backend, map_option, port_option, reported
from masterd.control.errors import MasterdError, UnsafeParameter
from masterd.control.midi.newest import Newest
from masterd.control.protocol import LearnStep, MidiChanged, MidiLearning, StateSnapshot

ASKS = {
    LearnStep.LISTENING: "turn the control to the right, or press the button",
    LearnStep.RIGHT_HEARD: "now to the left",
}
FORGOTTEN = "the daemon was started anew, or learns something else by now"


class NotLearned(MasterdError):
    """Nothing was learned, and nothing written."""

    code = "not_learned"


@click.command()
@click.argument("parameter_id", metavar="PARAMETER", shell_complete=parameter_ids)
@map_option
@port_option
@click.option("--allow-unsafe", is_flag=True, help="Lets the control turn what decides how loud the air gets.")
@click.option("--yes", is_flag=True, help="Does not ask before the control loses what it did.")
@json_option
@pass_hand
def learn(hand: Hand, parameter_id: str, map_path: Path | None, pattern: str, allow_unsafe: bool, yes: bool) -> None:
    """Learns which control turns PARAMETER, and writes it into the box's map.

    The MIDI process does it when one runs, on this machine or another, and works by it at once. Without one, or with --map, this
    command listens by itself.
    """
    from masterd.control.parameters import is_unsafe, parameter

    target = parameter(parameter_id)
    if is_unsafe(target) and not allow_unsafe:
        raise UnsafeParameter(target.id, "--allow-unsafe")
    asked = MidiLearning(serial=1, parameter=target.id, step=LearnStep.ASKED, box=pattern, allow_unsafe=allow_unsafe)
    state = None if map_path else reported(hand)
    lesson = Remote(hand, asked) if state and state.processes else Local(map_path, asked)
    last = attended(lesson, yes)
    if last.step is not LearnStep.LEARNED:
        raise NotLearned(f"nothing was learned: {last.message or 'it was cancelled'}")
    if hand.json:
        hand.print_json(last)
        return
    click.echo(f"{last.control} ({last.encoding}) of {last.box} turns {last.parameter}")
    for before in last.replaces:
        click.echo(f"it did {before} before, and does not any more")


def attended(lesson: Remote | Local, yes: bool) -> MidiLearning:
    """Says what to do at every step; the last step."""
    last = lesson.asked
    try:
        for last in lesson.steps():
            if last.step in ASKS:
                click.echo(ASKS[last.step], err=True)
            elif last.step is LearnStep.CONFLICT and not last.step.is_over:
                question = (
                    f"{last.control} of {last.box} does {', '.join(last.replaces)}: shall it turn {last.parameter} instead?"
                )
                lesson.answer(yes or click.confirm(question, err=True))
    except (KeyboardInterrupt, click.Abort):
        lesson.answer(False)
        raise
    return last


class Remote:
    """The MIDI process learns."""

    def __init__(self, hand: Hand, asked: MidiLearning) -> None:
        self.asked = asked
        self._client = hand.client

    def steps(self) -> Iterator[MidiLearning]:
        """Each once."""
        with self._client.follower() as follower:
            follower.poll()
            asked = self._client.midi_learn(self.asked.parameter, self.asked.box, self.asked.allow_unsafe)
            last, newest = asked, Newest()
            while not last.step.is_over:
                match follower.poll(1.0):
                    case MidiChanged(state=state) if newest.accepts(state):
                        now = state.learning
                    case StateSnapshot():  # events were lost, or the daemon began anew
                        newest.forget()
                        newest.accepts(state := self._client.midi_list())
                        now = state.learning
                        if now is None or now.serial != asked.serial:
                            now = msgspec.structs.replace(last, step=LearnStep.CANCELLED, message=FORGOTTEN)
                    case _:
                        continue
                if now and now.serial == asked.serial and now != last:
                    last = now
                    yield now

    def answer(self, is_yes: bool) -> None:
        """Lets the control lose what it did, or ends learning."""
        if is_yes:
            self._client.midi_learn_confirm()
        else:
            self._client.midi_learn_cancel()


class Local:
    """This command learns."""

    def __init__(self, map_path: Path | None, asked: MidiLearning) -> None:
        from masterd.control.midi.teacher import Teacher

        self.asked = asked
        self._map_path = map_path
        self._teacher = Teacher("")

    def steps(self) -> Iterator[MidiLearning]:
        """Each once; listens on every box that is there and meant, also those that come later."""
        from masterd.control.midi.boxes import Boxes
        from masterd.control.midi.sieve import MOST_MESSAGES

        boxes = Boxes([self._map_path] if self._map_path else (), new=True)
        with backend() as system:
            boxes.attach(system)
            last = self.asked
            while not last.step.is_over:
                now_s = time.monotonic()
                if system.look(now_s):
                    boxes.step(system)
                    boxes.strangers(system)
                    self._teacher.begin(self.asked, boxes.meant(self.asked.box), now_s)
                for box in boxes:
                    for message in box.arrived()[:MOST_MESSAGES]:
                        self._teacher.hear(box.name, message, now_s)
                self._teacher.advance(now_s)
                if said := self._teacher.take_report():
                    last = said
                    yield said
                time.sleep(POLL_S)

    def answer(self, is_yes: bool) -> None:
        """The same."""
        step = LearnStep.CONFIRMED if is_yes else LearnStep.CANCELLED
        self._teacher.follow(msgspec.structs.replace(self.asked, step=step))
