from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import mido
import pytest

from presets.errors import GlissarError
from training import listening
from training.checkpoint import Trained
from training.dataset import Dataset
from training.figures import ar_traversals
from training.figures.measured import Measured

NAMES = ("rhythm", "range", "density", "contour")


@pytest.fixture(scope="module")
def measured(trained: Trained, data: Dataset) -> Measured:
    return Measured("small", trained, data)


@pytest.fixture(scope="module")
def folder(measured: Measured, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    other = Measured("twin & co", measured.trained, measured.data)
    assert listening.write([measured, other], folder) == folder / "index.html"
    return folder


def test_a_row_for_every_bar_knob_and_run(measured: Measured, folder: Path) -> None:
    page, bars = (
        (folder / "index.html").read_text(),
        len(ar_traversals.bars(measured, listening.BARS)),
    )
    assert bars > 1
    links = re.findall(r'href="([^"]+)">([^<]+)<', page)
    assert len(links) == bars * len(NAMES) * 2
    assert page.count("<button") == len(links) * (1 + listening.PLACES)
    assert {name for _, name in links[:8]} == {
        f"{knob}, {of}" for knob in NAMES for of in ("small", "twin &amp; co")
    }


def test_what_the_page_plays_and_what_stands_in_the_file_are_the_bar_and_its_answers(
    measured: Measured, folder: Path
) -> None:
    bar = ar_traversals.bars(measured, listening.BARS).tokens[0]
    places = listening._places(measured)["density"]
    row = listening._row(measured, bar, "density", places)
    assert len(row) == 1 + listening.PLACES
    notes = measured.trained.encoding.notes(bar)
    assert [(n.onset, n.pitch) for n in row[0].notes if n.onset >= 0] == [
        (n.onset, n.pitch) for n in notes
    ]
    file = mido.MidiFile(folder / "midi" / "1-density-small.mid")
    struck: list[tuple[int, int]] = []
    now = 0
    for message in file.tracks[0]:
        now += message.time
        if message.type == "note_on":
            struck.append((now, message.note))
    expected = [
        (max(0, n.onset) + 2 * k * window.length, n.pitch)
        for k, window in enumerate(row)
        for n in window.notes
    ]
    assert sorted(struck) == sorted(expected)
    page = (folder / "index.html").read_text()
    first = json.loads(re.findall(r"data-notes='([^']*)'", page)[0])
    assert [pitch for pitch, _, _ in first] == [n.pitch for n in row[0].notes]


def test_runs_of_different_windows_are_no_page(
    measured: Measured, lines: Dataset, tmp_path: Path
) -> None:
    other = Measured("other", dataclasses.replace(measured.trained, encoding=lines.encoding), lines)
    with pytest.raises(GlissarError, match="of one grid"):
        listening.write([measured, other], tmp_path)
