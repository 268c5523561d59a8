"""The state: atomic, numbered, undoable; checked against a model that keeps everything."""

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from masterd.control.errors import BadRequest, NothingToUndo, OutOfRange, RevisionConflict, UnknownParameter, WrongType
from masterd.control.parameters import PARAMETERS, defaults
from masterd.daemon.state import FLOOD_S, Saved, State

CEILING, DRIVE = "limiter.ceiling_dbtp", "limiter.drive_db"


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def state(clock):
    return State(clock=clock)


def test_set_changes_what_it_names_and_says_so(state):
    heard = []
    state.listeners.append(heard.append)
    change = state.set({CEILING: -3, DRIVE: 2}, origin="knob", glide_ms=100)
    assert (state.values[CEILING], state.values[DRIVE], state.revision) == (-3.0, 2.0, 1)
    assert change.changes == {CEILING: (-1.0, -3.0), DRIVE: (0.0, 2.0)}
    assert (change.revision, change.origin, change.cause, change.glide_ms, change.dirty) == (1, "knob", "set", 100, True)
    assert heard == [change]


@pytest.mark.parametrize(
    ("values", "error", "parameter"),
    [
        ({DRIVE: 2, CEILING: -33}, OutOfRange, CEILING),
        ({DRIVE: 2, CEILING: float("nan")}, OutOfRange, CEILING),
        ({DRIVE: 2, CEILING: float("inf")}, OutOfRange, CEILING),
        ({DRIVE: 2, CEILING: True}, WrongType, CEILING),
        ({DRIVE: 2, CEILING: 10**400}, OutOfRange, CEILING),
        ({DRIVE: 2, "limiter.ceiling": -3}, UnknownParameter, "limiter.ceiling"),
        ({DRIVE: 2, "eq.1.type": "bel"}, WrongType, "eq.1.type"),
        ({DRIVE: 2, "eq.on": "yes"}, WrongType, "eq.on"),
    ],
)
def test_a_refused_set_changes_nothing(state, values, error, parameter):
    before = state.saved()
    state.listeners.append(lambda it: pytest.fail("a refusal was told as a change"))
    with pytest.raises(error) as refused:
        state.set(values)
    assert refused.value.parameter == parameter
    assert state.saved() == before
    with pytest.raises(NothingToUndo):
        state.undo()


def test_a_refusal_tells_all_reasons(state):
    with pytest.raises(OutOfRange) as refused:
        state.set({CEILING: 99, "nothing.here": 1, "eq.on": "maybe"})
    assert all(it in str(refused.value) for it in (CEILING, "nothing.here", "eq.on"))


def test_setting_what_already_is_moves_nothing(state):
    state.listeners.append(lambda it: pytest.fail("nothing changed"))
    change = state.set({CEILING: -1})
    assert (change.revision, dict(change.changes)) == (0, {})


def test_an_expected_revision_must_be_the_present_one(state):
    state.set({DRIVE: 1})
    state.set({DRIVE: 2}, if_revision=1)
    for turn in (
        lambda: state.set({DRIVE: 3}, if_revision=1),
        lambda: state.adjust({DRIVE: 3}, if_revision=0),
        lambda: state.load("flat", {}, if_revision=3),
    ):
        with pytest.raises(RevisionConflict, match="revision 2"):
            turn()
    assert state.values[DRIVE] == 2


@pytest.mark.parametrize(
    ("id", "amount", "travel", "wanted"),
    [
        (CEILING, -2, False, -3),
        (CEILING, -200, False, -12),
        (CEILING, 200, False, 0),
        (CEILING, 0.25, True, 0),  # from -1 of -12..0
        (CEILING, -0.25, True, -4),
        ("eq.1.type", 2, False, "high_shelf"),
        ("eq.1.type", -5, False, "bell"),
        ("eq.1.type", 99, False, "all_pass"),
        ("eq.1.type", 0.5, True, "low_pass"),
        ("eq.on", -1, False, False),
        ("bypass.on", 0.01, True, True),
        ("bypass.on", 0, False, False),
    ],
)
def test_adjust_moves_and_holds_at_the_ends(state, id, amount, travel, wanted):
    state.adjust({id: amount}, travel=travel)
    assert state.values[id] == pytest.approx(wanted) if isinstance(wanted, int) else state.values[id] == wanted


def test_travel_follows_the_curve(state):
    """Half the travel of a logarithmic range is the geometric mean's ratio: 10 Hz to 20 kHz, sqrt(2000) per half."""
    state.set({"eq.1.frequency_hz": 10})
    state.adjust({"eq.1.frequency_hz": 0.5}, travel=True)
    assert state.values["eq.1.frequency_hz"] == pytest.approx(10 * 2000**0.5)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), True, "1", None])
def test_an_amount_must_be_a_finite_number(state, amount):
    with pytest.raises(WrongType):
        state.adjust({DRIVE: 1, CEILING: amount})
    assert state.revision == 0


def test_undo_and_redo_walk_along_the_changes(state):
    for value in (1, 2, 3):
        state.set({DRIVE: value})
        state._last = None
    assert state.undo(2, origin="me").changes == {DRIVE: (3.0, 1.0)}
    assert state.redo().changes == {DRIVE: (1.0, 2.0)}
    with pytest.raises(NothingToUndo, match="1 to redo"):
        state.redo(2)
    state.set({DRIVE: 9})
    with pytest.raises(NothingToUndo):
        state.redo()
    assert state.undo().changes == {DRIVE: (9.0, 2.0)}
    for steps in (0, -1):
        with pytest.raises(BadRequest):
            state.undo(steps)


def test_at_least_fifty_steps_are_kept(state):
    for value in range(300):
        state.set({DRIVE: value % 7, CEILING: -(value % 5)}, origin=str(value))
    state.undo(50)
    with pytest.raises(NothingToUndo):
        state.undo(10_000)


def test_a_turn_of_a_knob_is_one_step(state, clock):
    for tick in range(40):
        clock.now_s += FLOOD_S * 0.9
        state.set({DRIVE: tick * 0.1}, origin="knob 1")
    assert state.revision == 39
    assert state.undo().changes == {DRIVE: (pytest.approx(3.9), 0.0)}


@pytest.mark.parametrize("other", [{"origin": "knob 2"}, {"values": {DRIVE: 2, CEILING: -2}}, {"pause_s": FLOOD_S}])
def test_another_hand_another_knob_or_a_pause_is_another_step(state, clock, other):
    state.set({DRIVE: 1}, origin="knob 1")
    clock.now_s += other.get("pause_s", 0.1)
    state.set(other.get("values", {DRIVE: 2}), origin=other.get("origin", "knob 1"))
    state.undo()
    assert state.values[DRIVE] == 1


def test_a_turn_after_an_undo_is_a_new_step(state, clock):
    for value in (1, 2):
        state.set({DRIVE: value}, origin="knob")
    state.undo()
    state.set({DRIVE: 3}, origin="knob")
    assert state.undo().changes == {DRIVE: (3.0, 0.0)}


def test_a_preset_leaves_out_what_is_flat_and_is_clean_until_touched(state):
    state.set({CEILING: -5})
    change = state.load("mine", {DRIVE: 4})
    assert (state.preset, state.dirty, state.values[CEILING]) == ("mine", False, -1.0)
    assert change.changes == {CEILING: (-5.0, -1.0), DRIVE: (0.0, 4.0)}
    state.set({DRIVE: 5})
    assert state.dirty
    state.set({DRIVE: 4})
    assert not state.dirty


def test_undo_brings_the_preset_back_too(state):
    state.load("one", {DRIVE: 4})
    state.load("two", {DRIVE: 8})
    state.undo()
    assert (state.preset, state.dirty, state.values[DRIVE]) == ("one", False, 4.0)


def test_saving_a_preset_is_a_revision_but_no_step(state):
    state.set({DRIVE: 4})
    change = state.keep("mine", origin="me")
    assert (change.revision, dict(change.changes), change.preset, change.dirty) == (2, {}, "mine", False)
    state.undo()
    assert (state.preset, state.values[DRIVE]) == ("flat", 0.0)
    state.redo()
    assert (state.preset, state.dirty) == ("mine", False)


def test_what_was_saved_is_where_it_goes_on(state):
    state.load("mine", {DRIVE: 4})
    state.set({CEILING: -2})
    again = State(state.saved())
    assert again.saved() == state.saved()
    assert (again.dirty, again.revision) == (True, 2)


def test_a_saved_state_without_a_newer_parameter_is_flat_there():
    assert State(Saved(5, "x", {DRIVE: 3.0}, {})).values == defaults() | {DRIVE: 3.0}


IDS = st.sampled_from([CEILING, DRIVE, "eq.on", "eq.1.type", "eq.1.frequency_hz"])


def value_of(id):
    it = PARAMETERS[id]
    if it.choices:
        return st.sampled_from(it.choices)
    return st.booleans() if it.kind == "switch" else st.floats(it.min, it.max)


VALUES = st.dictionaries(IDS, st.none(), min_size=1).flatmap(lambda ids: st.fixed_dictionaries({id: value_of(id) for id in ids}))


class Walk(RuleBasedStateMachine):
    """Every moment since the beginning in a list, with a cursor; a follower that only hears changes."""

    @initialize()
    def begin(self):
        self.clock = Clock()
        self.state = State(clock=self.clock, steps=1000)
        self.moments, self.at, self.revision = [dict(self.state.values)], 0, 0
        self.follower = dict(self.state.values)
        self.state.listeners.append(self.follow)

    def follow(self, change):
        self.revision += 1
        assert change.revision == self.revision
        for id, (old, new) in change.changes.items():
            assert self.follower[id] == old
            self.follower[id] = new

    def step(self, values):
        if values != self.moments[self.at]:
            self.moments[self.at + 1 :] = [values]
            self.at += 1

    @rule(values=VALUES)
    def set(self, values):
        self.clock.now_s += 1
        self.state.set(values)
        self.step(self.moments[self.at] | values)

    @rule(values=VALUES, id=IDS)
    def refuse(self, values, id):
        with pytest.raises((WrongType, OutOfRange)):
            self.state.set({**values, id: "no such value"})

    @rule(id=IDS, amount=st.floats(-1, 1))
    def adjust(self, id, amount):
        self.clock.now_s += 1
        self.state.adjust({id: amount}, travel=True)
        self.step(dict(self.state.values))

    @precondition(lambda self: self.at > 0)
    @rule(data=st.data())
    def undo(self, data):
        steps = data.draw(st.integers(1, self.at))
        self.state.undo(steps)
        self.at -= steps

    @precondition(lambda self: self.at < len(self.moments) - 1)
    @rule(data=st.data())
    def redo(self, data):
        steps = data.draw(st.integers(1, len(self.moments) - 1 - self.at))
        self.state.redo(steps)
        self.at += steps

    @rule()
    def too_far(self):
        for turn, left in ((self.state.undo, self.at), (self.state.redo, len(self.moments) - 1 - self.at)):
            with pytest.raises(NothingToUndo):
                turn(left + 1)

    @invariant()
    def is_where_the_model_is(self):
        assert dict(self.state.values) == self.moments[self.at] == self.follower
        assert self.state.revision == self.revision
        assert set(self.state.values) == set(PARAMETERS)


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
