"""FluidSynth beside glissar, for who has no synthesizer and no DAW."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from presets.errors import GlissarError

NAME = "listen-synth"  # of its ports; one that begins with glissar would be taken for our own
PROGRAM = "fluidsynth"
GAIN = 0.6  # of 10; its own .2 is meant for many notes at once
OBEYS = "at your service"
PATIENCE = 20.0  # s in which its port has to show up: a large sound font is read first
GRACE = 3.0  # s that it has to leave
FONTS = (".sf2", ".sf3")
PLACES = (
    "/usr/share/sounds/sf2",
    "/usr/share/sounds/sf3",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/opt/homebrew/share/soundfonts",
)
REMEDIES = {
    "darwin": "brew install fluid-synth, and name a General-MIDI sound font with --sound-font",
    "win32": "choco install fluidsynth, and name a General-MIDI sound font with --sound-font",
}
REMEDY = "apt install fluidsynth fluid-soundfont-gm, or the packages of your system"


@dataclass(frozen=True, slots=True)
class Drivers:
    """FluidSynth's words for a MIDI system, and the settings that name its port."""

    audio: str
    midi: str
    settings: tuple[str, ...]


def drivers(api: str, audio: str | None = None) -> Drivers:
    """Those that go with a MIDI system, by its name in the settings, unless `audio` is another.

    Raises GlissarError.
    """
    match api:
        case "jack":
            jack = f"midi.jack.id={NAME}", f"audio.jack.id={NAME}", "audio.jack.autoconnect=1"
            return Drivers(audio or "jack", "jack", jack)
        case "alsa":
            pulse = Path(os.environ.get("XDG_RUNTIME_DIR", "/run")) / "pulse" / "native"
            usual = "pulseaudio" if pulse.exists() else "alsa"
            return Drivers(audio or usual, "alsa_seq", (f"midi.portname={NAME}",))
        case "coremidi":
            return Drivers(audio or "coreaudio", "coremidi", (f"midi.portname={NAME}",))
        case _:
            raise GlissarError(
                "Windows has no virtual MIDI ports, so that FluidSynth cannot be connected here: "
                "install loopMIDI, start fluidsynth -m winmidi by yourself, and glissar play "
                "--output loopMIDI."
            )


def program() -> str:
    """Where FluidSynth is. Raises GlissarError."""
    found = shutil.which(PROGRAM)
    if found is None:
        remedy = REMEDIES.get(sys.platform, REMEDY)
        raise GlissarError(f"FluidSynth, which is to sound, is not installed: {remedy}.")
    return found


def sound_font(given: Path | None) -> Path:
    """The one given, else $FLUID_SF, else one where systems keep them. Raises GlissarError."""
    named = given or (Path(os.environ["FLUID_SF"]) if os.environ.get("FLUID_SF") else None)
    if named is None:
        files = (file for place in PLACES for file in sorted(Path(place).glob("*")))
        found = [file for file in files if file.suffix.lower() in FONTS and _is_font(file)]
        if not found:
            remedy = REMEDIES.get(sys.platform, REMEDY)
            raise GlissarError(f"there is no sound font in the known places: {remedy}.")
        return min(found, key=_likely)
    if not _is_font(named):
        raise GlissarError(f"{named} is no sound font; give an .sf2 or .sf3 file.")
    return named


def _likely(file: Path) -> tuple[bool, bool]:
    """Last what is hardly General MIDI."""
    name = file.name.lower()
    return not name.startswith("default"), "gm" not in name


def _is_font(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            head = stream.read(12)
    except OSError:
        return False
    return head.startswith(b"RIFF") and head.endswith(b"sfbk")


@contextlib.contextmanager
def running(
    font: Path, chosen: Drivers, ports: Callable[[], list[str]], programs: Sequence[tuple[int, int]]
) -> Generator[str]:
    """FluidSynth with `programs` (channel, instrument; both from 0), until the block is left: the
    name of its port, of those that `ports` lists. Raises GlissarError.

    It reads orders from a pipe of ours and leaves at its end, so that nothing outlives us.
    """
    settings = [f"-o{setting}" for setting in (*chosen.settings, f"synth.gain={GAIN}")]
    command = [program(), "-q", "-a", chosen.audio, "-m", chosen.midi, *settings, str(font)]
    before = ports()
    with tempfile.TemporaryFile() as words, tempfile.TemporaryFile() as heard:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE, stdout=heard, stderr=words,
            start_new_session=True,
        )  # fmt: skip
        try:
            name = _port(process, ports, before)
            if name is None or not _obeys(process, heard.fileno()):
                words.seek(0)
                raise GlissarError(_why(words.read().decode(errors="replace"), chosen))
            _order(process, *(f"prog {channel} {program}" for channel, program in programs))
            yield name
        finally:
            _end(process)


def _port(
    process: subprocess.Popen[bytes], ports: Callable[[], list[str]], before: Sequence[str]
) -> str | None:
    patience = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < patience:
        for name in ports():
            if NAME in name and name not in before:
                return name
        time.sleep(0.05)
    return None


def _obeys(process: subprocess.Popen[bytes], heard: int) -> bool:
    """Whether it takes orders, as it does once it has sound: its MIDI port is there before that."""
    _order(process, f"echo {OBEYS}")
    patience = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < patience:
        if OBEYS.encode() in os.pread(heard, 4096, 0):
            return True
        time.sleep(0.02)
    return False


def _why(words: str, chosen: Drivers) -> str:
    lines = [line.removeprefix("fluidsynth: ").strip() for line in words.splitlines()]
    said = next((line.removeprefix("error: ") for line in lines if "error" in line), "nothing said")
    return (
        f"FluidSynth does not start with audio by {chosen.audio} and MIDI by {chosen.midi} "
        f"({said.rstrip('.')}); see `glissar doctor`, or choose a driver with --audio."
    )


def _order(process: subprocess.Popen[bytes], *lines: str) -> None:
    assert process.stdin
    with contextlib.suppress(OSError):  # one that is gone needs none
        process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        process.stdin.flush()


def _end(process: subprocess.Popen[bytes]) -> None:
    """It leaves by itself: a JACK client that is killed may hold up its server."""
    assert process.stdin
    _order(process, "quit")
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
