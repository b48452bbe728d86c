from __future__ import annotations

import sys
from pathlib import Path

import mido
import pytest

from training import __main__ as command


def refusal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: str | Path
) -> str:
    """What `glissar-train prepare args` says as it refuses."""
    monkeypatch.setattr(sys, "argv", ["glissar-train", "prepare", *map(str, args)])
    with pytest.raises(SystemExit) as left:
        command.main()
    assert left.value.code == 2
    return capsys.readouterr().err


def song(path: Path, *pitches: int) -> None:
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    for pitch in pitches:
        track.append(mido.Message("note_on", note=pitch, time=0))
        track.append(mido.Message("note_off", note=pitch, time=480))
    file.tracks.append(track)
    file.save(path)


def test_music_that_is_all_alike_cannot_be_held_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for up in range(5):
        song(tmp_path / f"{up}.mid", 60 + up, 62 + up, 64 + up, 65 + up)
    (tmp_path / "damaged.mid").write_bytes(b"MThd")
    data = tmp_path / "new" / "data.npz"
    said = refusal(monkeypatch, capsys, "--midi", tmp_path, "-o", data)
    assert "5 of the 6 files" in said
    assert "1 files that could not be read" in said
    assert "give more music" in said
    assert not data.parent.exists()


def test_a_folder_without_music_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "has no MIDI files" in refusal(monkeypatch, capsys, "--midi", tmp_path)


def test_one_file_holds_one_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "one corpus" in refusal(monkeypatch, capsys, "--midi", tmp_path, "--folk")


def test_glsr_vae_has_no_protocol_of_rows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "leave it out" in refusal(monkeypatch, capsys, "--two-bars", "--rows")
