"""`glissar listen` on a JACK server: FluidSynth sounds what is fed and what answers."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest

from realtime.stage.rig import RATE

pytestmark = pytest.mark.ports

OUT = "glissar-out:out"
SYNTH = "listen-synth:left", "listen-synth:right"
FED = (60, 64, 67, 72)  # a beat each, in the first of two bars; the second is silent
LONG = 25  # s that are recorded: the tune, and the start of everything


@pytest.fixture(autouse=True)
def tools() -> None:
    for tool in ("fluidsynth", "jack_rec"):
        if not shutil.which(tool):
            pytest.skip(f"no {tool} here: apt install fluidsynth timgm6mb-soundfont jackd2.")


@pytest.fixture
def tune(tmp_path: Path) -> Path:
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(100))])
    for pitch in FED:
        track.append(mido.Message("note_on", note=pitch, velocity=100))
        track.append(mido.Message("note_off", note=pitch, time=480))
    track.append(mido.MetaMessage("end_of_track", time=4 * 480))
    file.tracks.append(track)
    file.save(tmp_path / "tune.mid")
    return tmp_path / "tune.mid"


@pytest.fixture
def listen(jack: Any, tiny_preset: Path, free_udp_port: int) -> Callable[..., Any]:
    def start(*flags: str) -> Any:
        ports = ("--osc-port", str(free_udp_port), "--echo-port", str(free_udp_port + 1))
        command = ("-m", "realtime", "listen", "--preset", str(tiny_preset), *ports, *flags)
        with (jack.folder / "said.txt").open("wb") as said:
            return jack.python(*command, stderr=said, cwd=jack.folder)

    return start


def loudness(sound: np.ndarray, pitch: float) -> float:
    """How much of a pitch's fundamental there is: amplitude, with a window's own width of 3 Hz."""
    time = np.arange(len(sound)) / RATE
    tone = np.exp(-2j * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time)
    return float(abs(np.mean(sound * np.hanning(len(sound)) * tone)))


def recorded(path: Path) -> np.ndarray:
    """The left and right of it as one, -1 to 1."""
    with wave.open(str(path)) as file:
        assert file.getframerate() == RATE
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return frames.reshape(-1, 2).mean(1) / 32768


def test_fluidsynth_sounds_what_is_fed_and_what_answers(
    jack: Any, listen: Callable[..., Any], tune: Path
) -> None:
    """Two bars at 100: the first as fed, the second as answered, with its last note an octave up.
    The notes that the synthesizer was sent are in its sound; those between them are not."""
    peer = jack.peer()
    process = listen("--midi-file", str(tune), "-k", "contour=+1")
    jack.wait_for(OUT, *SYNTH)
    peer.connect(OUT, peer.port)
    take = jack.folder / "take.wav"
    recorder = jack.spawn("jack_rec", "-f", str(take), "-d", str(LONG), "-b", "16", *SYNTH)
    assert process.wait(90) == 0, (jack.folder / "said.txt").read_text()
    assert recorder.wait(90) == 0
    peer.wait_for_silence(0)
    peer.wait_for_silence(1)
    jack.wait_for(*SYNTH, gone=True)

    dry, answer = (
        [note.data[1] for note in peer.notes(channel) if note.data[0] & 0xF0 == 0x90]
        for channel in (0, 1)
    )
    assert dry == list(FED)
    assert (answer[0], answer[-1]) == (FED[0], FED[-1] + 12)
    sound = recorded(take)
    [begin, *_] = np.flatnonzero(abs(sound) > 0.01)
    bar = round(2.4 * RATE)
    for heard, pitches in ((sound[begin:][:bar], dry), (sound[begin + bar :][:bar], answer)):
        there = {pitch: loudness(heard, pitch) for pitch in range(55, 90)}
        floor = np.median(list(there.values()))
        assert min(there[pitch] for pitch in pitches) > 5 * floor, (pitches, there)
    assert loudness(sound[begin:][:bar], answer[-1]) < 0.2 * loudness(
        sound[begin + bar :][:bar], answer[-1]
    )


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_in_the_middle_of_a_note_ends_all_and_leaves_none(
    jack: Any, listen: Callable[..., Any], tune: Path, ending: signal.Signals
) -> None:
    peer = jack.peer()
    process = listen("--midi-file", str(tune))
    jack.wait_for(OUT)
    peer.connect(OUT, peer.port)
    peer.wait_for_notes(0, 3)
    process.send_signal(ending)
    assert process.wait(60) == 0
    peer.wait_for_silence(0)
    jack.wait_for(OUT, "midi-file:notes", *SYNTH, gone=True)


def test_killed_it_leaves_neither_player_nor_synthesizer(
    jack: Any, listen: Callable[..., Any], tune: Path
) -> None:
    process = listen("--midi-file", str(tune))
    jack.wait_for(OUT, *SYNTH)
    process.kill()
    jack.wait_for(OUT, *SYNTH, gone=True)


def test_where_nobody_plays_the_model_does(jack: Any, listen: Callable[..., Any]) -> None:
    peer = jack.peer()
    began = time.monotonic()
    process = listen("--tempo", "300")
    jack.wait_for(OUT)
    peer.connect(OUT, peer.port)
    peer.wait_for_notes(1, 6)
    assert time.monotonic() - began < 60  # the first bar within a minute: what is promised
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    peer.wait_for_silence(1)


def test_a_driver_that_there_is_none_of_is_told(jack: Any, listen: Callable[..., Any]) -> None:
    process = listen("--audio", "nothing")
    assert process.wait(60) == 2
    said = (jack.folder / "said.txt").read_text()
    assert "FluidSynth does not start with audio by nothing and MIDI by jack (" in said
    assert subprocess.run(["pgrep", "-P", str(process.pid)]).returncode == 1
