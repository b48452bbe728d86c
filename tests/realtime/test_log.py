"""The performance log: written as it is played, read back, and replayed to the same messages."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from presets import preset
from presets.bar import Note
from presets.errors import GlissarError
from realtime.desk import State
from realtime.events import (
    Action,
    Answer,
    Control,
    Decoded,
    Gesture,
    Halted,
    NoteOff,
    NoteOn,
    Rolling,
    SessionEvent,
    Woke,
)
from realtime.log import FORMAT, Header, Log, Take, read
from realtime.model import Model
from realtime.offline import Stage, Timed
from realtime.render import replay
from realtime.session import Session
from realtime.settings import Settings

BAR = 3840
ARCH = [Note(0, 60, 900, 90), Note(960, 64, 900, 70), Note(1920, 67, 900, 50), Note(2880, 60, 900)]
EVENTS: list[SessionEvent] = [
    Rolling(-3840),
    NoteOn(0, 60, 90, 3),
    Gesture(5, b"\xe3\x00\x40"),
    Control(77, (("/glissar/knob/density", (0.5,)), ("/glissar/mode", ("freeze",)))),
    Control(78, (("/glissar/transport/tap", ()),), 4321.0987654321),
    Control(78, (("/glissar/panic", ()), ("/glissar/x", (True, None, 3, [1, 2])))),
    NoteOff(960, 60, 3),
    Woke(3720),
    Answer(3721, 1, Decoded((1, 2), (3, 4))),
    Answer(3722, 2, None, "the model failed ♩."),
    Halted(4000),
]


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


def header(state: State | None = None, sha256: str = "0" * 64, seed: int = 0) -> Header:
    return Header(FORMAT, "tiny", sha256, Settings(seed=seed), state or State())


def write(path: Path, events: Sequence[SessionEvent], *, go_on: bool = False) -> None:
    log = Log(path, header(), go_on=go_on)
    for event in events:
        log.note(event)
    log.close()


# --- writing and reading --------------------------------------------------------------------------


def test_what_is_logged_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path, EVENTS)
    ((first, events),) = read(path)
    assert (first, events) == (header(), EVENTS)


def test_a_log_is_one_line_of_json_each(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path, EVENTS)
    assert len(path.read_bytes().splitlines()) == 1 + len(EVENTS)


def test_a_log_cut_off_at_any_byte_is_read_up_to_there(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    write(whole, EVENTS)
    content = whole.read_bytes()
    head = content.index(b"\n")
    for length in range(head, len(content) + 1):
        cut.write_bytes(content[:length])
        lines = content[:length].count(b"\n") - (length < len(content))
        ((_, events),) = read(cut)
        complete = content[:length].splitlines()[1:]
        assert events == EVENTS[: len(events)]
        assert len(complete) - 1 <= len(events) <= len(complete)
        assert lines - 1 <= len(events)


def test_a_log_cut_off_in_its_header_is_refused(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    write(whole, [])
    content = whole.read_bytes().rstrip(b"\n")
    for length in range(len(content)):
        cut.write_bytes(content[:length])
        with pytest.raises(GlissarError, match=r"cut\.jsonl is (no log|empty)"):
            read(cut)


def test_an_engine_that_starts_anew_goes_on_in_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path, EVENTS)
    path.write_bytes(path.read_bytes()[:-10])  # it died in mid-line
    write(path, EVENTS[:3], go_on=True)
    assert read(path) == [Take(header(), EVENTS[:-1]), Take(header(), EVENTS[:3])]


def test_a_log_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path, EVENTS)
    with pytest.raises(GlissarError, match=r"a\.jsonl exists; give another name"):
        Log(path, header())
    assert len(read(path)[0].events) == len(EVENTS)


@pytest.mark.parametrize("where", ["nowhere/a.jsonl", "."])
def test_a_log_that_cannot_be_written_is_refused(tmp_path: Path, where: str) -> None:
    with pytest.raises(GlissarError, match=r"the log .*(cannot be written|exists)"):
        Log(tmp_path / where, header())


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\n\n", b"\x00\xff", b"{}", b"[]", b'{"type":"Rolling","tick":0}', b"MThd\x00\x00"),
        b'{"type":"Header","glissar_log":1}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_log_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(GlissarError, match=r"a\.jsonl is (no log|empty)"):
        read(path)


def test_a_log_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path, [])
    path.write_bytes(path.read_bytes().replace(b'"glissar_log":1', b'"glissar_log":2'))
    with pytest.raises(GlissarError, match=r"another version of glissar"):
        read(path)


def test_a_missing_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GlissarError, match=r"nothing\.jsonl cannot be read"):
        read(tmp_path / "nothing.jsonl")


def test_a_line_damaged_in_the_middle_is_not_passed_over(tmp_path: Path) -> None:
    """What follows would be replayed as if nothing had been lost."""
    path = tmp_path / "a.jsonl"
    write(path, EVENTS)
    lines = path.read_bytes().split(b"\n")
    lines[4] = lines[4][:-5]
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(GlissarError, match=r"a\.jsonl is damaged at line 5"):
        read(path)


def test_a_full_disk_costs_lines_and_no_noise(capfd: pytest.CaptureFixture[str]) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    log = Log(full, header(), go_on=True)
    for event in EVENTS:
        log.note(event)
    log.close()
    assert log.dropped == len(EVENTS) + 2
    assert capfd.readouterr().err == ""


def test_half_a_line_is_taken_back(tmp_path: Path) -> None:
    """A disk that fills in the middle of a line leaves whole lines, so that the log still plays."""
    path = tmp_path / "take.jsonl"
    log = Log(path, header())
    log.close()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 30, hard))
    try:
        log = Log(path, header(), go_on=True)
        log.note(EVENTS[1])
        log.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert log.dropped == 2  # the header's line, and the event's
    assert [take.events for take in read(path)] == [[]]


# --- replay ---------------------------------------------------------------------------------------


def keys(notes: Sequence[Note]) -> list[SessionEvent]:
    ons = [NoteOn(n.onset, n.pitch, n.velocity) for n in notes]
    offs = [NoteOff(n.end, n.pitch) for n in notes]
    return sorted([*offs, *ons], key=lambda e: e.tick)


class Logged(Session):
    """A session that logs what it is told, as the engine does."""

    log: Log

    def handle(self, event: SessionEvent) -> Iterator[Action]:
        yield from super().handle(event)
        self.log.note(event)


def perform(model: Model, path: Path, script: Sequence[SessionEvent], seed: int) -> list[Timed]:
    """Play the script, keep its log, and give the messages sent."""
    state = State({"density": ("offset", 0.2)}, variation=0.8 if seed else 0.0)
    session = Logged(model.preset.manifest, state, seed)
    session.log = Log(path, header(state, model.preset.sha256, seed))
    sent = list(Stage(session, model.answer).perform(script, script[-1].tick))
    session.log.close()
    return sent


SONG = [note.moved(bar * BAR + bar * 7) for bar in range(6) for note in ARCH]
SCRIPT: list[SessionEvent] = [
    Rolling(0),
    *keys([*SONG, Note(2 * BAR - 80, 79, 700), Note(3 * BAR + 2900, 48, 930)]),
    Gesture(700, b"\xe0\x00\x50"),
    Control(BAR + 1000, (("/glissar/knob/contour", (0.5,)), ("/glissar/edit", ("full",)))),
    Control(3 * BAR + 2000, (("/glissar/mode", ("freeze",)), ("/glissar/edit", ("residual",)))),
    Control(4 * BAR + 2000, (("/glissar/knob/density/target", (0.9,)),)),
    Control(4 * BAR + 2500, (("/glissar/knob/density/value", (7,)),)),
    Control(5 * BAR - 10, (("/glissar/mode", ("follow",)), ("/glissar/delay", (2,)))),
    Halted(9 * BAR),
]


@pytest.mark.parametrize("seed", [0, 5])
def test_a_replay_is_exactly_the_performance(model: Model, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "a.jsonl"
    sent = perform(model, path, SCRIPT, seed)
    assert len(sent) > 60
    assert replay(read(path), model, 0) == (sent, 0)


def test_a_count_in_is_time_too(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    sent = perform(model, path, [Rolling(-BAR), *SCRIPT[1:]], 0)
    assert replay(read(path), model, 0) == ([(BAR + tick, data) for tick, data in sent], 0)


def test_a_replay_keeps_decisions_that_the_model_would_not_make_here(
    model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    sent = perform(model, path, SCRIPT, 5)
    ((first, events),) = read(path)
    from_elsewhere = Take(
        Header(FORMAT, "tiny", first.sha256, Settings(seed=6), first.state), events
    )
    again, other = replay([from_elsewhere], model, 0)
    assert again == sent
    assert other > 0


def test_a_replay_of_a_log_cut_off_is_the_beginning_of_the_performance(
    model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    sent = perform(model, path, SCRIPT, 0)
    content = path.read_bytes()
    for cut in range(content.index(b"\n"), len(content), 997):
        path.write_bytes(content[:cut])
        takes = read(path)
        last = takes[0].events[-1].tick if takes[0].events else 0
        again, _ = replay(takes, model, 0)
        assert [s for s in again if s[0] < last] == [s for s in sent if s[0] < last]


def test_what_was_told_out_of_the_order_of_ticks_is_replayed_as_it_was_told(model: Model) -> None:
    """A knob's datagram, stamped before the close, may reach the session after it."""
    told: list[SessionEvent] = [
        Rolling(0),
        *keys(ARCH),
        Woke(BAR - 120),
        Control(BAR - 121, (("/glissar/mode", ("freeze",)),)),
        Woke(2 * BAR - 120),
        Halted(3 * BAR),
    ]
    messages, _ = replay([Take(header(sha256=model.preset.sha256), told)], model, 0)
    struck = [(tick, data[1]) for tick, data in messages if data[0] == 0x90]
    assert struck == [(b * BAR + n.onset, n.pitch) for b in (1, 2) for n in ARCH]


def test_a_song_started_anew_follows_what_was_before(model: Model) -> None:
    once: list[SessionEvent] = [Rolling(0), *keys(ARCH), Woke(BAR - 120), Halted(2 * BAR)]
    messages, _ = replay([Take(header(sha256=model.preset.sha256), [*once, *once])], model, 0)
    struck = [tick for tick, data in messages if data[0] == 0x90]
    assert struck == [b * BAR + n.onset for b in (1, 3) for n in ARCH]


def test_a_replay_with_another_preset_is_refused(model: Model) -> None:
    with pytest.raises(GlissarError, match=r"played with another tiny than .*--preset"):
        replay([Take(header(), EVENTS)], model, 0)
