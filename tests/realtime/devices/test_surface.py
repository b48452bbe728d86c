"""What is on every device is what the control table has."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.constraint import Constraint
from presets.errors import GlissarError
from presets.manifest import Manifest
from presets.rules import Menu
from realtime.controls import ROOT, Address, table
from realtime.devices.surface import ORDER, Surface, Widget, surface


def widget(made: Surface, path: str) -> Widget:
    [found] = [widget for widget in made.widgets if widget.address == f"{ROOT}/{path}"]
    return found


@pytest.fixture(scope="module")
def rows(facts: Manifest) -> dict[str, Address]:
    return table(facts.knobs, facts.menus, [c.name for c in facts.constraints])


SNAPSHOTS = ("snapshot/save", "snapshot/recall", "snapshot/morph")


def test_every_kind_of_row_becomes_its_widget(whole: Surface) -> None:
    kinds = {
        path: widget(whole, path).kind
        for path in ("knob/density", "delay", "thru", "mode", "morph/a", "constrain/scale")
    }
    assert list(kinds.values()) == ["dial", "count", "switch", "menu", "button", "menu"]
    assert widget(whole, "constrain/density").options == ("off", "4", "6", "8")


def test_what_can_be_set_is_on_it_but_for_text_and_a_knobs_other_readings(
    whole: Surface, rows: dict[str, Address]
) -> None:
    missing = {path for path, row in rows.items() if row.writable}
    missing -= {w.address for w in whole.widgets}
    readings = {f"{ROOT}/knob/{k}/{r}" for k in ("density", "contour") for r in ("target", "value")}
    texts = {f"{ROOT}/{name}" for name in ("query", "cc/learn", "cc/forget", *SNAPSHOTS)}
    assert missing == readings | texts


def test_ranges_and_menus_are_the_tables(whole: Surface, rows: dict[str, Address]) -> None:
    for w in whole.widgets:
        row = rows[w.address]
        if w.kind == "menu":
            assert w.options == row.options or w.told != w.address
        else:
            assert (w.low, w.high) == (row.low, row.high)
        assert w.says.lower() == f"{row.says.lower()}."
    tempo = widget(whole, "transport/tempo")
    assert (tempo.low, tempo.high, tempo.unit) == (20, 400, "BPM")


def test_a_service_that_was_just_started_has_the_neutral_values(whole: Surface) -> None:
    neutral = {w.address.removeprefix(f"{ROOT}/"): w.neutral for w in whole.widgets if w.neutral}
    assert neutral == {
        "constrain/scale/amount": 1,
        "every": 1,
        "delay": 1,
        "thru": 1,
        "transport/play": 1,
        "transport/tempo": 120,
    }


def test_the_presets_are_a_menu_that_shows_which_one_plays(whole: Surface) -> None:
    load = widget(whole, "preset/load")
    assert load.options == ("bach", "session-2")
    assert load.told == f"{ROOT}/preset/name"


def test_without_presets_there_is_no_menu_of_them(facts: Manifest) -> None:
    assert all(w.told == w.address for w in surface(facts, [], 9010).widgets)


def test_short_names_say_no_more_than_they_must(whole: Surface) -> None:
    short = {w.name: w.short for w in whole.widgets if w.kind in ("dial", "count")}
    assert short["knob density"] == "Density"
    assert short["constrain scale amount"] == "Amount"
    assert short["transport tempo"] == "Tempo"


def test_what_is_heard_is_told_in_a_musicians_units(whole: Surface) -> None:
    assert [reading.label for reading in whole.readings] == [
        *("density in notes", "contour in semitones", "realism", "notes")
    ]


@given(st.data())
def test_any_manifest_makes_widgets_of_the_tables_rows(
    surfaces: st.SearchStrategy[Surface], data: st.DataObject
) -> None:
    made = data.draw(surfaces)
    assert len({w.name for w in made.widgets}) == len(made.widgets)
    shorts = [w.short for w in made.widgets if w.kind in ("dial", "count")]
    assert len(set(shorts)) == len(shorts)
    assert [w for group in ORDER for w in made.groups.get(group, [])] == list(made.widgets)
    for w in made.widgets:
        assert w.low <= w.neutral <= w.high
        assert w.kind != "menu" or w.high == len(w.options) - 1
        assert w.says.endswith(".")


@pytest.mark.parametrize(
    "entry",
    ["a,b", "a;b", "$1", "{}", 'say "so"', "a\nb", "bang", "symbol", "04", "1e3", ".5", "2."],
)
def test_an_entry_that_a_program_would_read_otherwise_is_refused(
    facts: Manifest, entry: str
) -> None:
    with pytest.raises(GlissarError, match=r"menu constrain mine has an entry .*rename it"):
        surface(with_menu(facts, "mine", (entry,)), [], 9010)


@pytest.mark.parametrize("entry", ["C#", "at least", "4", "-1.5", "Übermäßig", "1.2.3"])
def test_words_and_numbers_are_entries(facts: Manifest, entry: str) -> None:
    made = surface(with_menu(facts, "mine", (entry,)), [], 9010)
    assert widget(made, "constrain/mine").options == ("off", entry)


def test_a_number_for_a_name_is_refused(facts: Manifest) -> None:
    with pytest.raises(GlissarError, match=r"/glissar/constrain/8 has a number for a name"):
        surface(with_menu(facts, "8", ("x",)), [], 9010)


def with_menu(facts: Manifest, name: str, entries: tuple[str, ...]) -> Any:
    mine = Constraint("own", ["own"], [Menu(name, entries)])
    return msgspec.structs.replace(facts, constraints=[mine])
