"""Engine, player or both are killed, or hang, while somebody plays; and come back.

With every knob at neutral an answer is what was played a bar before, so that it is known when each
of its notes was to end. An engine that dies takes no note with it: the player has the plan, and
nothing sounds longer than planned. A player that dies leaves notes, which the next one closes.
"""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from realtime.stage import rig
from realtime.stage.hearing import RATE, Heard, Peer
from realtime.stage.household import ENGINE, NAMES, PLAYER, Household
from realtime.stage.peer import Score
from realtime.stage.scenario import Figure, Finding
from realtime.stage.waiting import JackWedgedError

TIMES = 10  # that each is done
DRY, ANSWERS = 0, 1  # channels
BPM, SLOW = 240, 120  # a bar is a second, or two
FLAGS = ("--input", "peer:keys", "--output", "peer-ear:input", "--tempo", str(BPM))
TUNE = (0, 60, 4000), (6100, 64, 5000), (13_007, 67, 3000), (21_500, 65, 9000), (33_000, 62, 5500)
LOOP = 43_210  # frames of the tune
PAUSE = 0.4 * RATE  # frames without an answer's beginning that are none of the tune's
CLOSED, BACK = 100.0, 2000.0  # ms at most
RECENT = 40  # notes by which frames are told from seconds
NEAR = 0.02 * RATE  # frames by which a note may miss its place
STATE = "/glissar/every"  # nobody hears it in mode follow


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done to whom."""

    title: str
    number: signal.Signals
    modules: tuple[str, ...]
    bpm: int = BPM

    @property
    def bar(self) -> int:
        """Frames."""
        return round(RATE * 240 / self.bpm)

    @property
    def names(self) -> list[str]:
        return [NAMES[module] for module in self.modules]


DEEDS = (
    Deed("engine killed", signal.SIGKILL, (ENGINE,)),
    Deed("player killed", signal.SIGKILL, (PLAYER,)),
    Deed("both killed", signal.SIGKILL, (PLAYER, ENGINE)),
    Deed("engine hung", signal.SIGSTOP, (ENGINE,)),
    Deed("player hung", signal.SIGSTOP, (PLAYER,)),
    Deed(f"engine killed at {SLOW}", signal.SIGKILL, (ENGINE,), SLOW),
    Deed(f"player killed at {SLOW}", signal.SIGKILL, (PLAYER,), SLOW),
)


@dataclass
class Tally:
    """Milliseconds after each deed of one kind."""

    closed: list[float] = field(default_factory=list[float])  # the last note that it left
    over: list[float] = field(default_factory=list[float])  # … beyond its planned end
    thru: list[float] = field(default_factory=list[float])  # until keys are heard again
    back: list[float] = field(default_factory=list[float])  # until answers are


@dataclass
class Total:
    tallies: dict[str, Tally]
    wedged: int = 0
    hung: int = 0
    forgot: int = 0  # times that a state did not come back


def measure(share: float) -> Finding:
    """Each deed ten times at a share of 1."""
    total = Total({deed.title: Tally() for deed in DEEDS})
    with rig.alone(), tempfile.TemporaryDirectory() as name:
        for deed in DEEDS:
            _repeat(Path(name), deed, max(1, round(TIMES * share)), total)
    return _found(total)


def _repeat(folder: Path, deed: Deed, times: int, total: Total) -> None:
    """On one server, or on others where one wedges itself."""
    tally = total.tallies[deed.title]
    for _ in range(5):
        try:
            with rig.serve(folder) as jack:
                peer = jack.peer()
                house = Household.play(folder, *FLAGS)
                try:
                    while len(tally.back) < times:
                        number = 2 + len(tally.back) % 10
                        house.say(STATE, number)
                        once(house, peer, deed, tally)
                        total.forgot += house.ask(STATE) != number
                    total.hung += _hanging(peer)
                finally:
                    house.end()
            return
        except JackWedgedError:
            total.wedged += 1


def once(house: Household, peer: Peer, deed: Deed, tally: Tally) -> None:
    """Play, do it, and play on until all is back. Raises TimeoutError."""
    house.say("/glissar/transport/tempo", deed.bpm)
    peer.strike(LOOP, *TUNE)
    peer.forget()
    peer.wait_for_notes(ANSWERS, 30)
    backs = [f"The {name} is back." for name in deed.names]
    counts = [house.count(words) for words in backs]
    frame = _frame(peer.notes(DRY)[-RECENT:], time.monotonic())
    house.signal(deed.number, *deed.modules)
    for words, count in zip(backs, counts, strict=True):
        house.wait_said(words, count + 1)
    for channel in (DRY, ANSWERS):
        peer.wait_for_notes(channel, len(peer.notes(channel)) + 20)
    _weigh(peer, frame, deed, tally)


def _frame(heard: Sequence[Heard], moment: float) -> int:
    """The frame that it is at a moment in monotonic seconds, as what was heard just now tells."""
    begun = min(note.time - note.seconds for note in heard)  # the least delayed is the nearest
    return round((moment - begun) * RATE)


def _weigh(peer: Peer, frame: int, deed: Deed, tally: Tally) -> None:
    notes = [_lengths(peer.notes(channel)) for channel in (DRY, ANSWERS)]
    left = [(on, off) for channel in notes for on, off, _ in channel if on < frame < off]
    tally.closed.append(_ms(max([off for _, off in left], default=frame) - frame))
    begun = [on for on, _, _ in notes[ANSWERS]]
    if deed.modules == (ENGINE,):
        tally.over.append(_ms(_over(notes[DRY], notes[ANSWERS], frame, deed.bar)))
        tally.back.append(_ms(_after_pause(begun, frame) - frame))
    else:  # with the player all falls silent at once; what it misses is silent again a bar later
        tally.thru.append(_ms(_next([on for on, _, _ in notes[DRY]], frame) - frame))
        tally.back.append(_ms(_next(begun, frame) - frame))


def _next(onsets: Sequence[int], frame: int) -> int:
    """The first of them that did not leave just then."""
    return min(on for on in onsets if on > frame + NEAR)


def _lengths(notes: Sequence[Heard]) -> list[tuple[int, int, int]]:
    """(first frame, last frame, key) of every note that has ended."""
    begun: dict[int, int] = {}
    found: list[tuple[int, int, int]] = []
    for note in notes:
        key = note.data[1]
        if note.data[0] & 0xF0 == 0x90:
            begun[key] = note.frame
        elif key in begun:
            found.append((begun.pop(key), note.frame, key))
    return sorted(found)


def _over(
    played: Sequence[tuple[int, int, int]],
    answers: Sequence[tuple[int, int, int]],
    frame: int,
    bar: int,
) -> float:
    """By how many frames the answers that were begun or planned by `frame` outlast their plan."""
    most = 0.0
    for on, off, key in answers:
        if on > frame + bar or off < frame:
            continue
        ends = [end + bar for begin, end, k in played if k == key and abs(begin + bar - on) < NEAR]
        most = max([most, *(off - end for end in ends)])
    return most


def _after_pause(onsets: Sequence[int], frame: int) -> int:
    """The first answer after the pause that the deed made; `frame` where it made none."""
    near = [frame, *(on for on in onsets if on > frame)]
    pauses = [after for before, after in pairwise(near) if after - before > PAUSE]
    return pauses[0] if pauses else frame


def _hanging(peer: Peer) -> int:
    """How many notes sound on when nobody plays any more."""
    peer.play(Score("keys", tuple((0, bytes((0x80, key, 64))) for _, key, _ in TUNE)))
    try:
        for channel in (DRY, ANSWERS):
            peer.wait_for_silence(channel)
    except TimeoutError:
        return len(peer.sounding(DRY)) + len(peer.sounding(ANSWERS))
    return 0


def _ms(frames: float) -> float:
    return frames / RATE * 1e3


def _found(total: Total) -> Finding:
    figures = [
        Figure("hung notes", total.hung, "", must=0),
        Figure("states forgotten", total.forgot, "", must=0),
    ]
    for title, tally in total.tallies.items():
        soon = None if "hung" in title else BACK
        for what, values, must in (
            ("notes beyond their planned end", tally.over, CLOSED),
            ("all notes closed", [] if tally.over else tally.closed, soon),
            ("thru back", tally.thru, soon),
            ("answers back", tally.back, soon),
        ):
            if values:
                figures.append(Figure(f"{title}: {what}, at most", max(values), "ms", must=must))
    notes = [
        f"At {BPM} quarter notes a minute an answer comes a bar, one second, after it is played, "
        f"at {SLOW} two. Times are from just before the signal; 0 where no answer was missed. "
        "An engine that hangs is given two seconds before it is killed.",
        "What the player has of a plan when the engine dies is played to its end; a note counts as "
        "left over where it lasts longer than was planned.",
    ]
    if total.wedged:
        notes.append(f"{total.wedged} servers wedged themselves, and others took their places.")
    samples = {title: tally.back for title, tally in total.tallies.items()}
    return Finding(figures, samples, notes=notes)
