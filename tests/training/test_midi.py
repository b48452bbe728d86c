"""From a folder of MIDI files to a changed melody: prepare, run, evaluate, export, render."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import mido
import numpy as np
import pytest
from click.testing import CliRunner

from export.__main__ import cli as exporting
from realtime.__main__ import cli as playing
from training.__main__ import cli as training

FILES = 200
TUNE = Path(__file__).parents[1] / "tunes" / "ode-to-joy.mid"
CONFIG = """
data = "{data}"
epochs = 1
batch = {batch}
[model]
z = 6
embedding = 4
hidden = 8
mlp = 8
"""


def song(draw: np.random.Generator) -> mido.MidiFile:
    """A melody on the grid, chords and a bass on other channels, drums; about two bars."""
    file = mido.MidiFile(ticks_per_beat=480)
    file.tracks.append(
        mido.MidiTrack([mido.MetaMessage("time_signature", numerator=4, denominator=4)])
    )
    lengths = draw.choice([240, 480, 480, 960], 8)
    keys = draw.integers(57, 82, 8)  # so wide a melody stands in few keys
    file.tracks.append(part(0, [([int(k)], int(n)) for k, n in zip(keys, lengths, strict=True)]))
    file.tracks.append(part(1, [([60, 64, 67], 1920)] * 2))
    file.tracks.append(part(2, [([36], 480)] * 8))
    file.tracks.append(part(9, [([42], 240)] * 16))
    return file


def part(channel: int, struck: list[tuple[list[int], int]]) -> mido.MidiTrack:
    track = mido.MidiTrack()
    for pitches, length in struck:
        for kind, wait in (("note_on", 0), ("note_off", length)):
            for i, pitch in enumerate(pitches):
                time = 0 if i else wait
                track.append(mido.Message(kind, channel=channel, note=pitch, time=time))
    return track


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 songs in folders, one of them damaged, one a copy of another and one in 3/4."""
    folder = tmp_path_factory.mktemp("songs")
    draw = np.random.default_rng(7)
    for number in range(FILES):
        below = folder / f"book{number % 4}"
        below.mkdir(exist_ok=True)
        file = song(draw)
        if number == 3:
            file.tracks[0][0].numerator = 3
        file.save(below / f"{number:03}.mid")
    damaged = folder / "book0" / "000.mid"
    damaged.write_bytes(damaged.read_bytes()[:300])
    copy, of = folder / "book1" / "005.mid", folder / "book0" / "004.mid"
    copy.write_bytes(of.read_bytes())
    return folder


def glissar(package: str, *args: object) -> str:
    """What a command of glissar's says, run as a person runs it."""
    done = subprocess.run(
        [sys.executable, "-m", package, *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def here(command: click.Group, *args: object) -> None:
    """The same in this process: torch takes its time to be imported."""
    done = CliRunner().invoke(command, list(map(str, args)), catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_a_folder_becomes_an_instrument(folder: Path, tmp_path: Path) -> None:
    data, run, preset = (tmp_path / name for name in ("songs.npz", "run", "songs"))
    config, heard = tmp_path / "songs.toml", tmp_path / "heard.mid"

    glissar("training", "prepare", "--midi", folder, "-o", data)
    card = json.loads(data.with_suffix(".json").read_text())
    check(card)

    rows = card["splits"]["train"]["windows in all keys"]
    config.write_text(CONFIG.format(data=data, batch=rows // 20))
    glissar("training", "run", config, "-o", run, "--accelerator", "cpu", "--threads", 1)
    here(training, "evaluate", run, "--sample", 4, "--no-figures")
    here(exporting, run, "-o", preset)
    here(playing, "render", TUNE, "--preset", preset, "-k", "density=+1", "-o", heard)

    assert notes(heard)
    assert notes(heard) != notes(TUNE)
    made = json.loads((preset / "preset.json").read_text())
    assert made["plays"].startswith("One bar of 4/4, learnt from the melodies of 197 MIDI files")

    remade = tmp_path / "again"
    told = glissar("training", "again", preset, "-o", remade, "--threads", 1)
    weights = [(path / "model.safetensors").read_bytes() for path in (run, remade)]
    assert weights[0] == weights[1]
    assert "other than in" not in told
    assert " no" not in told.rpartition("in its interval")[2]


def check(card: dict[str, object]) -> None:
    assert card["files"] == FILES
    assert list(card["files that could not be read"]) == ["book0/000.mid"]
    assert card["files that are copies"] == {"book1/005.mid": "book0/004.mid"}
    assert card["files without a usable bar"] == ["book3/003.mid"]
    splits = card["splits"]
    works = [set(split["works"]) for split in splits.values()]
    assert sum(map(len, works)) == len(set.union(*works)) == FILES - 3
    assert all(split["bars kept"] for split in splits.values())
    left_out = card["left out"]
    assert left_out["parts that are a bass (half of their notes lie below MIDI 48)"] == FILES - 2


def notes(path: Path) -> list[tuple[float, int]]:
    now, found = 0.0, []
    for message in mido.MidiFile(path):
        now += message.time
        if message.type == "note_on" and message.velocity:
            found.append((round(now, 3), message.note))
    return found
