"""`glissar render` as a person meets it: what it writes, and one sentence for everything else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import mido
import pytest

from presets.bar import Note
from realtime import midifile
from realtime.__main__ import main
from realtime.render import notes_of

ODE = Path(__file__).parents[2] / "tunes" / "ode-to-joy.mid"


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """The one sentence of a command that refused, after `glissar: `."""
        assert self.code == 2, (self.code, self.out, self.err)
        (line,) = self.err.splitlines()
        assert line.startswith("glissar: ")
        assert line.endswith(".")
        assert self.out == ""
        return line.removeprefix("glissar: ")


Glissar = Callable[..., Outcome]


@pytest.fixture
def glissar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Glissar:
    """The command, run in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["glissar", *map(str, args)])
        try:
            main()
            code = 0
        except SystemExit as done:
            code = done.code if isinstance(done.code, int) else int(bool(done.code))
        said = capfd.readouterr()
        return Outcome(code, said.out, said.err)

    return run


@pytest.fixture
def render(glissar: Glissar, tiny_preset: Path) -> Glissar:
    """`glissar render … -o out.mid` with the tiny preset."""

    def run(source: str | Path, *args: str | Path) -> Outcome:
        return glissar("render", source, "-o", "out.mid", "--preset", tiny_preset, *args)

    return run


def save(path: Path, *messages: Any, ppq: int = 480) -> Path:
    track = mido.MidiTrack(messages)
    mido.MidiFile(ticks_per_beat=ppq, tracks=[track]).save(path)
    return path


def on(pitch: int, time: int = 0) -> mido.Message:
    return mido.Message("note_on", note=pitch, time=time)


def off(pitch: int, time: int = 0) -> mido.Message:
    return mido.Message("note_off", note=pitch, time=time)


def in_meter(beats: int, unit: int) -> mido.MetaMessage:
    return mido.MetaMessage("time_signature", numerator=beats, denominator=unit)


def left_behind(*known: str) -> list[str]:
    return sorted(p.name for p in Path().iterdir() if p.name not in known)


# --- what it writes -------------------------------------------------------------------------------


def test_without_a_knob_the_notes_come_back(render: Glissar) -> None:
    done = render(ODE)
    assert (done.code, done.err) == (0, "")
    assert "62 notes in, 62 out, 62 of them untouched" in done.out
    ode = midifile.read(ODE)
    heard = midifile.read(Path("out.mid"))
    assert notes_of(heard.messages) == notes_of(ode.messages)
    assert (heard.tempos, heard.meters) == (ode.tempos, ode.meters)


def test_a_knob_changes_them(render: Glissar) -> None:
    assert render(ODE, "--knob", "density=+0.35").code == 0
    assert len(notes_of(midifile.read(Path("out.mid")).messages)) > 62


def test_the_picture_shows_both(render: Glissar) -> None:
    assert render(ODE, "--knob", "density=+0.35", "--svg", "out.svg").code == 0
    assert ElementTree.parse("out.svg").getroot().tag.endswith("svg")
    assert left_behind() == ["out.mid", "out.svg"]


def test_the_same_command_writes_the_same_bytes(render: Glissar) -> None:
    render(ODE, "--knob", "density=+0.35", "--variation", "0.5", "--seed", "3", "--svg", "out.svg")
    first = Path("out.mid").read_bytes(), Path("out.svg").read_bytes()
    render(ODE, "--knob", "density=+0.35", "--variation", "0.5", "--seed", "3", "--svg", "out.svg")
    assert first == (Path("out.mid").read_bytes(), Path("out.svg").read_bytes())


def test_a_file_is_not_rendered_over_itself(render: Glissar) -> None:
    shutil.copy(ODE, "out.mid")
    done = render("out.mid", "--knob", "density=+0.35")
    assert (done.code, "is the file to read" in done.err) == (2, True)
    assert Path("out.mid").read_bytes() == Path(ODE).read_bytes()


@pytest.mark.parametrize("command", [[], ["render"], ["presets"], ["presets", "show"], ["init"]])
def test_help_is_there(glissar: Glissar, command: Sequence[str]) -> None:
    done = glissar(*command, "--help")
    assert (done.code, done.err) == (0, "")
    assert "Usage: " in done.out


def test_the_command_is_there_as_a_module_with_its_exit_codes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "realtime", "render", "nothing.mid", "-o", "out.mid"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("glissar: ")
    assert "Traceback" not in done.stderr


# --- files that are no tune -----------------------------------------------------------------------


def test_a_missing_file(render: Glissar) -> None:
    assert render("nothing.mid").refusal == "there is no file nothing.mid."
    assert left_behind() == []


def test_an_empty_file(render: Glissar) -> None:
    Path("a.mid").write_bytes(b"")
    assert render("a.mid").refusal.startswith("a.mid is no MIDI file, or a damaged one")
    assert left_behind("a.mid") == []


def test_a_corrupt_file(render: Glissar) -> None:
    Path("a.mid").write_bytes(ODE.read_bytes()[:-40])
    assert render("a.mid").refusal.startswith("a.mid is no MIDI file, or a damaged one")
    assert left_behind("a.mid") == []


def test_a_folder(render: Glissar) -> None:
    assert render(".").refusal == ". is a folder; give a MIDI file."


def test_a_file_with_no_notes(render: Glissar) -> None:
    save(Path("a.mid"), in_meter(4, 4))
    assert render("a.mid").refusal == "a.mid has no notes; give a file with a melody."
    assert left_behind("a.mid") == []


def test_a_file_in_another_meter_and_both_remedies(render: Glissar) -> None:
    save(Path("waltz.mid"), in_meter(3, 4), on(60), off(60, 480))
    assert render("waltz.mid").refusal == (
        "waltz.mid is in 3/4 at bar 1 and the preset plays 4/4; choose a --preset that fits, or "
        "read the file as if it were with --as 4/4."
    )
    assert left_behind("waltz.mid") == []
    assert render("waltz.mid", "--as", "4/4").code == 0
    assert notes_of(midifile.read(Path("out.mid")).messages) == [Note(0, 60, 960)]


@pytest.mark.parametrize("meter", ["3/4", "4", "waltz", ""])
def test_as_a_meter_that_the_preset_does_not_have(render: Glissar, meter: str) -> None:
    assert render(ODE, "--as", meter).refusal.endswith("write --as 4/4.")


# --- presets --------------------------------------------------------------------------------------


def test_an_unknown_preset(glissar: Glissar) -> None:
    refusal = glissar("render", ODE, "-o", "out.mid", "--preset", "nothing").refusal
    assert refusal.startswith("there is no preset nothing; give a folder with a preset.json, or ")
    assert left_behind() == []


@pytest.mark.parametrize("path", ["encoder.onnx", "decoder.onnx", "golden.npz"])
def test_a_preset_with_a_wrong_hash(glissar: Glissar, tiny_preset: Path, path: str) -> None:
    shutil.copytree(tiny_preset, "mine")
    with Path("mine", path).open("ab") as file:
        file.write(b"\x00")
    for args in (
        ["render", str(ODE), "-o", "out.mid", "--preset", "mine"],
        ["presets", "verify", "mine"],
    ):
        refusal = glissar(*args).refusal
        assert refusal.startswith(f"mine/{path} is not the file that preset.json describes")
    assert left_behind("mine") == []


def test_a_preset_with_a_missing_file(glissar: Glissar, tiny_preset: Path) -> None:
    shutil.copytree(tiny_preset, "mine")
    Path("mine/decoder.onnx").unlink()
    refusal = glissar("render", ODE, "-o", "out.mid", "-p", "mine").refusal
    assert refusal == "mine/decoder.onnx is missing; get the preset again."


def test_a_preset_of_another_format(glissar: Glissar, tiny_preset: Path) -> None:
    shutil.copytree(tiny_preset, "mine")
    facts = json.loads(Path("mine/preset.json").read_text())
    Path("mine/preset.json").write_text(json.dumps({**facts, "format": 2}))
    assert "has format 2" in glissar("render", ODE, "-o", "out.mid", "-p", "mine").refusal


# --- knobs ----------------------------------------------------------------------------------------


def test_a_value_is_asked_of_every_bar(render: Glissar) -> None:
    assert render(ODE, "--knob", "density==7").code == 0
    bars = midifile.read(Path("out.mid"))
    counts = Counter(note.onset // 3840 for note in notes_of(bars.messages))
    assert set(counts.values()) == {7}


@pytest.mark.parametrize(
    ("knob", "says"),
    [
        ("loudness=1", "there is no knob loudness; this preset has density, contour."),
        ("density", "says no number"),
        ("density=loud", "is not understood"),
        ("density=nan", "is not understood"),
        ("density=inf", "is not understood"),
        ("density=7", "is out of range"),
        ("density=p1.5", "is out of range"),
        ("density=-1@1,1@99999999999", "is out of range"),
        ("density==700", "is out of range"),
    ],
)
def test_a_knob_that_makes_no_sense(render: Glissar, knob: str, says: str) -> None:
    assert says in render(ODE, "--knob", knob).refusal
    assert left_behind() == []


def test_a_knob_given_twice(render: Glissar) -> None:
    refusal = render(ODE, "-k", "density=1", "-k", "density=-1").refusal
    assert "--knob density is given twice" in refusal


@pytest.mark.parametrize(
    "args",
    [
        ["--seed", "-1"],
        ["--variation", "2"],
        ["--seed", "nan"],
        ["--edit", "none"],
        ["--provider", "tpu"],
        ["--what"],
    ],
)
def test_a_flag_that_makes_no_sense(render: Glissar, args: Sequence[str]) -> None:
    done = render(ODE, *args)
    assert done.code == 2
    assert "Error: " in done.err
    assert left_behind() == []


# --- places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["-o", "--svg"])
def test_an_output_folder_that_does_not_exist(render: Glissar, flag: str) -> None:
    refusal = render(ODE, flag, "nowhere/x").refusal
    assert refusal == "there is no folder nowhere; make it first or give another."
    assert left_behind() == []


@pytest.mark.parametrize("flag", ["-o", "--svg"])
def test_an_output_that_is_a_folder(render: Glissar, flag: str) -> None:
    Path("here").mkdir()
    refusal = render(ODE, flag, "here").refusal
    assert refusal == "here is a folder; give the name of a file in it."
    assert left_behind("here") == []


@pytest.mark.skipif(not Path("/proc").exists(), reason="no /proc here")
def test_an_output_that_cannot_be_written(render: Glissar) -> None:
    assert "cannot be written" in render(ODE, "-o", "/proc/out.mid").refusal


# --- logs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        ["-k", "density=1"],
        ["--svg", "x.svg"],
        ["--as", "4/4"],
        ["--seed", "2"],
        ["--variation", "1"],
        ["-c", "scale=major"],
    ],
)
def test_a_log_is_played_as_it_was(glissar: Glissar, args: Sequence[str]) -> None:
    Path("log.jsonl").touch()
    refusal = glissar("render", "log.jsonl", "-o", "out.mid", *args).refusal
    assert refusal == (
        "a log is played as it was: leave out --knob, --constrain, --svg, --as, "
        "--variation, --seed."
    )


def test_a_missing_log(glissar: Glissar) -> None:
    assert "nothing.jsonl cannot be read" in glissar("render", "nothing.jsonl", "-o", "o").refusal


def test_what_is_no_log(glissar: Glissar) -> None:
    Path("a.jsonl").write_text("{}")
    assert glissar("render", "a.jsonl", "-o", "out.mid").refusal.startswith("a.jsonl is no log")
    assert left_behind("a.jsonl") == []


def test_a_constraint_that_a_preset_lacks(glissar: Glissar, tiny_preset: Path) -> None:
    asked = ("render", str(ODE), "-o", "out.mid", "-p", str(tiny_preset), "-c", "scale=major")
    assert glissar(*asked).refusal == "there is no constraint scale; tiny has none."
