from __future__ import annotations

import dataclasses
import html
import json
import re
from pathlib import Path

import mido
import numpy as np
import pytest

from presets.errors import GlissarError
from training.checkpoint import Trained
from training.comparing import listening
from training.data.bars import Bars
from training.data.dataset import Dataset
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
    written, bars = (folder / "index.html").read_text(), len(listening.unseen([measured]))
    assert bars > 1
    links = re.findall(r'href="([^"]+)">([^<]+)<', written)
    assert len(links) == bars * len(NAMES) * 2
    assert written.count("<button") == len(links) * (1 + len(listening.PLACES))
    assert [run for _, run in links[:2]] == ["small", "twin &amp; co"]
    assert all((folder / html.unescape(file)).is_file() for file, _ in links)


def test_what_the_page_plays_and_what_stands_in_the_file_are_the_bar_and_its_answers(
    measured: Measured, folder: Path
) -> None:
    bar = listening.unseen([measured]).tokens[0]
    (knob,) = (knob for knob in listening.turned(measured) if knob.name == "density")
    row = listening.row(measured, bar, knob)
    assert len(row) == 1 + len(listening.PLACES)
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
    told = listening.values(measured, row, "density")
    assert told == [str(sum(n.onset >= 0 for n in window.notes)) for window in row]
    written = (folder / "index.html").read_text()
    assert f'aria-label="density of small, half way: {told[3]}"' in written
    first = json.loads(re.findall(r"data-notes='([^']*)'", written)[0])
    assert [pitch for pitch, _, _ in first] == [n.pitch for n in row[0].notes]


def test_a_bar_that_any_run_has_met_is_left_out(measured: Measured) -> None:
    every = listening.unseen([measured])
    met, bars = every.tokens[0], measured.data.bars
    more = Bars(np.stack([met.astype(np.uint8)]), np.zeros(1, np.int32))
    data = dataclasses.replace(measured.data, bars={**bars, "train": more})
    other = dataclasses.replace(measured, data=data)
    assert np.array_equal(listening.unseen([measured, other]).tokens, every.tokens[1:])
    data = dataclasses.replace(measured.data, bars={**bars, "train": bars["test"]})
    with pytest.raises(GlissarError, match="no bar that these runs have not met"):
        listening.unseen([measured, dataclasses.replace(measured, data=data)])


def test_runs_of_different_windows_are_no_page(
    measured: Measured, lines: Dataset, tmp_path: Path
) -> None:
    other = Measured("other", dataclasses.replace(measured.trained, encoding=lines.encoding), lines)
    with pytest.raises(GlissarError, match="of one grid"):
        listening.write([measured, other], tmp_path)
