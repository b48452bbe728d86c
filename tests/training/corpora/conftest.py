"""MIDI files as a few words: tracks of notes, in quarters; and music read without processes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import mido
import pytest

from training.corpora import pool

Played = tuple[float, int, float]  # onset, pitch, duration; in quarter notes
WriteMidi = Callable[..., bytes]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Music is read in this process: others take longer to start than a song takes to read. (Every
    corpus has a test in which they do read.)"""
    monkeypatch.setattr(pool, "on_all_cores", map)


@pytest.fixture(scope="session")
def midi() -> WriteMidi:
    """A MIDI file's bytes, of one part a channel: `midi({0: notes, 9: drums}, meters=…)`."""

    def made(
        parts: dict[int, Sequence[Played]],
        meters: Sequence[tuple[float, int, int]] = ((0, 4, 4),),
        resolution: int = 480,
        path: Path | None = None,
    ) -> bytes:
        file = mido.MidiFile(ticks_per_beat=resolution)
        song = [
            (at, mido.MetaMessage("time_signature", numerator=n, denominator=d))
            for at, n, d in meters
        ]
        file.tracks.append(_track(song, resolution))
        for channel, notes in parts.items():
            sounding = [
                (at + (length if kind == "note_off" else 0), _message(kind, channel, pitch))
                for at, pitch, length in notes
                for kind in ("note_on", "note_off")
            ]
            offs_first = sorted(sounding, key=lambda e: (e[0], e[1].type == "note_on"))
            file.tracks.append(_track(offs_first, resolution))
        content = io.BytesIO()
        file.save(file=content)
        if path:
            path.write_bytes(content.getvalue())
        return content.getvalue()

    return made


def _message(kind: str, channel: int, pitch: int) -> mido.Message:
    return mido.Message(kind, channel=channel, note=pitch, velocity=80)


def _track(timed: Sequence[tuple[float, mido.Message]], resolution: int) -> mido.MidiTrack:
    track, now = mido.MidiTrack(), 0
    for at, message in timed:
        tick = round(at * resolution)
        track.append(message.copy(time=tick - now))
        now = tick
    return track
