from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from presets.bar import TICKS_PER_QUARTER, Note, Window
from training.comparing import page
from training.figures import canvas


def window(*notes: tuple[int, int]) -> Window:
    """Of (beat, pitch), a beat each."""
    beat = TICKS_PER_QUARTER
    return Window.of(Note(at * beat, pitch, beat) for at, pitch in notes)


ROW = page.Row(
    "a & b",
    "midi/1.mid",
    [window((0, 60), (1, 62)), window((0, 60), (1, 72), (3, 59))],
    ["2", "−3"],
)


def drawn() -> ElementTree.Element:
    """The table; it is whole, or this raises."""
    made = page.bar("Bar 1", ("as played", "highest"), {"contour": ("semitones", [ROW, ROW])})
    return ElementTree.fromstring(f"<body>{made}</body>")


def test_every_column_and_every_button_says_what_it_is() -> None:
    heads = [head.text for head in drawn().iterfind(".//thead//th")]
    assert heads == ["as played", "highest"]
    buttons = list(drawn().iter("button"))
    assert [button.get("aria-label") for button in buttons[:2]] == [
        "contour of a & b, as played: 2",
        "contour of a & b, highest: −3",
    ]
    assert [(link.get("href"), link.text) for link in drawn().iter("a")] == 2 * [
        ("midi/1.mid", "a & b")
    ]


def test_a_button_has_its_notes_in_seconds() -> None:
    button = list(drawn().iter("button"))[1]
    beat = 60 / page.TEMPO
    notes = json.loads(button.get("data-notes", ""))
    assert [pitch for pitch, *_ in notes] == [60, 72, 59]
    assert [on for _, on, _ in notes] == pytest.approx([0, beat, 3 * beat])
    assert [off for *_, off in notes] == pytest.approx([beat, 2 * beat, 4 * beat])


def test_notes_that_were_not_played_have_another_colour() -> None:
    played, highest = (list(button.iter("rect")) for button in list(drawn().iter("button"))[:2])
    assert [note.get("fill") for note in played] == 2 * [canvas.BLUE]
    assert [note.get("fill") for note in highest] == [canvas.BLUE, canvas.RED, canvas.RED]
    heights = [int(note.get("y", "")) for note in highest]
    assert heights[0] - heights[1] == 12 * page.KEY


def test_a_whole_page_has_a_language_and_one_script() -> None:
    made = page.page("one < two", "body")
    assert '<html lang="en">' in made
    assert "<title>one &lt; two</title>" in made
    assert len(re.findall("<script>", made)) == 1
    assert "{{" not in made
