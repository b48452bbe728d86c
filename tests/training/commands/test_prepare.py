from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import mido
import pytest

Call = Callable[..., int]
Refusal = Callable[..., str]


@pytest.fixture
def refusal(call: Call, capsys: pytest.CaptureFixture[str]) -> Refusal:
    """What `glissar-train prepare args` says as it refuses."""

    def refused(*args: str | Path) -> str:
        assert call("prepare", *args) == 2
        return capsys.readouterr().err

    return refused


def song(path: Path, *pitches: int) -> None:
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    for pitch in pitches:
        track.append(mido.Message("note_on", note=pitch, time=0))
        track.append(mido.Message("note_off", note=pitch, time=480))
    file.tracks.append(track)
    file.save(path)


def test_music_that_is_all_alike_cannot_be_held_out(tmp_path: Path, refusal: Refusal) -> None:
    for up in range(5):
        song(tmp_path / f"{up}.mid", 60 + up, 62 + up, 64 + up, 65 + up)
    (tmp_path / "damaged.mid").write_bytes(b"MThd")
    data = tmp_path / "new" / "data.npz"
    said = refusal("--midi", tmp_path, "-o", data)
    assert "5 of the 6 files" in said
    assert "1 files that could not be read" in said
    assert "give more music" in said
    assert not data.parent.exists()


def test_a_folder_without_music_is_a_sentence(tmp_path: Path, refusal: Refusal) -> None:
    assert "has no MIDI files" in refusal("--midi", tmp_path)


def test_one_file_holds_one_corpus(tmp_path: Path, refusal: Refusal) -> None:
    assert "one corpus" in refusal("--midi", tmp_path, "--folk")


def test_glsr_vae_has_no_protocol_of_rows(refusal: Refusal) -> None:
    assert "leave it out" in refusal("--two-bars", "--rows")


@pytest.mark.parametrize("other", ["--pairs", "--two-bars"])
def test_melodies_have_their_own_number_of_bars(other: str, refusal: Refusal) -> None:
    assert "gives sixteen bars" in refusal("--melodies", other)


def test_a_dataset_replaces_no_other_kind_of_file(
    config: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    before = config.read_bytes()
    assert call("prepare", "-o", config) == 2
    assert "ends in .npz" in capsys.readouterr().err
    assert config.read_bytes() == before


def test_what_is_not_installed_is_named(
    call: Call, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "music21", None)
    for module in [name for name in sys.modules if name.startswith("training.corpora")]:
        monkeypatch.delitem(sys.modules, module)
    assert call("prepare") == 2
    assert ".[train]" in capsys.readouterr().err
