"""The console in the hands of an operator: keys turn the daemon, events arrive, a daemon that goes is seen to have gone."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from instruments.console import Operator, lines, operated, run
from instruments.daemon import Daemon
from textual import events

from masterd.control.tui.help import KEYS
from masterd.control.tui.plan import PAGES

SIGNS = {"question_mark": "?", "slash": "/", "equals_sign": "=", "escape": "esc", "f1": "F1"}
KNOWN_FROM_ELSEWHERE = {"ctrl+q", "ctrl+c", "j", "k", "pageup", "pagedown", "home"}


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with Daemon(config='[daemon]\npreset = "flat"\n') as running, running.found():
        yield running


@pytest.fixture
def flat(daemon: Daemon) -> Daemon:
    daemon.ask(op="preset.load", name="flat", glide_ms=0)
    return daemon


def value(daemon: Daemon, id: str):
    return daemon.ask(op="get", ids=[id])["result"][id]


def written(operator: Operator, words: str) -> bool:
    """Whether the log of the daemon in hand has it."""
    return any(words in entry.text for entry in operator.deck.station.log.entries)


async def chosen(operator: Operator, words: str, id: str) -> None:
    """Searches a parameter, and puts the cursor on it."""
    await operator.until(lambda: operator.deck.station.parameters)
    await operator.press("2", "slash")
    await operator.write(words)
    while operator.deck.parameters.chosen.id != id:
        before = operator.deck.parameters.cursor
        await operator.press("down")
        assert operator.deck.parameters.cursor > before, operator.screen()


def test_keys_turn_parameters_and_the_log_says_who(flat: Daemon) -> None:
    async def scene() -> None:
        async with operated("main") as operator:
            await chosen(operator, "ceiling", "limiter.ceiling_dbtp")
            await operator.press("left", "left", "minus", "ctrl+left")
            await operator.until(lambda: value(flat, "limiter.ceiling_dbtp") == pytest.approx(-2.5))
            await operator.until(lambda: operator.shows("-2.5 dBTP"))
            await operator.press("4")
            await operator.until(
                lambda: any("limiter.ceiling_dbtp -1.0 dBTP -> -2.5 dBTP" in it for it in lines(operator.deck.events))
            )
            assert any("(tui)" in it for it in lines(operator.deck.events))
            await operator.press("u")
            await operator.until(lambda: value(flat, "limiter.ceiling_dbtp") != pytest.approx(-2.5))
            await operator.press("r")
            await operator.until(lambda: value(flat, "limiter.ceiling_dbtp") == pytest.approx(-2.5))
            await operator.until(lambda: operator.shows("undo: limiter") and operator.shows("redo: limiter"))

    run(scene)


def test_values_are_typed_and_what_cannot_be_is_told_while_the_meters_go_on(flat: Daemon) -> None:
    async def scene() -> None:
        async with operated("main") as operator:
            await chosen(operator, "release limiter", "limiter.release_ms")
            await operator.press("enter")
            await operator.write("99999")
            await operator.until(lambda: "is outside 10 to 1000 ms" in str(operator.app.prompt.query_one("Label").render()))
            assert operator.app.prompt.is_open
            frame = operator.deck.station.frame
            await operator.until(lambda: operator.deck.station.frame.seq > frame.seq + 3)
            await operator.write("250")
            await operator.until(lambda: value(flat, "limiter.release_ms") == 250)
            await operator.press("d")
            await operator.until(lambda: value(flat, "limiter.release_ms") == 60)
            await operator.press("enter", "9", "escape")
            await operator.until(lambda: not operator.app.prompt.is_open)
            assert value(flat, "limiter.release_ms") == 60

    run(scene)


def test_switches_flip_and_the_wheel_turns_the_chosen_row_only_over_its_bar(flat: Daemon) -> None:
    async def scene() -> None:
        async with operated("main") as operator:
            await chosen(operator, "limiter drive", "limiter.drive_db")
            pane = operator.deck.parameters
            x, y = pane.size.width - 3, 1 + pane.cursor - pane.top
            pane.post_message(wheel(pane, events.MouseScrollUp, x, y))
            await operator.until(lambda: value(flat, "limiter.drive_db") == pytest.approx(0.2))
            before = pane.cursor
            pane.post_message(wheel(pane, events.MouseScrollUp, 3, y))
            await operator.pilot.pause(0.1)
            assert value(flat, "limiter.drive_db") == pytest.approx(0.2)
            assert pane.cursor <= before
            await operator.press("escape")
            await chosen(operator, "bypass", "bypass.on")
            await operator.press("space")
            await operator.until(lambda: value(flat, "bypass.on") is True)
            await operator.until(lambda: operator.shows("BYPASS"))

    run(scene)


def wheel(pane, kind, x: int, y: int):
    return kind(pane, x, y, 0, 0, 0, False, False, False, screen_x=x, screen_y=y)


def test_presets_are_loaded_with_a_glide_saved_and_deleted(flat: Daemon) -> None:
    async def scene() -> None:
        async with operated("main") as operator:
            await operator.until(lambda: operator.deck.station.presets)
            await operator.press("3", "g", "down", "enter")  # speech, in 5 s
            await operator.until(lambda: flat.ask(op="status")["result"]["preset"] == "speech")
            await operator.until(lambda: operator.shows("● speech") and operator.shows("as saved"))
            await operator.until(lambda: written(operator, "loads speech, ") and written(operator, "in 5 s"))
            flat.set(limiter__drive_db=7)
            await operator.until(lambda: operator.shows("changed since"))
            await operator.press("s")
            await operator.write("Evening")
            await operator.until(lambda: operator.shows("● Evening"))
            await operator.press("end", "x")
            await operator.write("y")
            await operator.until(lambda: "Evening" not in operator.deck.station.presets)
            await operator.press("home", "s")
            await operator.write("flat")
            await operator.until(
                lambda: any("refused" in it.text and "factory" in it.text for it in operator.deck.station.log.entries)
            )

    run(scene)


def test_a_and_b_change_sides_on_air_and_a_lock_keeps_others_off(flat: Daemon) -> None:
    async def scene() -> None:
        async with operated("main") as operator:
            await operator.until(lambda: operator.deck.station.values)
            await operator.press("b")
            flat.set(limiter__drive_db=6, eq__1__on=True)
            await operator.until(lambda: operator.deck.station.values["eq.1.on"] is True)
            await operator.press("b")
            await operator.until(lambda: (value(flat, "limiter.drive_db"), value(flat, "eq.1.on")) == (0, False))
            await operator.until(lambda: operator.deck.station.compare.on_air == "A")
            await operator.press("b")
            await operator.until(lambda: (value(flat, "limiter.drive_db"), value(flat, "eq.1.on")) == (6, True))
            await operator.press("h")
            await operator.write("live")
            await operator.until(lambda: operator.shows("LOCKED by") and operator.shows(": live"))
            await operator.press("h")
            await operator.write("y")
            await operator.until(lambda: not operator.shows("LOCKED by"))

    run(scene)


def test_the_curve_is_what_the_daemon_has_designed(flat: Daemon) -> None:
    async def scene() -> None:
        async with operated("main", size=(160, 50)) as operator:
            await operator.until(lambda: operator.deck.station.response)
            flat.set(eq__1__on=True, eq__1__gain_db=9, eq__1__frequency_hz=1000, eq__1__q=2)
            pane = operator.deck.equaliser
            await operator.until(lambda: max(operator.deck.station.response.left_db) == pytest.approx(9, abs=0.1))
            assert len(operator.deck.station.response.left_db) == pane.points
            await operator.until(lambda: abs(top(lines(pane)[1:-1]) - lines(pane)[-1].index("1k")) <= 3)

    run(scene)


def top(rows: list[str]) -> int:
    """The column in which a curve of dots is highest; far off while there is none."""
    return next((at for row in rows for at, character in enumerate(row) if 0x2800 < ord(character) < 0x2900), -1000)


def test_alarms_and_the_sound_card_are_told(flat: Daemon) -> None:
    async def scene() -> None:
        async with operated("main") as operator:
            await operator.until(lambda: operator.shows("ON AIR") and operator.shows("12.3 ms"))
            preset = flat.state_folder / "presets" / "broken.toml"
            preset.parent.mkdir(exist_ok=True)
            preset.write_text("values = 3")
            flat.process.send_signal(signal.SIGHUP)
            await operator.until(lambda: operator.shows("ALARM preset_broken"))
            preset.unlink()
            flat.process.send_signal(signal.SIGHUP)
            await operator.until(lambda: operator.shows("preset_broken is over") and operator.shows("ON AIR"))

    run(scene)


def test_what_a_killed_daemon_left_grows_old_and_a_new_one_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTERD_RUNTIME_DIR", str(tmp_path / "runtime"))

    async def scene() -> None:
        async with operated("gone", size=(120, 40)) as operator:
            station = operator.deck.station
            await operator.until(lambda: operator.shows("no daemon 'gone' is running") and operator.shows("nothing yet"))
            with Daemon(name="gone", folder=tmp_path) as daemon:
                await operator.until(lambda: operator.shows("ON AIR") and not operator.shows(" old"))
                daemon.stop(signal.SIGKILL)
                await operator.until(lambda: all("s old" in "".join(lines(it)[:1]) for it in operator.panes() if it.TITLE))
                await operator.until(lambda: not station.gauges.output.peaks[0].level_db > -100)
                assert station.values  # what was known is still shown, in grey
                assert {role for it in operator.panes() if it.TITLE for line in it._lines[1:] for role in line.roles} <= {*"d "}
            first = station.status.boot_id
            with Daemon(name="gone", folder=tmp_path):
                await operator.until(lambda: operator.shows("ON AIR") and not operator.shows(" old"))
                assert station.status.boot_id != first
                assert sum("in reach" in it.text for it in station.log.entries) >= 2

    run(scene)


def test_daemons_stand_side_by_side_where_there_is_room(flat: Daemon) -> None:
    async def scene() -> None:
        with Daemon(name="second", folder=flat.folder):
            async with operated("main", "second", size=(160, 50)) as operator:
                await operator.until(lambda: all(deck.station.values for deck in operator.app.decks.all))
                left, right = operator.app.decks.all
                assert left.region.right <= right.region.x
                assert not operator.app.strips.display
                await operator.press("tab")
                await operator.until(lambda: operator.app.deck is right)
                await chosen(operator, "drive limiter", "limiter.drive_db")
                before = right.station.values["limiter.drive_db"]
                await operator.press("right")
                await operator.until(lambda: right.station.values["limiter.drive_db"] == pytest.approx(before + 0.2))
                assert value(flat, "limiter.drive_db") == 0
                await operator.pilot.resize_terminal(80, 24)
                await operator.until(lambda: [deck.display for deck in operator.app.decks.all] == [False, True])
                await operator.until(
                    lambda: all(f" {name} " in "".join(lines(operator.app.strips)) for name in ("main", "second"))
                )
                await operator.press("shift+tab")
                await operator.until(lambda: [deck.display for deck in operator.app.decks.all] == [True, False])
                await operator.pilot.click(operator.app.strips, offset=(60, 0))
                await operator.until(lambda: operator.app.deck is right)

    run(scene)


SIZES = ((80, 24), (160, 50), (58, 18), (40, 10))


def test_nothing_runs_over_the_edge(flat: Daemon) -> None:
    async def scene() -> None:
        async with operated("main", size=SIZES[0], target="-23") as operator:
            await operator.until(lambda: operator.deck.station.values and operator.deck.station.frame)
            for width, height in SIZES:
                await operator.pilot.resize_terminal(width, height)
                for number, page in enumerate(PAGES, 1):
                    await operator.press(str(number))
                    await operator.until(lambda: all(len(it._lines) == it.size.height for it in operator.panes()))
                    for pane in operator.panes():
                        assert operator.app.screen.region.contains_region(pane.region), (width, height, page, pane)
                        assert {len(text) for text in lines(pane)} == {pane.size.width}, (width, height, page, pane)
                    rows = operator.app.screen._compositor.render_strips()
                    assert ({row.cell_length for row in rows}, len(rows)) == ({width}, height)

    run(scene)


def test_the_help_names_every_key(flat: Daemon) -> None:
    async def scene() -> None:
        async with operated("main") as operator:
            await operator.press("question_mark")
            await operator.until(lambda: type(operator.app.screen).__name__ == "Help")
            await operator.press("escape")
            await operator.until(lambda: type(operator.app.screen).__name__ == "Desk")
            told = " ".join(" ".join(row) for _, keys in KEYS for row in keys)
            owners = (operator.app, operator.deck.parameters, operator.deck.presets, operator.deck.events)
            bound = {key for owner in owners for key in owner._bindings.key_to_bindings} - KNOWN_FROM_ELSEWHERE
            missing = {key for key in bound if SIGNS.get(key, key).rpartition("+")[2] not in told}
            assert not missing

    run(scene)
