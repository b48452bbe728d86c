"""Everything that is said between player, session and worker. All of it is immutable and stamped.

Times are ticks of the transport (`presets.bar`), so tempo bends what is still to come for free.
A plan is absolute: tick 0 is where the song starts.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from presets.bar import Note, Window
from realtime.state import Curve, State


class Plan(Struct, frozen=True, tag=True):
    """What sounds on the answer channel between `start` and `end`, from `since` on.

    A note that spans `since` rings on if its pitch already sounds, and is struck at `since` if not
    (but for one from before the window that ends up to `early` ticks in: a key let go a bit late);
    what sounds and is not held by the plan is closed at `since`. Nothing rings past `end` unless
    the plan that begins there holds it. A plan that comes late acts from the moment it comes.
    Notes struck up to `early` ticks before `start` keep their timing: they sound over the plan
    before, and ring on into their own. What comes `anew` does not go on from the window before it:
    the pedal and the bend that were left are put at rest first.
    """

    start: int
    end: int
    since: int
    notes: tuple[Note, ...]
    gestures: tuple[tuple[int, bytes], ...] = ()  # (tick, bend, pressure or control)
    early: int = 0
    anew: bool = False


# --- the player tells the engine ------------------------------------------------------------------


class NoteOn(Struct, frozen=True, tag=True):
    tick: int
    pitch: int
    velocity: int
    channel: int = 0  # 0..15, as on the wire


class NoteOff(Struct, frozen=True, tag=True):
    tick: int
    pitch: int
    channel: int = 0


class Gesture(Struct, frozen=True, tag=True):
    """A channel message that is no note: it travels with the answer to the window it falls in."""

    tick: int
    data: bytes


class Rolling(Struct, frozen=True, tag=True):
    """The transport starts, or is found rolling, at `tick`; what was played follows then."""

    tick: int
    song: int = 0  # the player counts them: each halt ends one
    since: int | None = None  # found rolling: from this tick on what was played is told again
    again: bool = False  # by another player, which has no plans, in a song that goes on


class Halted(Struct, frozen=True, tag=True):
    """The transport stops at `tick`; the player closed the answers' notes and dropped its plans."""

    tick: int


class Woke(Struct, frozen=True, tag=True):
    """The tick that was asked for by `Wake` has come (or was jumped over)."""

    tick: int


class Ramp(Struct, frozen=True):
    """The tempo goes evenly, tick by tick, to `rate`, which it has from the tick `until` on."""

    until: float
    rate: float  # ticks a second


class Moment(Struct, frozen=True, tag=True):
    """The tick → time map as the player has it: `tick` falls at `time` (monotonic seconds)."""

    tick: float
    time: float
    rate: float  # ticks a second
    rolling: bool
    ramp: Ramp | None = None


class Cue(Struct, frozen=True, tag=True):
    """For the log alone: when all up to `tick` had been said on the answers' channel, the plan of
    this number came in; or one of `HELD`, `CLOSED` and `ANEW`.

    A plan that comes late acts from the moment it comes, which only the player knows.
    """

    tick: int
    number: int


HELD = 0  # no more is said: a `Halted` follows
CLOSED = -1  # what sounded was closed, what is planned stays planned
ANEW = -2  # another player took over, and knew of no plan


class Report(Struct, frozen=True, tag=True):
    """Counters as `/glissar/state/<name>` shows them: the player's, the household's; in the log all
    of them."""

    counts: dict[str, float]
    of: str = "player"


class Trouble(Struct, frozen=True, tag=True):
    """Something that a person should read: a code and a sentence."""

    code: str
    sentence: str


class Turned(Struct, frozen=True, tag=True):
    """A controller or a program change came that is the engine's: see `Claim`."""

    time: float  # monotonic seconds
    data: bytes


# --- the engine tells the player ------------------------------------------------------------------


class Play(Struct, frozen=True, tag=True):
    plan: Plan
    number: int = 0  # the engine counts them, from 1
    song: int = 0  # it was made for; to another it comes too late


class Wake(Struct, frozen=True, tag=True):
    """Say `Woke` when the transport reaches `tick`. A halt forgets it."""

    tick: int


class Hello(Struct, frozen=True, tag=True):
    """The engine is there: say where the transport is (`Moment`), and where it rolls, `Rolling` and
    what was played."""


class Roll(Struct, frozen=True, tag=True):
    """Start the song (with its count-in), unless an outer clock is followed."""

    alone: bool = False  # not those too who start together, over Ableton Link


class Halt(Struct, frozen=True, tag=True):
    """Stop the song."""


class SetTempo(Struct, frozen=True, tag=True):
    bpm: float
    beats: float = 0.0  # quarter notes in which it is reached; 0: at once


class SetSource(Struct, frozen=True, tag=True):
    source: str  # "internal", "clock" or "link"


class SetThru(Struct, frozen=True, tag=True):
    on: bool


class Panic(Struct, frozen=True, tag=True):
    """Close everything that sounds, then CC 64 = 0, 120 and 123 on the used channels."""

    every_key: bool = False  # and a note-off for each of 128 keys


class Claim(Struct, frozen=True, tag=True):
    """These controllers turn glissar's own controls: they are told (`Turned`) and not passed on.
    Of those that are not claimed all are told too while `learning`."""

    controllers: tuple[tuple[int, int], ...] = ()  # (channel from 0, number)
    learning: bool = False


class Feed(Struct, frozen=True, tag=True):
    """What a controller's rings and motors are to show."""

    messages: tuple[bytes, ...]


ToEngine = (
    NoteOn | NoteOff | Gesture | Rolling | Halted | Woke | Moment | Cue | Report | Trouble | Turned
)
ToPlayer = Play | Wake | Hello | Roll | Halt | SetTempo | SetSource | SetThru | Panic | Claim | Feed


# --- the session and the rest of the engine -------------------------------------------------------


class Control(Struct, frozen=True, tag=True):
    """Control addresses set together: from OSC, the panel, a CC or the command line."""

    tick: int
    settings: tuple[tuple[str, tuple[Any, ...]], ...]  # (address, arguments)
    time: float = 0.0  # when it came, in monotonic seconds: a song that stands has no ticks


class Between(Struct, frozen=True):
    """Where a morph stands; straight and at its own pace until there is a path."""

    start: tuple[int, ...]  # tokens of the captured windows
    end: tuple[int, ...]
    place: float  # 0: at the start, 1: at the end
    curve: Curve | None = None


class Join(Struct, frozen=True, tag=True):
    """Two captured windows, between which a path is wanted."""

    start: tuple[int, ...]
    end: tuple[int, ...]


class Work(Struct, frozen=True, tag=True):
    """One window to answer: everything that the worker needs, nothing that it could look up."""

    tokens: tuple[int, ...]  # none: draw a point from the prior, by the seed
    knobs: dict[str, tuple[str, float]]  # attribute -> (reading, number)
    seed: tuple[int, ...] = ()  # of the noise: the performance's, and the window's number
    variation: float = 0.0  # how much of it the answer gets; 0 is the most likely one
    window: Window | None = None  # as played, where values are asked of what is heard
    full: bool = False  # whether the answer will be played as it is decoded
    choices: dict[str, str] = {}  # menu of a constraint -> the entry that is asked for
    amounts: dict[str, float] = {}  # constraint -> how much of the way to it is gone at the most
    way: str = "actor"  # who goes it: an actor, or a descent ("optimise")
    between: Between | None = None  # the knobs move a point of a morph, not the window's own
    free: dict[str, tuple[str, float]] = {}  # as knobs, across their maps


class Decoded(Struct, frozen=True, tag=True):
    """The decision: what the model made of a window before and after the knobs moved its z."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    full: bool = False  # played as it is decoded, as no edit of what was played would do


class Load(Struct, frozen=True, tag=True):
    """Make another preset ready, beside the one that plays."""

    preset: str


class Offer(Struct, frozen=True, tag=True):
    """For the log alone: another preset was ready, and the session was told so."""

    tick: int
    preset: str  # as a person calls it
    sha256: str  # of its manifest


class Record(Struct, frozen=True, tag=True):
    """Keep from here on what is played and heard, or no more."""

    on: bool


class Store(Struct, frozen=True, tag=True):
    """Keep the state as a snapshot."""

    name: str


class Fetch(Struct, frozen=True, tag=True):
    """Bring a snapshot back (`Recalled`), within so many bars; or what lies between two."""

    name: str
    bars: float = 0.0
    other: str = ""  # empty: the one alone
    place: float = 0.0  # from the one to the other


class Recalled(Struct, frozen=True, tag=True):
    """The choices of `state`, to be reached within so many bars."""

    tick: int
    state: State
    bars: float = 0.0
    time: float = 0.0  # monotonic seconds


class Learn(Struct, frozen=True, tag=True):
    """Have the next controller that is turned turn this address; empty: none any more."""

    address: str


class Forget(Struct, frozen=True, tag=True):
    """Have no controller turn this address."""

    address: str


class Swapped(Struct, frozen=True, tag=True):
    """From here on all that is requested is for the preset that was offered last."""


class Request(Struct, frozen=True, tag=True):
    id: int
    work: Work | Join


class Look(Struct, frozen=True, tag=True):
    """Say where the window of these tokens lies on the maps: nothing moves it."""

    tokens: tuple[int, ...]


class Placed(Struct, frozen=True, tag=True):
    """Where the window heard lies on the map of each knob: x and y, 0 to 1."""

    at: dict[str, tuple[float, float]]


class Answer(Struct, frozen=True, tag=True):
    """A worker's result. Both are None when the model failed; `sentence` then says how."""

    tick: int
    id: int
    decoded: Decoded | None
    sentence: str = ""
    curve: Curve | None = None  # where one was wanted


class Echo(Struct, frozen=True, tag=True):
    """Tell every listener the value of an address."""

    address: str
    args: tuple[Any, ...]


SessionEvent = NoteOn | NoteOff | Gesture | Rolling | Halted | Woke | Control | Recalled | Answer
Wish = Load | Record | Store | Fetch | Learn | Forget  # what a person wants of the engine itself
Action = ToPlayer | Request | Look | Wish | Swapped | Echo | Trouble
