"""The desk: addresses change the performer's choices; every change is echoed as it was taken."""

from __future__ import annotations

from math import nan
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import Note, Window
from presets.constraint import REALISM
from presets.folders import shipped
from presets.preset import read_named
from presets.rules import Menu
from realtime import controls
from realtime.choices import ON
from realtime.controls import ROOT
from realtime.desk import Desk
from realtime.events import (
    Action,
    Echo,
    Halt,
    Panic,
    Roll,
    SetSource,
    SetTempo,
    SetThru,
    Trouble,
)
from realtime.history import History
from realtime.state import State, Taken


@pytest.fixture
def desk() -> Desk:
    return Desk("tiny", ["density", "contour"], State())


def set_(desk: Desk, path: str, *args: Any) -> list[Action]:
    return list(desk.set(f"{ROOT}/{path}", args))


def echo(path: str, *args: Any) -> Echo:
    return Echo(f"{ROOT}/{path}", args)


def test_a_knob_is_turned_and_echoed(desk: Desk) -> None:
    assert set_(desk, "knob/density", 0.5) == [echo("knob/density", 0.5)]
    assert desk.state.knobs == {"density": ("offset", 0.5)}


def test_the_echo_is_the_clamped_value(desk: Desk) -> None:
    assert set_(desk, "knob/density", 12) == [echo("knob/density", 1.0)]
    assert set_(desk, "delay", 12) == [echo("delay", 8)]
    assert (desk.state.knobs["density"], desk.state.delay) == (("offset", 1.0), 8)


def test_a_knob_has_one_reading_at_a_time(desk: Desk) -> None:
    set_(desk, "knob/density", 0.5)
    assert set_(desk, "knob/density/target", 0.8) == [echo("knob/density/target", 0.8)]
    assert desk.state.knobs == {"density": ("target", 0.8)}
    set_(desk, "knob/density", 0)
    assert desk.state.knobs == {"density": ("offset", 0.0)}


def test_an_offset_of_nothing_engages_nothing_and_a_target_always_does(desk: Desk) -> None:
    assert not desk.moves
    set_(desk, "knob/density", -0.0)
    assert not desk.moves
    set_(desk, "knob/density/target", 0.0)
    assert desk.moves
    set_(desk, "knob/density", 0)
    assert not desk.moves
    set_(desk, "edit", "full")
    assert desk.moves


def test_menus_are_echoed_by_name(desk: Desk) -> None:
    assert set_(desk, "mode", 1) == [echo("mode", "freeze")]
    assert set_(desk, "edit", "full") == [echo("edit", "full")]
    assert (desk.state.mode, desk.state.edit) == ("freeze", "full")


@pytest.mark.parametrize(
    ("path", "given", "action", "told"),
    [
        ("transport/play", 1, Roll(), 1),
        ("transport/play", 0, Halt(), 0),
        ("transport/tempo", 1000, SetTempo(400.0), 400.0),
        ("transport/source", 1, SetSource("clock"), "clock"),
        ("transport/source", "link", SetSource("link"), "link"),
        ("thru", False, SetThru(False), 0),
    ],
)
def test_the_players_controls_are_passed_on_and_echoed(
    desk: Desk, path: str, given: Any, action: Action, told: Any
) -> None:
    assert set_(desk, path, given) == [action, echo(path, told)]


def test_a_source_that_is_missing_here_is_refused_and_the_old_one_told() -> None:
    desk = Desk("tiny", ["density"], State(source="clock"), missing={"link": "install it."})
    said = [Trouble("link", "install it."), echo("transport/source", "clock")]
    assert set_(desk, "transport/source", "link") == said
    assert desk.state.source == "clock"
    assert set_(desk, "transport/source", 0)[0] == SetSource("internal")


def taps(desk: Desk, *times: float) -> list[Action]:
    return [a for time in times for a in desk.set(f"{ROOT}/transport/tap", (), time)]


def test_taps_beat_the_tempo(desk: Desk) -> None:
    assert taps(desk, 7.0) == []
    assert taps(desk, 7.5) == [SetTempo(120.0), echo("transport/tempo", 120.0)]


def test_a_tapped_tempo_is_clamped_like_any(desk: Desk) -> None:
    assert taps(desk, 7.0, 7.01) == [SetTempo(400.0), echo("transport/tempo", 400.0)]


@pytest.mark.parametrize("args", [(), (1,), (0.3,), (127,), (True,)])
def test_a_tap_takes_any_number_or_none(desk: Desk, args: tuple[Any, ...]) -> None:
    both = [list(desk.set(f"{ROOT}/transport/tap", args, time)) for time in (1.0, 2.0)]
    assert both == [[], [SetTempo(60.0), echo("transport/tempo", 60.0)]]


@pytest.mark.parametrize("args", [(0,), (0.0,), (False,)])
def test_a_button_that_is_let_go_is_no_tap(desk: Desk, args: tuple[Any, ...]) -> None:
    taps(desk, 1.0)
    assert list(desk.set(f"{ROOT}/transport/tap", args, 1.2)) == []
    assert taps(desk, 2.0)[0] == SetTempo(60.0)


def test_a_tempo_may_take_its_beats(desk: Desk) -> None:
    assert set_(desk, "transport/tempo", 90, 8) == [
        SetTempo(90.0, 8.0),
        echo("transport/tempo", 90.0, 8.0),
    ]
    assert set_(desk, "transport/tempo", 5, 5000) == [
        SetTempo(20.0, 1000.0),
        echo("transport/tempo", 20.0, 1000.0),
    ]
    assert set_(desk, "transport/tempo", 90, 0) == [SetTempo(90.0), echo("transport/tempo", 90.0)]


@pytest.mark.parametrize("args", [(90, nan), (90, "slowly"), (90, 4, 4), ()])
def test_a_bad_ramp_is_refused(desk: Desk, args: tuple[Any, ...]) -> None:
    (trouble,) = set_(desk, "transport/tempo", *args)
    assert isinstance(trouble, Trouble)
    assert trouble.code == "bad-value"


@pytest.mark.parametrize(
    ("path", "args"),
    [("play", (1,)), ("tempo", (90,)), ("tempo", (90, 8)), ("tap", ()), ("tap", (1,))],
)
def test_the_song_is_up_to_a_clock_that_is_followed(
    desk: Desk, path: str, args: tuple[Any, ...]
) -> None:
    set_(desk, "transport/source", "clock")
    (trouble,) = set_(desk, f"transport/{path}", *args)
    assert isinstance(trouble, Trouble)
    assert trouble.sentence.startswith(f"{ROOT}/transport/{path} is up to the clock")


def test_in_a_link_session_the_song_is_everybodys(desk: Desk) -> None:
    set_(desk, "transport/source", "link")
    assert set_(desk, "transport/play", 1)[0] == Roll()
    assert set_(desk, "transport/tempo", 90, 8)[0] == SetTempo(90, 8)


def test_panic_is_passed_on(desk: Desk) -> None:
    assert set_(desk, "panic") == [Panic()]
    assert set_(desk, "panic/all") == [Panic(every_key=True)]


def test_thru_is_part_of_the_state(desk: Desk) -> None:
    set_(desk, "thru", 0)
    assert desk.state.thru is False


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(("mode", "follow"), ("edit", "residual"), ("delay", 1), ("thru", 1)),
        *(("knob/density", 0.0), ("knob/contour/target", 0.25)),
    ],
)
def test_a_query_is_answered_on_the_address_asked(desk: Desk, path: str, value: Any) -> None:
    set_(desk, "knob/contour/target", 0.25)
    assert set_(desk, "query", f"{ROOT}/{path}") == [echo(path, value)]


def test_a_query_for_what_lies_beneath_tells_all_that_is_known_there(desk: Desk) -> None:
    set_(desk, "knob/contour/target", 0.25)
    knobs = [echo("knob/density", 0.0), echo("knob/contour/target", 0.25)]
    assert set_(desk, "query", f"{ROOT}/knob") == knobs
    everything = set_(desk, "query", ROOT)
    assert [each for each in everything if each in knobs] == knobs
    assert {echo("mode", "follow"), echo("delay", 1)} <= set(everything)
    assert set_(desk, "query", f"{ROOT}/state") == []  # which is up to others


def test_what_is_no_address_is_not_told() -> None:
    """Realism is a constraint with an address of its own."""
    menus = [Menu(REALISM, (ON,))]
    desk = Desk("tiny", [], State(), menus, [REALISM])
    addresses = controls.table([], menus, [REALISM])
    told = [action for action in desk.set(f"{ROOT}/query", (ROOT,)) if isinstance(action, Echo)]
    assert f"{ROOT}/{controls.GUARD}" in {each.address for each in told}
    assert {each.address for each in told} <= set(addresses)
    (trouble,) = desk.set(f"{ROOT}/query", (f"{ROOT}/constrain/{REALISM}",))
    assert isinstance(trouble, Trouble)


@pytest.mark.parametrize("asked", ["/nothing", f"{ROOT}/knob/loudness", "", f"{ROOT}/"])
def test_a_query_for_what_is_not_known_is_told_so(desk: Desk, asked: str) -> None:
    (trouble,) = set_(desk, "query", asked)
    assert isinstance(trouble, Trouble)
    assert trouble.code == "unknown-address"


@pytest.mark.parametrize(
    "address", ["/glissar/knob/loudness", "/glissar", "/other/mode", "", "/glissar/knob/*"]
)
def test_an_unknown_address_changes_nothing_and_is_reported(desk: Desk, address: str) -> None:
    (trouble,) = desk.set(address, (1.0,))
    assert isinstance(trouble, Trouble)
    assert trouble.code == "unknown-address"
    assert desk.state == State()


@pytest.mark.parametrize("args", [(nan,), ("x",), (), (1, 2), (None,)])
def test_a_bad_value_changes_nothing_and_is_reported(desk: Desk, args: tuple[Any, ...]) -> None:
    (trouble,) = set_(desk, "knob/density", *args)
    assert isinstance(trouble, Trouble)
    assert trouble.code == "bad-value"
    assert desk.state == State()


def test_a_sentence_never_repeats_a_whole_datagram(desk: Desk) -> None:
    long = "/" + "x" * 60_000
    for actions in (desk.set(long, ()), desk.set(f"{ROOT}/query", (long,))):
        (trouble,) = actions
        assert isinstance(trouble, Trouble)
        assert len(trouble.sentence) < 200


@pytest.mark.parametrize("name", shipped())
def test_a_surface_is_told_only_of_addresses_that_there_are(name: str) -> None:
    """Of a rule that has a menu and an amount elsewhere, as realism has, neither is told."""
    manifest = read_named(name).manifest
    table = controls.of(manifest)
    for knobs in ({}, {knob: ("target", 0.5) for knob in manifest.knobs}):
        told = Desk.of(manifest, State(knobs, free=knobs), History(), {}).tell_all()
        assert {echo.address for echo in told} <= table.keys()


def test_the_state_survives_its_way_to_the_supervisor_and_back() -> None:
    window = Window.of([Note(-200, 60, 900, 90), Note(960, 64, 5000, 1)])
    taken = Taken(window, ((0, b"\xe0\x00\x40"), (12, b"\xb0\x01\x7f")), open=True)
    state = State({"density": ("target", 0.3)}, "freeze", "full", 0.5, 3, 2, False, "clock", taken)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=State) == state


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
paths = st.sampled_from(
    ["knob/density", "knob/contour/target", "mode", "edit", "delay", "thru", "query", "panic"]
)


@given(st.lists(st.tuples(paths, values), max_size=12))
def test_whatever_is_set_the_state_stays_one_that_can_be_kept(
    settings: list[tuple[str, Any]],
) -> None:
    desk = Desk("tiny", ["density", "contour"], State())
    for path, value in settings:
        set_(desk, path, value)
    state = desk.state
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=State) == state
    assert state.mode in ("follow", "freeze")
    assert 1 <= state.delay <= 8
    assert all(-1 <= number <= 1 for _, number in state.knobs.values())
