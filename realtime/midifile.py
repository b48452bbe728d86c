"""MIDI files in and out, in ticks of 1/960 quarter note."""

# mido ships no types; this file is the only one of realtime/ that touches it.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mido
from mido.midifiles.meta import KeySignatureError

from presets.bar import TICKS_PER_QUARTER, Meter
from presets.errors import GlissarError
from presets.whole import write_whole

DRUMS = 9  # General MIDI's channel of unpitched notes, as on the wire
LONGEST = 100_000 * TICKS_PER_QUARTER  # fourteen hours at 120; more is damage
Timed = tuple[int, bytes]  # tick, message as bytes


@dataclass(frozen=True, slots=True)
class Tune:
    """A file's channel messages and its song-wide events, each in order of tick."""

    messages: tuple[Timed, ...]
    tempos: tuple[tuple[int, int], ...]  # (tick, microseconds a quarter note)
    meters: tuple[tuple[int, Meter], ...]

    @property
    def end(self) -> int:
        return max((tick for tick, _ in self.messages), default=0)


def read(path: Path) -> Tune:
    """Read a MIDI file; drums are left out. Raises GlissarError for all that is no tune."""
    file = _open(path)
    scale = TICKS_PER_QUARTER / file.ticks_per_beat
    messages: list[Timed] = []
    tempos: list[tuple[int, int]] = []
    meters: list[tuple[int, Meter]] = []
    for track in file.tracks:
        for tick, message in _timed(track, scale):
            if message.type == "set_tempo":
                tempos.append((tick, message.tempo))
            elif message.type == "time_signature":
                meters.append((tick, Meter(message.numerator, message.denominator)))
            elif not message.is_meta and getattr(message, "channel", DRUMS) != DRUMS:
                messages.append((tick, bytes(message.bytes())))
    if not any(data[0] & 0xF0 == 0x90 and data[2] for _, data in messages):
        raise GlissarError(f"{path} has no notes; give a file with a melody.")
    tune = Tune(tuple(sorted(messages, key=_order)), tuple(sorted(tempos)), _in_order(meters))
    if tune.end > LONGEST:
        raise GlissarError(f"{path} claims to be days long; it is probably damaged, save it anew.")
    return tune


def read_in(path: Path, meter: Meter, read_as: str | None) -> Tune:
    """A tune in the preset's meter, or read as if it were. Raises GlissarError."""
    tune = read(path)
    if read_as is None:
        check_meter(tune, meter, path)
    elif read_as != str(meter):
        raise GlissarError(f"--as {read_as} is not the preset's meter; write --as {meter}.")
    return tune


def write(path: Path, messages: Iterable[Timed], like: Tune) -> None:
    """Write `messages` with the tempos and meters of `like`, whole or not. Raises GlissarError."""
    write_tracks(path, {"": messages}, like)


def write_tracks(path: Path, tracks: Mapping[str, Iterable[Timed]], like: Tune) -> None:
    """The same with tracks of their own, by their names."""
    save(path, encode(tracks, like))


def encode(tracks: Mapping[str, Iterable[Timed]], like: Tune, end: int = 0) -> bytes:
    """The content of such a file; no track ends before the tick `end`."""
    file = mido.MidiFile(ticks_per_beat=TICKS_PER_QUARTER)
    song = [(tick, mido.MetaMessage("set_tempo", tempo=tempo)) for tick, tempo in like.tempos]
    song += [
        (tick, mido.MetaMessage("time_signature", numerator=m.beats, denominator=m.unit))
        for tick, m in like.meters
    ]
    file.tracks.append(_track(sorted(song, key=lambda s: s[0])))
    for name, messages in tracks.items():
        timed = [(tick, mido.Message.from_bytes(data)) for tick, data in messages]
        title = [(0, mido.MetaMessage("track_name", name=name))] if name else []
        last = [(end, mido.MetaMessage("end_of_track"))] if end else []
        file.tracks.append(_track([*title, *timed, *last]))
    content = io.BytesIO()
    file.save(file=content)
    return content.getvalue()


def save(path: Path, content: bytes) -> None:
    """Into a folder that is there. Raises GlissarError, nothing changed."""
    if not path.parent.is_dir():
        raise GlissarError(f"there is no folder {path.parent}; make it first or give another.")
    write_whole(path, content)


def check_meter(tune: Tune, meter: Meter, path: Path) -> None:
    """Refuse a file in a meter that the preset does not have. Raises GlissarError."""
    for tick, found in tune.meters or ((0, Meter()),):  # a file that says nothing means 4/4
        if found != meter:
            bar = 1 + tick // meter.bar_ticks
            raise GlissarError(
                f"{path} is in {found} at bar {bar} and the preset plays {meter}; choose a "
                f"--preset that fits, or read the file as if it were with --as {meter}."
            )


def _open(path: Path) -> mido.MidiFile:
    try:
        file = mido.MidiFile(path)
    except FileNotFoundError as error:
        raise GlissarError(f"there is no file {path}.") from error
    except IsADirectoryError as error:
        raise GlissarError(f"{path} is a folder; give a MIDI file.") from error
    # mido tells of damage by whichever error its parser happens to meet
    except (OSError, EOFError, ValueError, LookupError, KeySignatureError) as error:
        why = str(error) or "it ends too early"
        raise GlissarError(f"{path} is no MIDI file, or a damaged one ({why}).") from error
    if file.type == 2 or file.ticks_per_beat <= 0:
        raise GlissarError(f"{path} is a kind of MIDI file without beats; export it as type 1.")
    return file


def _timed(track: mido.MidiTrack, scale: float) -> Iterator[tuple[int, Any]]:
    """A track's messages with their ticks. A note let go as it is struck lasts one tick: at one
    tick offs go before ons, and it would never end."""
    now = 0
    struck: dict[tuple[int, int], int] = {}
    for message in track:
        now += message.time
        tick = round(now * scale)
        if message.type == "note_on" and message.velocity:
            struck[message.channel, message.note] = tick
        elif message.type in ("note_on", "note_off"):
            tick += struck.pop((message.channel, message.note), None) == tick
        yield tick, message


def _track(timed: Sequence[tuple[int, mido.Message | mido.MetaMessage]]) -> mido.MidiTrack:
    track, now = mido.MidiTrack(), 0
    for tick, message in timed:
        track.append(message.copy(time=max(0, tick - now)))
        now = max(tick, now)
    return track


def _order(timed: Timed) -> tuple[int, int]:
    """Offs before everything, ons after everything, at one tick."""
    tick, data = timed
    kind = data[0] & 0xF0
    silent = kind == 0x80 or (kind == 0x90 and data[2] == 0)
    return tick, 0 if silent else 2 if kind == 0x90 else 1


def _in_order(meters: list[tuple[int, Meter]]) -> tuple[tuple[int, Meter], ...]:
    return tuple(sorted(meters, key=lambda m: m[0]))
