"""`glissar render --morph` as a person meets it: two files, a picture, and its refusals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import mido
import pytest
from click.testing import CliRunner, Result

from presets.errors import GlissarError
from realtime import midifile
from realtime.__main__ import cli
from realtime.render import notes_of

BAR = 3840
A, B = [(60, 480), (64, 480), (67, 480), (60, 480)], [(72, 960), (71, 480), (69, 480)]


def save(name: str, line: Sequence[tuple[int, int]], *meta: mido.MetaMessage) -> None:
    track = mido.MidiTrack(meta)
    for pitch, time in line:
        track.append(mido.Message("note_on", note=pitch, velocity=80))
        track.append(mido.Message("note_off", note=pitch, time=time))
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(name)


@pytest.fixture(autouse=True)
def two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save("a.mid", A, mido.MetaMessage("set_tempo", tempo=400_000))
    save("b.mid", B, mido.MetaMessage("set_tempo", tempo=900_000))


def glissar(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["render", *map(str, args)])


def morphed(*args: str | Path, ends: Sequence[str] = ("a.mid", "b.mid")) -> Result:
    return glissar("--morph", *ends, "-o", "out.mid", *args)


def refusal(done: Result) -> str:
    """The sentence that the command line prints before it exits with 2; nothing is written."""
    assert isinstance(done.exception, GlissarError), done.exception
    assert (done.stdout, done.stderr) == ("", "")
    assert not {"out.mid", "out.svg"} & {path.name for path in Path().iterdir()}
    return str(done.exception)


def notes_in(window: int) -> list[tuple[int, int]]:
    """Onset and pitch of what `out.mid` has there."""
    notes = notes_of(midifile.read(Path("out.mid")).messages)
    return [(n.onset - window * BAR, n.pitch) for n in notes if n.onset // BAR == window]


def test_the_shipped_preset_goes_from_one_to_the_other_with_a_picture() -> None:
    done = morphed("--svg", "out.svg", "--preset", "bach")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("out.mid: 16 windows from a.mid to b.mid, ")
    assert notes_in(0) == [(0, 60), (960, 64), (1920, 67), (2880, 60)]
    assert notes_in(15) == [(0, 72), (1920, 71), (2880, 69)]
    assert len({tuple(notes_in(k)) for k in range(16)}) > 4
    assert midifile.read(Path("out.mid")).tempos == ((0, 400_000),)
    root = ElementTree.parse("out.svg").getroot()
    names = [e.text for e in root.iter() if e.tag.endswith("text")]
    assert (len(names), names[0], names[1], names[-1]) == (16, "0", "0.07", "1")
    assert sorted(p.name for p in Path().iterdir()) == ["a.mid", "b.mid", "out.mid", "out.svg"]


def test_a_straight_line_is_told(tiny_preset: Path) -> None:
    done = morphed("--steps", "4", "-p", tiny_preset)
    assert done.stdout == "out.mid: 4 windows from a.mid to b.mid, 4 different ones\n"
    assert done.stderr == (
        "tiny has no energy.onnx, so it morphs on a straight line; presets of the house model "
        "have one.\n"
    )


def test_the_same_command_writes_the_same_bytes(tiny_preset: Path) -> None:
    said: set[bytes] = set()
    for _ in range(2):
        morphed("--svg", "out.svg", "-p", tiny_preset)
        said.add(Path("out.mid").read_bytes() + Path("out.svg").read_bytes())
    assert len(said) == 1


def test_a_knob_and_a_constraint_hold_on_all_of_the_way(tiny_preset: Path) -> None:
    assert morphed("-k", "contour=0.5", "--steps", "3", "-p", tiny_preset).exit_code == 0
    assert [pitch for _, pitch in notes_in(0)] == [60, 68, 75, 72]
    assert morphed("-c", "scale=major", "--steps", "3").exit_code == 0


def test_both_files_are_read_in_the_presets_meter(tiny_preset: Path) -> None:
    save("b.mid", B, mido.MetaMessage("time_signature", numerator=3, denominator=4))
    said = refusal(morphed("-p", tiny_preset))
    assert said.startswith("b.mid is in 3/4 at bar 1 and the preset plays 4/4; ")
    assert refusal(morphed("-p", tiny_preset, "--as", "3/4")).endswith("write --as 4/4.")
    assert morphed("-p", tiny_preset, "--as", "4/4").exit_code == 0
    assert [str(m) for _, m in midifile.read(Path("out.mid")).meters] == ["4/4"]


def test_a_file_that_begins_with_rests(tiny_preset: Path) -> None:
    track = [mido.Message("note_on", note=60, time=1920), mido.Message("note_off", note=60, time=9)]
    mido.MidiFile(ticks_per_beat=480, tracks=[mido.MidiTrack(track)]).save("b.mid")
    assert refusal(morphed("-p", tiny_preset)) == (
        "b.mid has no notes in bar 1; give a file that begins with some."
    )


NO_PRESET = ["-p", "nothing-is-loaded"]  # what is refused before any preset is looked for


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["song.mid"], "--morph takes the place of a file to render; leave out song.mid."),
        (
            ["-k", "density=-1@1,+1@9"],
            "--knob density=-1@1,+1@9 moves, as only the morph may; give it one number.",
        ),
        (
            ["-k", "density=1@3"],
            "--knob density=1@3 moves, as only the morph may; give it one number.",
        ),
        (
            ["--variation", "0.5"],
            "a morph is of the likeliest windows, and its ends exact; leave out --variation, "
            "--seed.",
        ),
        (
            ["--seed", "3"],
            "a morph is of the likeliest windows, and its ends exact; leave out --variation, "
            "--seed.",
        ),
        (["--svg", "a.mid"], "a.mid is the file to read; give another name to write."),
        (
            ["--svg", "./out.mid"],
            "out.mid is to be both written and drawn; give --svg another name.",
        ),
        (
            ["--svg", "nowhere/x"],
            "there is no folder nowhere; make it first or give another.",
        ),
    ],
)
def test_what_makes_no_sense_on_a_way(args: Sequence[str], says: str) -> None:
    assert refusal(morphed(*args, *NO_PRESET)) == says


def test_neither_end_is_written_over() -> None:
    before = Path("b.mid").read_bytes()
    said = refusal(glissar("--morph", "a.mid", "b.mid", "-o", "b.mid", *NO_PRESET))
    assert said == "b.mid is the file to read; give another name to write."
    assert Path("b.mid").read_bytes() == before


def test_a_log_is_no_end() -> None:
    said = refusal(morphed(*NO_PRESET, ends=("a.mid", "take.jsonl")))
    assert said == "take.jsonl is a log and --morph takes MIDI files; render it first."


def test_nothing_to_render() -> None:
    assert refusal(glissar("-o", "out.mid")) == (
        "there is nothing to render; give a MIDI file, or two with --morph A B."
    )


def test_steps_without_a_way() -> None:
    assert refusal(glissar("a.mid", "-o", "out.mid", "--steps", "4", *NO_PRESET)) == (
        "--steps are those of a morph; leave them out, or give --morph A B."
    )


@pytest.mark.parametrize("ends", [("a.mid", "none.mid"), ("none.mid", "b.mid")])
def test_a_missing_end(tiny_preset: Path, ends: Sequence[str]) -> None:
    assert refusal(morphed("-p", tiny_preset, ends=ends)) == "there is no file none.mid."


def test_what_a_preset_lacks(tiny_preset: Path) -> None:
    said = refusal(morphed("-k", "loudness=1", "-p", tiny_preset))
    assert said.startswith("there is no knob loudness; ")
    said = refusal(morphed("-c", "scale=major", "-p", tiny_preset))
    assert said == "there is no constraint scale; tiny has none."


@pytest.mark.parametrize("args", [["--steps", "1"], ["--steps", "9999"], ["--morph", "a.mid"]])
def test_numbers_that_make_no_sense(args: Sequence[str]) -> None:
    done = morphed(*args)
    assert (done.exit_code, "Error: " in done.stderr) == (2, True)
    assert not Path("out.mid").exists()
