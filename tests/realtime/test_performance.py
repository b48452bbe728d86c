"""The player without ports or clock: times and messages in, what is sent and told out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from presets.bar import Meter, Note
from realtime.claims import CONTROLLER, RINGS
from realtime.controls import SOURCES
from realtime.events import (
    Claim,
    Feed,
    Gesture,
    Halt,
    Halted,
    Hello,
    Moment,
    NoteOff,
    NoteOn,
    Panic,
    Plan,
    Play,
    Report,
    Roll,
    Rolling,
    SetSource,
    SetTempo,
    SetThru,
    Turned,
    Wake,
    Woke,
)
from realtime.ledger import Ledger
from realtime.linked import Beat, JoinSession, LeaveSession, Order, SetPlaying, SetSessionTempo
from realtime.output import OUTPUT, Output
from realtime.performance import Kept, Performance
from realtime.retold import RETOLD
from realtime.settings import Settings


class Stage:
    """A performance, what it sent as (time, hex) and what it told."""

    def __init__(self, path: str, **settings: Any) -> None:
        self.sent: list[tuple[float, str]] = []
        self.told: list[Any] = []
        self.kept: list[Kept] = []
        self.asked: list[Order] = []
        self.shown: list[str] = []
        self.now = 100.0
        self.ledger = Ledger(path)
        self.performance = Performance(
            msgspec.convert(settings, Settings),
            Meter(),
            Output(lambda m: self.sent.append((round(self.now - 100, 4), m.hex())), self.ledger),
            self.told.append,
            self.kept.append,
            self.asked.append,
            lambda message: self.shown.append(message.hex()),
        )

    def say(self, message: Any) -> None:
        self.performance.said(message, self.now)
        self.performance.act(self.now)

    def midi(self, text: str, at: float | None = None) -> None:
        stamp = self.now if at is None else 100 + at
        self.performance.arrive(stamp, bytes.fromhex(text), self.now)
        self.performance.act(self.now)

    def link(self, beat: float, bpm: float = 120, playing: bool = False) -> None:
        """The Link session is now at `beat`."""
        self.performance.hear(Beat(self.now, beat, bpm, playing, peers=2), self.now)
        self.performance.act(self.now)

    def run(self, until: float) -> None:
        """Wake at each deadline up to `until` seconds."""
        while (deadline := self.performance.deadline()) <= 100 + until:
            self.now = max(self.now, deadline)
            self.performance.act(self.now)
        self.now = 100 + until
        self.performance.act(self.now)

    def told_of(self, *kinds: type) -> list[Any]:
        return [m for m in self.told if isinstance(m, kinds)]


@pytest.fixture
def ledger() -> Iterator[str]:
    path = Ledger.create()
    yield path
    Path(path).unlink()


def bar(*notes: Note, start: int = 0, since: int | None = None) -> Play:
    return Play(Plan(start, start + 3840, start if since is None else since, notes))


def test_what_is_played_goes_on_at_once_and_to_the_engine(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.now = 100.5
    stage.midi("95 3c 50")
    stage.midi("95 3c 00", at=0.75)
    assert stage.sent == [(0.5, "903c50"), (0.5, "803c40")]
    assert stage.told_of(NoteOn, NoteOff) == [NoteOn(960, 60, 80, 5), NoteOff(1440, 60, 5)]


def test_input_latency_is_taken_off_the_stamp(ledger: str):
    stage = Stage(ledger, latency={"input": 10})
    stage.say(Roll())
    stage.midi("90 3c 50", at=0.51)
    assert stage.told_of(NoteOn)[0].tick == 960


def test_output_latency_sends_ahead(ledger: str):
    stage = Stage(ledger, latency={"output": 20})
    stage.say(Roll())
    stage.say(bar(Note(960, 60, 480)))
    stage.run(2)
    assert [time for time, _ in stage.sent] == [0.48, 0.73]


def test_another_channel_is_not_heard(ledger: str):
    stage = Stage(ledger, midi={"input_channel": 3})
    stage.midi("90 3c 50")
    stage.midi("92 40 50")
    assert [text for _, text in stage.sent] == ["904050"]


def test_our_own_voice_that_comes_back_is_dropped_and_counted(ledger: str):
    stage = Stage(ledger)
    stage.performance.looped = True
    stage.say(Roll())
    stage.say(bar(Note(0, 60, 480, 90)))
    stage.now += 0.01
    stage.midi("91 3c 5a")
    assert len(stage.sent) == 1
    assert stage.told_of(NoteOn) == []
    stage.now += 0.03
    stage.midi("91 3c 5a")  # 40 ms after: somebody plays it
    assert len(stage.told_of(NoteOn)) == 1
    stage.now += 1
    stage.performance.act(stage.now)
    assert stage.told_of(Report)[-1].counts["feedback"] == 1


def test_without_a_loop_nothing_played_is_taken_for_an_echo(ledger: str):
    """A key struck as the answer strikes it, and a roll of 25 ms, are both heard."""
    stage = Stage(ledger)
    for _ in range(4):
        stage.midi("90 3c 5a")
        stage.midi("80 3c 40")
        stage.now += 0.025
    assert len(stage.told_of(NoteOn)) == 4


def test_pieces_of_messages_are_dropped_and_counted(ledger: str):
    stage = Stage(ledger)
    for piece in ("90 3d", "80 3d", "90 c8 c8", "9f c8 40"):
        stage.midi(piece)
    assert stage.sent == []
    stage.now += 1
    stage.performance.act(stage.now)
    assert stage.told_of(Report)[-1].counts["malformed"] == 4


def test_wakes_of_songs_that_were_left_do_not_crowd_out_the_next(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    for tick in range(100_000, 100_200):
        stage.say(Wake(tick))
    stage.say(Wake(500))
    stage.now += 0.5
    stage.performance.act(stage.now)
    assert [woke.tick for woke in stage.told_of(Woke)] == [500]


def test_controls_pass_and_become_gestures(ledger: str):
    stage = Stage(ledger)
    stage.midi("e3 00 50")
    assert stage.sent == [(0.0, "e00050")]
    assert stage.told_of(Gesture) == [Gesture(0, bytes.fromhex("e30050"))]


@pytest.mark.parametrize("controller", ["78", "7b"])
def test_all_notes_off_closes_what_was_passed_on(ledger: str, controller: str):
    stage = Stage(ledger)
    stage.midi("90 3c 50")
    stage.midi("91 40 50")
    stage.midi(f"b0 {controller} 00")
    assert [text for _, text in stage.sent[2:]] == ["803c40", "804040", f"b0{controller}00"]
    assert [(m.pitch, m.channel) for m in stage.told_of(NoteOff)] == [(60, 0), (64, 1)]


def test_thru_off_closes_and_stays_silent(ledger: str):
    stage = Stage(ledger)
    stage.midi("90 3c 50")
    stage.say(SetThru(False))
    stage.midi("90 40 50")
    assert [text for _, text in stage.sent] == ["903c50", "803c40"]
    assert len(stage.told_of(NoteOn)) == 2


def test_a_plan_sounds_at_its_time_and_bends_with_the_tempo(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.say(bar(Note(0, 60, 960), Note(1920, 62, 960)))
    stage.run(0.5)
    stage.say(SetTempo(60))
    stage.run(3)
    assert stage.sent == [(0.0, "913c40"), (0.5, "813c40"), (1.5, "913e40"), (2.5, "813e40")]


def test_halt_closes_the_answer_and_forgets(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.say(bar(Note(0, 60, 1920), Note(2000, 62, 960)))
    stage.say(Wake(3000))
    stage.run(0.25)
    stage.say(Halt())
    stage.run(9)
    assert stage.sent == [(0.0, "913c40"), (0.25, "813c40")]
    assert stage.told_of(Halted) == [Halted(480)]
    assert stage.told_of(Woke) == []
    stage.say(Roll())
    assert stage.told_of(Rolling) == [Rolling(0), Rolling(0, song=1)]


def test_wakes_come_in_order_and_when_asked_for(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.say(Wake(1920))
    stage.say(Wake(960))
    stage.run(0.5)
    assert stage.told_of(Woke) == [Woke(960)]
    stage.run(1)
    stage.say(Wake(100))  # already gone by
    assert stage.told_of(Woke) == [Woke(960), Woke(1920), Woke(100)]


def test_hello_is_answered_with_where_the_song_is(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.run(1)
    stage.told.clear()
    stage.say(Hello())
    assert [m for m in stage.told if not isinstance(m, Report)] == [
        Moment(0, 100, 1920, True),
        Rolling(1920, since=0),
    ]


def test_count_in_and_metronome_click(ledger: str):
    stage = Stage(ledger, transport={"count_in": 1, "metronome": False})
    stage.say(Roll())
    stage.run(6)
    ons = [(time, text) for time, text in stage.sent if text[0] == "9"]
    assert ons == [(0.0, "994c64"), (0.5, "994d64"), (1.0, "994d64"), (1.5, "994d64")]
    assert stage.ledger.sounding() == []


def test_panic_closes_everything_on_every_channel(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.say(bar(Note(0, 60, 1920), Note(960, 67, 480)))
    stage.midi("90 40 50")
    stage.sent.clear()
    stage.say(Panic())
    texts = [text for _, text in stage.sent]
    assert texts[:2] == ["804040", "813c40"]
    controls = {f"b{c}{n}00" for c in "019" for n in ("40", "78", "7b")}
    assert set(texts[2:]) == controls | {f"e{c}0040" for c in "019"}
    stage.sent.clear()
    stage.run(2)
    assert [text for _, text in stage.sent] == ["914340", "814340"]  # the plan plays on


def test_panic_may_say_a_note_off_for_every_key(ledger: str):
    stage = Stage(ledger)
    stage.say(Panic(every_key=True))
    offs = [text for _, text in stage.sent if text[0] == "8"]
    assert sorted(offs) == sorted(f"8{c}{key:02x}40" for c in "019" for key in range(128))


def test_a_controller_may_be_the_panic_button(ledger: str):
    stage = Stage(ledger, midi={"panic_controller": 20})
    stage.midi("90 40 50")
    stage.sent.clear()
    stage.midi("b0 14 00")  # let go
    assert [text for _, text in stage.sent] == ["b01400"]
    stage.midi("b0 14 7f")
    assert "804040" in [text for _, text in stage.sent]
    assert "b0147f" not in [text for _, text in stage.sent]
    assert stage.ledger.sounding() == []


def test_a_stop_lifts_the_answers_pedal_and_centres_its_bend(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    gestures = ((0, bytes((0xB0, 64, 127))), (10, bytes((0xE0, 0, 96))))
    stage.say(Play(Plan(0, 3840, 0, (Note(0, 60, 1920),), gestures)))
    stage.midi("b0 40 7f")
    stage.run(0.5)
    assert {"b1407f", "e10060"} <= {text for _, text in stage.sent}
    stage.sent.clear()
    stage.say(Halt())
    assert [text for _, text in stage.sent] == ["813c40", "b14000", "e10040"]
    stage.sent.clear()
    stage.say(Roll())
    stage.say(Halt())
    assert stage.sent == []


def test_a_followed_clock_moves_the_plan(ledger: str):
    stage = Stage(ledger, transport={"source": "clock"})
    stage.say(bar(Note(0, 60, 480), Note(960, 62, 480)))
    stage.midi("fa")
    for number in range(49):
        stage.now = 100.1 + number * 0.025  # 100 BPM
        while stage.performance.deadline() <= stage.now:
            stage.performance.act(stage.performance.deadline())
        stage.midi("f8")
    times = [time for time, text in stage.sent if text[0] == "9"]
    assert times == pytest.approx([0.1, 0.7], abs=0.001)
    assert stage.told_of(Rolling) == [Rolling(0)]
    beats = [m.tick for m in stage.told_of(Moment) if m.rolling]
    assert beats == [0, 0, 960, 1920]


def test_a_stalled_clock_is_told_once_and_holds_the_plan(ledger: str):
    stage = Stage(ledger, transport={"source": "clock"})
    stage.say(bar(Note(480, 60, 480)))
    stage.midi("fa")
    for number in range(5):
        stage.now = 100.1 + number * 0.025
        stage.midi("f8")
    stage.run(10)
    assert stage.sent == []
    held = [m for m in stage.told_of(Moment) if not m.rolling and m.time > 100.1]
    assert [m.tick for m in held] == [240]
    stage.midi("f8")
    assert stage.told_of(Moment)[-1].rolling


def test_a_stalled_clock_leaves_no_answer_sounding(ledger: str):
    stage = Stage(ledger, transport={"source": "clock"})
    stage.say(bar(Note(0, 60, 3840), Note(480, 62, 960)))
    stage.midi("fa")
    stage.midi("f8")
    stage.run(10)
    assert [text for _, text in stage.sent] == ["913c40", "813c40"]
    assert list(stage.ledger.sounding()) == []


def test_a_plan_that_comes_through_a_silent_clock_waits_for_it(ledger: str):
    stage = Stage(ledger, transport={"source": "clock"})
    stage.midi("fa")
    stage.midi("f8")
    stage.run(1)
    stage.say(bar(Note(0, 60, 960)))
    stage.run(5)
    assert stage.sent == []
    stage.midi("f8")
    assert stage.sent == [(5.0, "913c40")]
    stage.say(SetSource("internal"))
    stage.say(Roll())
    stage.say(Play(Plan(0, 3840, 0, (Note(0, 62, 960),)), song=1))
    assert [text for _, text in stage.sent[1:]] == ["813c40", "913e40"]


def test_a_stalled_clock_leaves_no_click_sounding(ledger: str):
    stage = Stage(ledger, transport={"source": "clock", "metronome": True})
    stage.midi("fa")
    for number in range(24):
        stage.run(number * 0.025)
        stage.midi("f8")
    stage.run(10)
    clicks = [text for _, text in stage.sent]
    assert clicks == ["994c64", "894c40", "994d64", "894d40"]


def test_a_panic_stops_no_click_to_come(ledger: str):
    stage = Stage(ledger, transport={"metronome": True})
    stage.say(Roll())
    stage.run(0.01)
    stage.say(Panic())
    stage.sent.clear()
    stage.run(0.6)
    assert [text for _, text in stage.sent] == ["994d64", "894d40"]


def test_a_plan_that_comes_after_a_halt_does_not_sound_in_the_next_song(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.say(Halt())
    stage.say(bar(Note(0, 60, 480), start=3840))  # it was under way
    stage.say(Roll())
    assert stage.told_of(Rolling)[-1] == Rolling(0, song=1)
    stage.say(Play(Plan(0, 3840, 0, (Note(480, 62, 480),)), song=1))
    stage.run(9)
    assert [text for _, text in stage.sent] == ["913e40", "813e40"]


def test_the_next_players_song_is_another(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    heir = Stage(ledger)
    heir.performance.resume(stage.kept[-1], heir.now)
    heir.say(bar(Note(0, 60, 480), start=3840))
    heir.run(9)
    assert heir.sent == []


def test_another_source_halts_first(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.run(0.5)
    stage.say(SetSource("clock"))
    assert stage.told_of(Halted) == [Halted(960)]
    assert stage.kept[-1].source == "clock"
    stage.midi("fa")
    stage.midi("f8")
    assert stage.told_of(Rolling)[-1] == Rolling(0, song=1)


def test_the_source_that_it_has_already_changes_nothing(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.run(0.5)
    stage.say(SetSource("internal"))
    assert stage.told_of(Halted) == []


# --- Ableton Link ---------------------------------------------------------------------------------

LINKED: dict[str, Any] = {"transport": {"source": "link", "tempo": 100}}


def test_a_plan_sounds_from_the_sessions_next_bar_line_on_at_its_tempo(ledger: str):
    stage = Stage(ledger, **LINKED)
    stage.say(Roll(alone=True))
    stage.say(bar(Note(0, 60, 480), Note(960, 62, 480)))
    stage.run(0.25)
    assert stage.told_of(Rolling) == []
    stage.link(beat=2, bpm=60)
    stage.run(4)
    assert [time for time, text in stage.sent if text[0] == "9"] == [2.25, 3.25]
    assert stage.asked == [JoinSession(100, 4)]
    assert stage.told_of(Report)[-1].counts["link_peers"] == 2


def test_play_stop_and_tempo_by_hand_are_the_sessions_too(ledger: str):
    stage = Stage(ledger, **LINKED)
    stage.link(beat=2)
    for order in (Roll(), SetTempo(90), Halt()):
        stage.say(order)
    assert stage.asked[1:] == [SetPlaying(True), SetSessionTempo(90), SetPlaying(False)]
    stage.link(beat=2.5, playing=True)
    assert stage.performance.map.rolling
    stage.link(beat=3, playing=False)
    assert not stage.performance.map.rolling


def test_the_session_is_mirrored_once_a_beat_and_when_its_tempo_changes(ledger: str):
    stage = Stage(ledger, **LINKED)
    stage.say(Roll(alone=True))
    for look in range(200):  # four seconds
        stage.now = 100 + look / 50
        stage.link(look / 25 if look < 100 else 4 + (look - 100) / 50, 120 if look < 100 else 60)
    rates = [m.rate / 16 for m in stage.told_of(Moment) if m.rolling]
    assert rates == [120] * rates.count(120) + [60] * rates.count(60)
    assert rates.count(120) in (4, 5)
    assert rates.count(60) in (2, 3)


def test_only_a_count_in_that_was_asked_for_clicks(ledger: str):
    stage = Stage(ledger, **LINKED)
    stage.say(Roll(alone=True))
    stage.link(beat=1.5)
    stage.run(3)
    assert stage.sent == []
    stage = Stage(ledger, transport={"source": "link", "count_in": 1})
    stage.say(Roll(alone=True))
    stage.link(beat=2.5)
    stage.run(5)
    ons = [(time, text) for time, text in stage.sent if text[0] == "9"]
    assert ons == [(0.75, "994c64"), (1.25, "994d64"), (1.75, "994d64"), (2.25, "994d64")]


def test_a_song_that_rolls_begins_anew_in_the_session_and_asks_for_nothing(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.run(0.5)
    stage.say(SetSource("link"))
    assert stage.told_of(Halted) == [Halted(960)]
    stage.link(beat=3, bpm=97)
    assert stage.told_of(Rolling)[-1] == Rolling(-960, 1)
    assert stage.asked == [JoinSession(120, 4)]
    stage.say(SetSource("internal"))
    assert stage.asked[1:] == [LeaveSession()]
    assert stage.told_of(Moment)[-1].rate == 97 * 16
    stage.link(beat=4)  # it was on its way
    assert not stage.performance.map.rolling


def test_the_next_player_joins_again_and_plays_on_meanwhile(ledger: str):
    stage = Stage(ledger, **LINKED)
    stage.say(Roll(alone=True))
    stage.link(beat=8, bpm=97)
    heir = Stage(ledger)
    heir.now = 101.0
    heir.performance.resume(stage.kept[-1], heir.now)
    assert heir.told_of(Rolling) == [Rolling(1552, 1, again=True)]
    assert heir.asked == [JoinSession(97, 4)]
    heir.link(beat=97 / 60, bpm=97)
    assert heir.told_of(Halted) == []
    assert heir.performance.map.tick_at(101) == pytest.approx(1552)


def test_a_session_is_passed_on_as_midi_clock(ledger: str):
    stage = Stage(ledger, midi={"clock_out": True}, **LINKED)
    stage.say(Roll(alone=True))
    stage.link(beat=3.5)
    stage.run(0.26)
    start = [text for _, text in stage.sent].index("fa")
    assert stage.sent[start + 1] == (0.25, "f8")


@hypothesis_settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [Roll(), Roll(alone=True), Halt(), SetTempo(90, 3), *map(SetSource, SOURCES)]
        )
        | st.tuples(st.floats(-50, 50), st.floats(20, 400), st.booleans()),  # where the session is
        max_size=25,
    ),
    st.floats(0, 0.3),
)
def test_no_session_harms_and_none_leaves_anything_sounding(orders: list[Any], wait: float):
    path = Ledger.create()
    try:
        stage = Stage(path, midi={"clock_out": True}, transport={"source": "link", "count_in": 1})
        for order in orders:
            if isinstance(order, tuple):
                stage.link(*order)
            else:
                stage.say(order)
            stage.say(bar(Note(0, 60, 1920), Note(960, 62, 9600), Note(1920, 60, 1920)))
            stage.run(stage.now - 100 + wait)
            assert not math.isnan(stage.performance.deadline())
        stage.performance.close(stage.now)
        assert stage.ledger.sounding() == []
        sent = [bytes.fromhex(text) for _, text in stage.sent]
        for channel in (1, 9):
            check_pairs(m for m in sent if m[0] < 0xF0 and m[0] & 15 == channel)
        assert {0xFA, 0xFB}.isdisjoint([m[0] for m in sent if 0xFA <= m[0] <= 0xFC][-1:])
    finally:
        Path(path).unlink()


# --- ramps ----------------------------------------------------------------------------------------


def test_on_a_ramp_notes_come_as_the_tempo_bends_and_it_is_told_once_a_beat(ledger: str):
    stage = Stage(ledger, transport={"tempo": 60})
    stage.say(Roll())
    stage.say(bar(Note(0, 60, 960), Note(960, 62, 960)))
    stage.say(SetTempo(120, 2))
    stage.run(4)
    ons = [time for time, text in stage.sent if text[0] == "9"]
    assert ons == pytest.approx([0, 2 * math.log(1.5)], abs=1e-3)
    told = stage.told_of(Moment)[2:]
    assert [m.rate / 16 for m in told] == pytest.approx([90, 120])
    assert [m.tick for m in told] == pytest.approx([960, 1920])
    assert [m.time for m in told] == pytest.approx([100 + 2 * math.log(1.5), 100 + 2 * math.log(2)])


def test_the_next_player_goes_on_with_the_ramp(ledger: str):
    stage = Stage(ledger, transport={"tempo": 60})
    stage.say(Roll())
    stage.say(SetTempo(120, 2))
    heir = Stage(ledger)
    heir.now = 101.0
    heir.performance.resume(stage.kept[-1], heir.now)
    heir.run(4)
    assert heir.told_of(Moment)[-1].rate == pytest.approx(1920)
    assert heir.performance.map.tick_at(104) == pytest.approx(stage.performance.map.tick_at(104))


# --- the clock that is sent -----------------------------------------------------------------------

CLOCKED: dict[str, Any] = {"midi": {"clock_out": True}}


def clocks_of(stage: Stage) -> list[float]:
    return [time for time, text in stage.sent if text == "f8"]


def test_the_clock_goes_out_with_the_song_and_before_its_notes(ledger: str):
    stage = Stage(ledger, **CLOCKED)
    stage.run(1)
    assert stage.sent == []  # nothing while it stands
    stage.now = 100.0
    stage.say(Roll())
    stage.say(bar(Note(0, 60, 40), Note(60, 64, 40)))
    stage.run(0.05)
    assert stage.sent == [
        (0.0, "fa"),
        (0.001, "f8"),
        (0.001, "913c40"),
        (0.0218, "f8"),
        (0.0218, "813c40"),
        (0.0323, "914040"),
        (0.0427, "f8"),
    ]


def test_late_clocks_and_notes_keep_their_order(ledger: str):
    stage = Stage(ledger, **CLOCKED)
    stage.say(Roll())
    stage.say(bar(Note(0, 60, 40), Note(60, 64, 40)))
    stage.now = 100.06
    stage.performance.act(stage.now)
    assert [text for _, text in stage.sent] == [
        *("fa", "f8", "913c40", "f8", "813c40", "914040", "f8", "814040")
    ]


def test_clocks_follow_the_tempo_and_the_song_stops_them(ledger: str):
    stage = Stage(ledger, **CLOCKED)
    stage.say(Roll())
    stage.run(0.5)
    stage.say(SetTempo(60))
    stage.run(1.5)
    stage.say(Halt())
    stage.run(9)
    stage.say(Roll())
    assert [text for _, text in stage.sent if text != "f8"] == ["fa", "fc", "fa"]
    assert stage.sent[-2] == (1.5, "fc")
    assert len(clocks_of(stage)) == 24 + 24
    assert clocks_of(stage)[-1] - clocks_of(stage)[-2] == pytest.approx(1 / 24, abs=1e-3)


def test_output_latency_leaves_a_start_its_time(ledger: str):
    stage = Stage(ledger, **CLOCKED, latency={"output": 20})
    stage.say(Roll())
    stage.run(0.022)
    assert stage.sent == [(0.0, "fa"), (0.001, "f8"), (0.0218, "f8")]


def test_while_a_clock_is_followed_none_is_sent(ledger: str):
    stage = Stage(ledger, **CLOCKED)
    stage.say(Roll())
    stage.run(0.1)
    stage.say(SetSource("clock"))
    assert stage.sent[-1] == (0.1, "fc")
    count = len(stage.sent)
    for message in ("fa", "f8", "f8", "f8"):
        stage.now += 0.02
        stage.midi(message)
    assert stage.performance.map.rolling
    assert len(stage.sent) == count


def test_the_end_stops_whoever_follows_and_a_panic_does_not(ledger: str):
    stage = Stage(ledger, **CLOCKED)
    stage.say(Roll())
    stage.say(Panic())
    stage.run(0.1)
    count = len(clocks_of(stage))
    assert count > 0
    stage.performance.close(stage.now)
    stage.run(1)
    assert [text for _, text in stage.sent if text >= "f0"].count("fc") == 1
    assert len(clocks_of(stage)) == count


def test_the_next_player_continues_whoever_follows(ledger: str):
    stage = Stage(ledger, **CLOCKED)
    stage.say(Roll())
    heir = Stage(ledger, **CLOCKED)
    heir.now = 101.0
    heir.performance.resume(stage.kept[-1], heir.now)
    heir.run(1.2)
    others = [text for _, text in heir.sent if text != "f8"]
    assert others == ["fc", "f20800", "fb"]  # the eighth sixteenth is at 1.001 s
    after = [time for time, _ in heir.sent[[t for _, t in heir.sent].index("fb") :]]
    assert after[1] == pytest.approx(1.001)


@hypothesis_settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from([Roll(), Halt(), *map(SetSource, SOURCES), Panic()])
        | st.builds(SetTempo, st.floats(20, 400), st.just(0.0) | st.floats(0, 9)),
        max_size=15,
    ),
    st.floats(0, 0.3),
)
def test_a_receiver_is_stopped_as_often_as_it_was_started(orders: list[Any], wait: float):
    path = Ledger.create()
    try:
        stage = Stage(path, **CLOCKED)
        for order in orders:
            stage.say(order)
            stage.run(stage.now - 100 + wait)
        stage.performance.close(stage.now)
        system = "".join(text[1] for _, text in stage.sent if text[0] == "f" and text != "f8")
        assert system.replace("ac", "") == ""
    finally:
        Path(path).unlink()


def test_the_next_player_goes_on_where_this_one_was(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.say(SetThru(False))
    heir = Stage(ledger)
    heir.now = 101.0
    heir.performance.resume(stage.kept[-1], heir.now)
    assert heir.told_of(Rolling) == [Rolling(1920, song=1, again=True)]
    assert heir.performance.thru.on is False


@pytest.mark.parametrize(
    ("between", "again"), [((), True), (("fc", "fa"), False), (("fa",), False)]
)
def test_a_followed_song_goes_on_unless_it_began_anew(
    ledger: str, between: tuple[str, ...], again: bool
):
    stage = Stage(ledger, transport={"source": "clock"})
    for message in ("fa", *["f8"] * 49):
        stage.now += 0.02
        stage.midi(message)
    heir = Stage(ledger, transport={"source": "clock"})
    heir.now = stage.now + 0.1
    heir.performance.resume(stage.kept[-1], heir.now)
    for message in (*between, "f8", "f8"):
        heir.now += 0.02
        heir.midi(message)
    (rolling,) = heir.told_of(Rolling)
    assert rolling.again == again
    assert (rolling.tick > 48 * 40) == again


def test_a_song_that_stood_begins_anew_with_the_next_player(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.say(Halt())
    heir = Stage(ledger)
    heir.performance.resume(stage.kept[-1], heir.now)
    heir.say(Roll())
    assert heir.told_of(Rolling) == [Rolling(0, song=heir.told_of(Rolling)[0].song)]


def test_too_many_wakes_are_dropped_and_counted(ledger: str):
    stage = Stage(ledger)
    for tick in range(100):
        stage.say(Wake(tick))
    stage.now += 1
    stage.performance.act(stage.now)
    assert stage.told_of(Report)[-1].counts["dropped_wakes"] == 36


def length(status: int) -> int:
    if status >= 0xF0:
        return {0xF1: 2, 0xF2: 3, 0xF3: 2}.get(status, 1)
    return 2 if 0xC0 <= status < 0xE0 else 3


@st.composite
def midi(draw: st.DrawFn) -> bytes:
    """Any whole message but a system-exclusive one; notes and clocks more than others."""
    status = draw(st.sampled_from([0x90, 0x80, 0xB0, 0xF8, 0xFA]) | st.integers(0x80, 0xFF))
    data = bytes((status, draw(st.integers(58, 62)) if status < 0xA0 else draw(values)))
    return bytes((*data, draw(values)))[: length(status)]


values = st.integers(0, 127)


@hypothesis_settings(max_examples=100, deadline=None)
@given(st.lists(midi(), max_size=60))
def test_no_message_that_comes_in_harms(messages: list[bytes]):
    path = Ledger.create()
    try:
        stage = Stage(path, transport={"source": "clock"})
        for data in messages:
            stage.now += 0.01
            stage.performance.arrive(stage.now, data, stage.now)
            stage.performance.act(stage.now)
            assert not math.isnan(stage.performance.deadline())
        stage.performance.close(stage.now)
        assert stage.ledger.sounding() == []
        check_pairs(bytes.fromhex(text) for _, text in stage.sent)
    finally:
        Path(path).unlink()


def check_pairs(messages: Iterable[bytes]) -> None:
    sounding: set[int] = set()
    for message in messages:
        if message[0] & 0xF0 == 0x90:
            assert message[1] not in sounding
            sounding.add(message[1])
        elif message[0] & 0xF0 == 0x80:
            sounding.remove(message[1])
    assert sounding == set()


def test_an_engine_that_comes_in_the_midst_is_told_what_was_played(ledger: str):
    """Since the song rolls, and no more than is worth it."""
    stage = Stage(ledger)
    stage.midi("903050")
    stage.say(Roll())
    stage.run(0.5)
    stage.midi("903c50")
    stage.run(0.75)
    stage.midi("803c40")
    stage.told.clear()
    stage.say(Hello())
    played = [NoteOn(960, 60, 80), NoteOff(1440, 60)]
    assert [m for m in stage.told if not isinstance(m, Report)][1:] == [
        Rolling(1440, since=0),
        *played,
    ]
    for _ in range(RETOLD):
        stage.midi("903c50")
        stage.midi("803c40")
    stage.told.clear()
    stage.say(Hello())
    assert len(stage.told_of(NoteOn, NoteOff)) == RETOLD
    assert stage.told_of(Rolling) == [Rolling(1440, since=1440)]


# --- what comes and goes


def test_an_input_that_is_unplugged_lets_go_of_its_keys_alone(ledger: str):
    stage = Stage(ledger)
    stage.performance.arrive(100.0, bytes.fromhex("903c50"), 100.0, 0)
    stage.performance.arrive(100.0, bytes.fromhex("904050"), 100.0, 1)
    stage.performance.arrive(100.0, bytes.fromhex("b0407f"), 100.0, 1)
    stage.sent.clear()
    stage.performance.unplugged(1, 100.5)
    assert [m for _, m in stage.sent] == ["804040", "b04000"]
    assert stage.told_of(NoteOff) == [NoteOff(0, 64)]
    stage.midi("803c40")
    assert stage.ledger.sounding() == []


def test_each_input_has_a_channel_of_its_own(ledger: str):
    stage = Stage(ledger, midi={"input_channel": 2, "more_channels": [0, 3]})
    for place in range(3):
        for channel in range(4):
            data = bytes((0x90 | channel, 60 + place * 4 + channel, 64))
            stage.performance.arrive(100.0, data, 100.0, place)
    assert [m.pitch for m in stage.told_of(NoteOn)] == [61, 64, 65, 66, 67, 70]


def test_an_output_that_comes_back_is_told_what_it_missed(ledger: str):
    """Note 60 ends before the loss is noticed, 62 after it, 64 when the output is there again."""
    stage = Stage(ledger)
    stage.say(Roll())
    notes = Note(0, 60, 1000), Note(0, 62, 1800), Note(0, 64, 3000)
    stage.say(bar(*notes))
    stage.run(0.75)
    stage.performance.unplugged(OUTPUT, stage.now)
    stage.run(1.25)
    stage.sent.clear()
    stage.performance.plugged(OUTPUT, stage.now)
    assert [m for _, m in stage.sent] == ["813c40", "813e40", "b14000"]
    stage.run(2.0)
    assert [m for _, m in stage.sent][3:] == ["814040"]
    assert stage.performance.counters.counts["reconnects"] == 1


def test_what_ended_long_before_a_loss_is_not_ended_again(ledger: str):
    stage = Stage(ledger)
    stage.midi("903c50")
    stage.midi("803c40")
    stage.now += 5
    stage.performance.unplugged(OUTPUT, stage.now)
    stage.sent.clear()
    stage.performance.plugged(OUTPUT, stage.now)
    assert stage.sent == []


def test_a_follower_that_is_plugged_in_again_is_told_where_the_song_is(ledger: str):
    stage = Stage(ledger, midi={"clock_out": True})
    stage.say(Roll())
    stage.run(1.0)
    stage.performance.unplugged(OUTPUT, stage.now)
    stage.run(2.0)
    stage.sent.clear()
    stage.performance.plugged(OUTPUT, stage.now)
    assert [m for _, m in stage.sent] == ["fc", "f21000"]
    stage.run(2.13)
    assert "fb" in [m for _, m in stage.sent]


# --- standing still


def stand(stage: Stage, seconds: float) -> None:
    """The process does nothing for so long, then what its loop does first."""
    stage.now = max(stage.now, stage.performance.deadline()) + seconds
    stage.performance.catch_up(stage.now)
    stage.performance.act(stage.now)


def test_after_standing_still_the_song_goes_on_from_where_it_was(ledger: str):
    stage = Stage(ledger, midi={"clock_out": True}, transport={"metronome": True})
    stage.say(Roll())
    stage.say(bar(*(Note(beat * 960, 60 + beat, 900) for beat in range(4))))
    stage.say(Wake(3840))
    stage.run(0.6)
    before = len(stage.sent)
    stand(stage, 10.0)
    burst = [m for _, m in stage.sent[before:]]
    assert burst.count("f8") <= 1
    assert not [m for m in burst if m.startswith("9")]
    assert stage.told_of(Woke) == []
    assert stage.ledger.sounding() == []  # what had sounded for ten seconds is closed
    stage.run(14.0)
    assert len([m for _, m in stage.sent if m == "f8"]) > 150
    onsets = [when for when, m in stage.sent if m.startswith("91")]
    gaps = [b - a for a, b in pairwise(onsets)]
    assert gaps == pytest.approx([0.5, 10.5, 0.5], abs=0.03)
    assert stage.told_of(Woke) == [Woke(3840)]
    clocks = [when for when, m in stage.sent if m == "f8"]
    assert sorted(b - a for a, b in pairwise(clocks))[-2] < 0.022  # one gap, and no burst after it
    assert stage.performance.counters.counts["stood"] == 1


def test_being_a_little_late_is_made_up_for(ledger: str):
    stage = Stage(ledger, midi={"clock_out": True})
    stage.say(Roll())
    stage.run(0.5)
    stand(stage, 0.1)
    stage.run(4.0)
    assert len([m for _, m in stage.sent if m == "f8"]) == pytest.approx(4 * 48, abs=1)
    assert stage.performance.counters.counts["stood"] == 0


def test_standing_still_on_a_ramp_leaves_the_rest_of_it(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.say(SetTempo(240, 8))
    stage.run(1.0)
    here = stage.performance.map.tick_at(stage.now)
    stand(stage, 20.0)
    assert stage.performance.map.tick_at(stage.now) - here < 960  # not past the next beat
    stage.run(30.0)
    assert stage.performance.map.at(stage.now).rate == pytest.approx(240 * 16)


def test_one_who_follows_a_clock_says_nothing_late_either(ledger: str):
    stage = Stage(ledger, transport={"source": "clock"})
    stage.midi("fa")
    stage.say(bar(*(Note(n * 40, 40 + n, 30) for n in range(40))))
    for clock in range(10):
        stage.now = 100 + clock / 48
        stage.midi("f8")
    stage.sent.clear()
    stand(stage, 10.0)
    assert not [m for _, m in stage.sent if m.startswith("9")]
    assert stage.ledger.sounding() == []


def test_after_a_sleep_of_the_machine_nothing_rings_on(ledger: str):
    stage = Stage(ledger)
    stage.say(Roll())
    stage.say(bar(Note(0, 60, 3000), Note(1920, 64, 960)))
    stage.run(0.5)
    stage.performance.slept(stage.now)
    assert stage.ledger.sounding() == []
    stage.run(1.2)
    assert stage.ledger.sounding() == [(1, 64)]


def test_a_panic_does_not_stop_the_metronome(ledger: str):
    stage = Stage(ledger, transport={"metronome": True})
    stage.say(Roll())
    stage.run(0.6)
    stage.say(Panic())
    stage.sent.clear()
    stage.run(2.1)
    assert len([m for _, m in stage.sent if m.startswith("99")]) == 3


# --- controllers ---


def test_a_mapped_controller_is_the_engines_and_all_others_are_passed_on(ledger: str):
    stage = Stage(ledger, midi={"input_channel": 1})
    stage.say(Claim(((4, 74),)))
    for text in ("b0 4a 10", "b4 4a 20", "b0 40 7f", "b0 4a"):
        stage.midi(text)
    assert [text for _, text in stage.sent] == ["b04a10", "b0407f"]
    assert stage.told_of(Turned) == [Turned(100.0, b"\xb4\x4a\x20")]
    assert [g.data.hex() for g in stage.told_of(Gesture)] == ["b04a10", "b0407f"]
    assert stage.performance.counters.counts["malformed"] == 1


def test_nothing_is_played_that_comes_by_a_port_of_knobs_but_the_panic_button(ledger: str):
    stage = Stage(ledger, midi={"panic_controller": 99, "input_channel": 3})
    stage.say(Claim(((0, 74), (0, 99))))
    for text in ("90 3c 50", "b0 4a 10", "b0 4b 10", "c0 05"):
        stage.performance.arrive(stage.now, bytes.fromhex(text), stage.now, CONTROLLER)
    assert stage.sent == []
    assert [t.data.hex() for t in stage.told_of(Turned)] == ["b04a10", "c005"]
    stage.performance.arrive(stage.now, bytes.fromhex("b0 63 7f"), stage.now, CONTROLLER)
    assert any(text.startswith("b07b") for _, text in stage.sent)


def test_the_next_player_knows_what_is_mapped(ledger: str):
    stage = Stage(ledger)
    stage.say(Claim(((0, 74),)))
    after = Stage(ledger)
    after.performance.resume(stage.kept[-1], after.now)
    after.midi("b0 4a 10")
    assert after.sent == []


def test_a_controller_that_comes_back_is_shown_all_again(ledger: str):
    stage = Stage(ledger)
    stage.say(Feed((b"\xb0\x4a\x10", b"\xb0\x4b\x20")))
    stage.say(Feed((b"\xb0\x4a\x30",)))
    assert stage.shown == ["b04a10", "b04b20", "b04a30"]
    stage.performance.unplugged(RINGS, stage.now)
    stage.performance.plugged(RINGS, stage.now)
    assert stage.shown[3:] == ["b04b20", "b04a30"]
    assert stage.sent == []
