"""What the box shows, made of the daemon's state and never of the hand: rings, motor faders, lights, strips, meters. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from masterd.control.midi.driver import METER_TOP, Driver
from masterd.control.midi.feedback import Feedback
from masterd.control.midi.layers import Layers
from masterd.control.midi.mapping import Action, Binding, MidiMap
from masterd.control.midi.place import Light, Place, PlaceKind, Ring
from masterd.control.midi.pressing import Pressing
from masterd.control.midi.readings import READINGS
from masterd.control.midi.strips import short_name, short_value
from masterd.control.midi.turning import Turning
from masterd.control.midi.wishes import Wishes
from masterd.control.protocol import Meters
from masterd.control.text import value_text

WAITING = "waiting"
"""The colour of a light under a knob that has to be picked up."""
TURNED = (PlaceKind.ENCODER, PlaceKind.FADER, PlaceKind.KNOB)


class Showing:
    """Keeps `feedback` true."""

    def __init__(
        self, map: MidiMap, driver: Driver, wishes: Wishes, layers: Layers, turning: Turning, pressing: Pressing
    ) -> None:
        self.feedback = Feedback()
        self._map = map
        self._driver = driver
        self._wishes, self._layers, self._turning, self._pressing = wishes, layers, turning, pressing
        self._places = [place for place in map.places if place.ring or place.light]
        self._strips = [place for place in map.places if place.kind is PlaceKind.STRIP]
        self._focus: dict[int, str] = {}
        """The control of a column that was turned last: its strip is about it."""
        self._positions: dict[str, float] = {}
        self.readings = {binding.shows for binding in map.bindings if binding.shows}
        """The meters that this box shows."""

    def turned(self, place: Place) -> None:
        """A hand is on `place`: the strip above it is about it from now on."""
        self._focus[place.column] = place.name

    def laid_out(self) -> None:
        """The controls do other things than before: strips are about the encoders again."""
        self._focus.clear()

    def update(self, active: Mapping[str, Binding]) -> None:
        """Everything but meters, for what each control does now."""
        for place in self._places:
            self._show(place, active.get(place.name))
        for place in self._strips:
            self._write(place.column, self._subject(place.column, active))

    def meters(self, frame: Meters, active: Mapping[str, Binding]) -> None:
        """A meter frame came."""
        self._positions = {name: READINGS[name].position(frame) for name in self.readings}
        for binding in active.values():
            if binding.shows and binding.place.kind is PlaceKind.METER:
                self._level(binding.place.column, self._positions[binding.shows])
            elif binding.shows and binding.place.ring:
                self._turn(binding.place.ring, binding, self._positions[binding.shows])

    def _level(self, column: int, position: float) -> None:
        meter, overload = self._driver.meter(column), self._driver.overload(column)
        if meter and overload:
            self.feedback.want(meter, round(position * METER_TOP))
            self.feedback.want(overload, int(position >= 1))

    def _show(self, place: Place, binding: Binding | None) -> None:
        if binding is not None and binding.parameter and binding.parameter.id not in self._wishes.values:
            binding = None
        is_turned = binding is not None and binding.action in (Action.TURN, Action.SHOW)
        if place.light and not (is_turned and place.ring):
            self.feedback.want(place.light.spot, self._lit(place.light, binding))
        if place.ring and (is_turned or binding is None):
            self._ring(place, place.ring, binding)

    def _ring(self, place: Place, ring: Ring, binding: Binding | None) -> None:
        if binding is None:
            if not place.follows:
                self.feedback.want(ring.spot, ring.off)
        elif binding.shows:
            self._turn(ring, binding, self._positions.get(binding.shows, 0.0))
        elif binding.parameter:
            self._turn(ring, binding, binding.position_of(self._wishes.values[binding.parameter.id]))

    def _turn(self, ring: Ring, binding: Binding, position: float) -> None:
        style = binding.ring_style
        if ring.mode is not None and style in ring.modes:
            self.feedback.want(ring.mode, ring.modes[style])
        self.feedback.want(ring.spot, ring.value(style, position))

    def _lit(self, light: Light, binding: Binding | None) -> int:
        if binding is None:
            return light.off
        if binding.action is Action.TURN:
            is_waiting = self._turning.is_waiting(binding)
            return light.colours.get(WAITING, light.off) if is_waiting else light.on
        if not self._is_on(binding):
            return light.off
        if binding.action is Action.COMPARE and light.blink is not None:
            return light.blink  # A is for a moment
        return light.colours.get(binding.colour, light.on)

    def _is_on(self, binding: Binding) -> bool:
        layers = self._layers
        match binding.action:
            case Action.PRESET:
                return binding.preset == self._wishes.preset and not self._wishes.dirty
            case Action.PAGE:
                return layers.page == binding.to
            case Action.BANK:
                return layers.banks.get(binding.bank) == binding.to
            case Action.SHIFT:
                return binding.to in layers.on
            case Action.FLIP:
                return layers.flipped
            case Action.COMPARE:
                return self._pressing.compare.is_at_a
        return self._is_parameter_on(binding)

    def _is_parameter_on(self, binding: Binding) -> bool:
        if binding.parameter is None:
            return False
        value = self._wishes.values[binding.parameter.id]
        if binding.action is Action.SELECT:
            return value == binding.value
        return value if isinstance(value, bool) else value != binding.parameter.default

    def _subject(self, column: int, active: Mapping[str, Binding]) -> Binding | None:
        """The binding that a column's strip is about: of the control turned last, else of its encoder, else of its fader."""
        of_column = [it for it in active.values() if it.place.column == column and it.place.kind in TURNED and it.parameter]
        of_column.sort(key=lambda it: (it.place.name != self._focus.get(column), TURNED.index(it.place.kind), it.place.name))
        known = [it for it in of_column if it.parameter and it.parameter.id in self._wishes.values]
        return known[0] if known else None

    def _write(self, column: int, subject: Binding | None) -> None:
        upper, lower = self._driver.strip(column, 0), self._driver.strip(column, 1)
        if upper is None or lower is None:
            return
        name, text = "", ""
        if subject and subject.parameter:
            is_waiting = self._focus.get(column) == subject.place.name and self._turning.is_waiting(subject)
            name = "turn to" if is_waiting else short_name(subject.parameter.label)
            text = short_value(subject.parameter, self._wishes.values[subject.parameter.id])
        self.feedback.want(upper, name)
        self.feedback.want(lower, text)

    def waiting(self, active: Mapping[str, Binding]) -> dict[str, str]:
        """What each knob that has to be picked up must be turned to, by its name: `turn to -3.0 dB (EQ 1 gain)`."""
        hints = {}
        for name, binding in active.items():
            if binding.parameter and self._turning.is_waiting(binding):
                value = value_text(binding.parameter, self._wishes.values[binding.parameter.id])
                hints[name] = f"turn to {value} ({binding.parameter.label})"
        return hints
