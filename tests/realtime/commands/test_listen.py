"""`glissar listen` on a JACK server: FluidSynth sounds what is fed and what answers."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
from click.testing import CliRunner

from presets.errors import GlissarError
from realtime.__main__ import cli
from realtime.stage.hearing import RATE

OUT = "glissar-out:out"
SYNTH = "listen-synth:left", "listen-synth:right"
FED = (72, 67, 64, 60)  # a beat each, in the first of two bars; the second is silent


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
    for tool in ("fluidsynth", "jack_rec"):
        if not shutil.which(tool):
            pytest.skip(f"no {tool} here: apt install fluidsynth timgm6mb-soundfont jackd2.")

    def start(*flags: str) -> Any:
        ports = ("--osc-port", str(free_udp_port), "--echo-port", str(free_udp_port + 1))
        command = ("-m", "realtime", "listen", "--preset", str(tiny_preset), *ports, *flags)
        with (jack.folder / "said.txt").open("wb") as said:
            return jack.python(*command, stderr=said, cwd=jack.folder)

    return start


def loudness(sound: np.ndarray, pitch: int) -> float:
    """The highest that the spectrum reaches within a third of a semitone of a pitch."""
    spectrum = abs(np.fft.rfft(sound * np.hanning(len(sound))))
    pitches = 69 + 12 * np.log2(np.maximum(np.fft.rfftfreq(len(sound), 1 / RATE), 1) / 440)
    return float(spectrum[abs(pitches - pitch) < 1 / 3].max())


def recorded(path: Path) -> np.ndarray:
    """The left and right of it as one, -1 to 1. Whoever wrote it was stopped before they had said
    in its header how long it is."""
    header, _, sound = path.read_bytes().partition(b"data" + bytes(4))
    assert int.from_bytes(header[24:28], "little") == RATE
    frames = np.frombuffer(sound[: len(sound) // 4 * 4], "<i2")
    return frames.reshape(-1, 2).mean(1) / 32768


@pytest.mark.ports
def test_fluidsynth_sounds_what_is_fed_and_what_answers(
    jack: Any, listen: Callable[..., Any], tune: Path
) -> None:
    """Two bars at 100: the first as fed, falling, the second as answered, rising to where nothing
    was fed. When a note is sent to the synthesizer its pitch is in the sound, none beside it: it is
    over five times as loud, also where a busy machine tears the sound."""
    peer = jack.peer()
    process = listen("--midi-file", str(tune), "-k", "contour=+1")
    peer.connect(OUT, peer.port)  # as soon as it is there
    jack.wait_for(*SYNTH)
    take = jack.folder / "take.wav"
    recorder = jack.spawn("jack_rec", "-f", str(take), "-d", "600", "-b", "16", *SYNTH)
    assert process.wait(90) == 0, (jack.folder / "said.txt").read_text()
    recorder.terminate()
    assert recorder.wait(90) == 0
    peer.wait_for_silence(0)
    peer.wait_for_silence(1)
    jack.wait_for(*SYNTH, gone=True)

    struck = [note for note in peer.heard() if note.data[0] in (0x90, 0x91)]
    dry, answer = (
        [note.data[1] for note in struck if note.data[0] & 15 == channel] for channel in (0, 1)
    )
    assert dry == list(FED)
    assert answer[0] == FED[0]
    assert answer[-1] >= FED[0] + 10
    sound = recorded(take)
    first = np.flatnonzero(abs(sound) > 0.01)[0]
    for note in struck:
        begin = first + note.frame - struck[0].frame
        now, pitch = sound[begin:][: RATE // 3], note.data[1]
        beside = [loudness(now, other) for other in (pitch - 1, pitch + 1)]
        assert loudness(now, pitch) > 5 * max(beside), (pitch, dry, answer)


@pytest.mark.ports
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_in_the_middle_of_a_note_ends_all_and_leaves_none(
    jack: Any, listen: Callable[..., Any], tune: Path, ending: signal.Signals
) -> None:
    peer = jack.peer()
    process = listen("--midi-file", str(tune))
    peer.connect(OUT, peer.port)
    peer.wait_for_notes(0, 3)
    process.send_signal(ending)
    assert process.wait(60) == 0
    peer.wait_for_silence(0)
    jack.wait_for(OUT, "midi-file:notes", *SYNTH, gone=True)


@pytest.mark.ports
def test_killed_it_leaves_neither_player_nor_synthesizer(
    jack: Any, listen: Callable[..., Any], tune: Path
) -> None:
    process = listen("--midi-file", str(tune))
    jack.wait_for(OUT, *SYNTH)
    process.kill()
    jack.wait_for(OUT, *SYNTH, gone=True)


@pytest.mark.ports
def test_where_nobody_plays_the_model_does(jack: Any, listen: Callable[..., Any]) -> None:
    peer = jack.peer()
    began = time.monotonic()
    process = listen("--tempo", "300")
    peer.connect(OUT, peer.port)
    peer.wait_for_notes(1, 6)
    assert time.monotonic() - began < 60  # the first bar within a minute: what is promised
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    peer.wait_for_silence(1)


@pytest.mark.ports
def test_a_driver_that_there_is_none_of_is_told(jack: Any, listen: Callable[..., Any]) -> None:
    process = listen("--audio", "nothing")
    assert process.wait(60) == 2
    said = (jack.folder / "said.txt").read_text()
    assert "FluidSynth does not start with audio by nothing and MIDI by jack (" in said
    assert subprocess.run(["pgrep", "-P", str(process.pid)]).returncode == 1


# --- what is refused, before anything is started --------------------------------------------------


def refusal(*args: str | Path) -> str:
    """The sentence that the command line prints before it exits with 2."""
    done = CliRunner().invoke(cli, ["listen", *map(str, args)])
    assert isinstance(done.exception, GlissarError), done.exception
    return str(done.exception)


def test_a_file_and_a_player_of_its_own_exclude_each_other(tune: Path) -> None:
    for own in (("--input", "keys"), ("--tempo", "90")):
        assert "leave --input and --tempo" in refusal("--midi-file", tune, *own)


def test_what_cannot_be_played_is_refused(tune: Path, tmp_path: Path) -> None:
    assert refusal("--preset", "nothing").startswith("there is no preset nothing")
    assert refusal("--knob", "volume=1").startswith("there is no knob volume; bach has ")
    assert refusal("--midi-file", tmp_path / "none.mid").startswith("there is no file ")
    assert "write --as 4/4" in refusal("--midi-file", tune, "--as", "3/4")
    (tmp_path / "x.mid").write_bytes(b"MThd")
    assert "is no MIDI file" in refusal("--midi-file", tmp_path / "x.mid")


def test_a_synthesizer_that_is_missing_is_told(tune: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert refusal("--midi-file", tune).startswith("FluidSynth, which is to sound, is not ")


def test_a_sound_font_that_is_none_is_told(
    tune: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fluidsynth").touch(0o755)  # never started
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "is no sound font" in refusal("--midi-file", tune, "--sound-font", tune)
