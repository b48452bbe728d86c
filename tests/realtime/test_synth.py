"""FluidSynth and its sound font: found, or missed in a sentence with the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from presets.errors import GlissarError
from realtime import synth

FONT = b"RIFF\x00\x00\x00\x00sfbk"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No sound font is where systems keep them."""
    monkeypatch.delenv("FLUID_SF", raising=False)
    monkeypatch.setattr(synth, "PLACES", (str(tmp_path / "none"), str(tmp_path / "fonts")))
    (tmp_path / "fonts").mkdir()


def test_the_font_given_goes_before_that_of_the_environment_and_this_before_the_known_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("given.sf2", "named.sf3", "fonts/known.sf2"):
        (tmp_path / name).write_bytes(FONT)
    assert synth.sound_font(None) == tmp_path / "fonts" / "known.sf2"
    monkeypatch.setenv("FLUID_SF", str(tmp_path / "named.sf3"))
    assert synth.sound_font(None) == tmp_path / "named.sf3"
    assert synth.sound_font(tmp_path / "given.sf2") == tmp_path / "given.sf2"


def test_general_midi_is_preferred(tmp_path: Path) -> None:
    for name in ("Accordion.sf2", "TimGM6mb.sf2", "notes.txt"):
        (tmp_path / "fonts" / name).write_bytes(FONT)
    assert synth.sound_font(None).name == "TimGM6mb.sf2"
    (tmp_path / "fonts" / "default-GM.sf2").write_bytes(FONT)
    assert synth.sound_font(None).name == "default-GM.sf2"


def test_what_is_no_font_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.sf2").write_bytes(b"RIFF\x00\x00\x00\x00WAVE")
    for file in (tmp_path / "x.sf2", tmp_path / "nothing.sf2", tmp_path):
        with pytest.raises(GlissarError, match=r"is no sound font; give an \.sf2 or \.sf3 file"):
            synth.sound_font(file)


@pytest.mark.parametrize(
    ("platform", "remedy"),
    [
        ("linux", "apt install fluidsynth fluid-soundfont-gm"),
        ("darwin", "brew install fluid-synth"),
        ("win32", "choco install fluidsynth"),
    ],
)
def test_what_is_missing_is_told_with_the_remedy_of_the_platform(
    monkeypatch: pytest.MonkeyPatch, platform: str, remedy: str
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv("PATH", "")
    for find in (synth.program, lambda: synth.sound_font(None)):
        with pytest.raises(GlissarError, match=remedy):
            find()


def test_drivers_are_those_of_the_midi_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert synth.drivers("jack").audio == "jack"
    assert synth.drivers("alsa").audio == "alsa"
    (tmp_path / "pulse").mkdir()
    (tmp_path / "pulse" / "native").touch()
    assert synth.drivers("alsa").audio == "pulseaudio"
    assert synth.drivers("alsa", "sdl2").audio == "sdl2"
    assert synth.drivers("coremidi").midi == "coremidi"
    with pytest.raises(GlissarError, match="install loopMIDI"):
        synth.drivers("winmm")
