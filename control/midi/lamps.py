"""What a control shows for the daemon's state: positions on rings and faders, on and off under buttons."""

from __future__ import annotations

from collections.abc import Mapping

from masterd.control.midi.mapping import Action, Binding
from masterd.control.midi.profile import Profile
from masterd.control.parameters import Value


def shown_value(binding: Binding, profile: Profile, values: Mapping[str, Value], preset: str, dirty: bool) -> int | None:
    """The value to send to the control's light, ring or fader; None when there is nothing to show."""
    if binding.action is Action.PRESET:
        return _light(profile, binding.preset == preset and not dirty)
    if binding.parameter is None or binding.parameter.id not in values or binding.shown_on is None:
        return None
    value = values[binding.parameter.id]
    if binding.action in (Action.TOGGLE, Action.MOMENTARY):
        return _light(profile, value if isinstance(value, bool) else value != binding.parameter.default)
    position = binding.position_of(value)
    if not binding.is_relative:
        return round(position * binding.shown_on.top)
    return round(profile.ring_low + position * (profile.ring_high - profile.ring_low))


def _light(profile: Profile, is_on: bool) -> int:
    return profile.light_on if is_on else profile.light_off
