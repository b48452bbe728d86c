"""The performance log: written as it is played, and read back."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from presets import preset
from presets.bar import Note
from presets.errors import GlissarError
from realtime.events import (
    Answer,
    Control,
    Decoded,
    Gesture,
    Halted,
    NoteOff,
    NoteOn,
    Report,
    Rolling,
    SessionEvent,
    Woke,
)
from realtime.log import FORMAT, Gap, Header, Log, Take, read
from realtime.model import Model
from realtime.settings import Settings
from realtime.state import State

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


def wait_until(happened: Callable[[], bool], failure: str) -> None:
    patience = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < patience, failure
        time.sleep(0.01)


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


def test_counters_are_logged_too(tmp_path: Path) -> None:
    log = Log(tmp_path / "a.jsonl", header())
    report = Report({"late": 1.0, "jitter_p99": 0.35}, of="all")
    log.note(report)
    log.close()
    assert read(tmp_path / "a.jsonl")[0].events == [report]


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
    path.write_bytes(path.read_bytes().replace(b'"glissar_log":3', b'"glissar_log":4'))
    with pytest.raises(GlissarError, match=r"another version of glissar"):
        read(path)


@pytest.mark.parametrize("older", [1, 2])
def test_a_log_of_an_older_format_is_read(tmp_path: Path, older: int) -> None:
    path = tmp_path / "a.jsonl"
    write(path, EVENTS)
    now = f'"glissar_log":{FORMAT}'.encode()
    path.write_bytes(path.read_bytes().replace(now, f'"glissar_log":{older}'.encode()))
    assert read(path)[0].events == EVENTS


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


def test_a_full_disk_is_named_once() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    said: list[str] = []
    log = Log(Path("/dev/full"), header(), fault=said.append)
    for event in EVENTS:
        log.note(event)
    log.close()
    assert log.dropped == len(EVENTS) + 1
    assert said == [
        "the log /dev/full loses lines (No space left on device) and the music goes on; "
        "make room for it."
    ]


def test_what_a_full_disk_cost_is_in_the_log_once_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "take.jsonl"
    log = Log(path, header())
    wait_until(lambda: path.stat().st_size > 0, "the header is not written")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        log.note(EVENTS[1])
        log.note(EVENTS[2])
        wait_until(lambda: log.dropped == 2, "two lines are not lost")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    log.note(EVENTS[3])
    log.close()
    assert [take.events for take in read(path)] == [[Gap(2), EVENTS[3]]]


def test_half_a_line_is_taken_back(tmp_path: Path) -> None:
    """A disk that fills in the middle of a line leaves whole lines, so that the log still plays."""
    path = tmp_path / "take.jsonl"
    log = Log(path, header())
    log.close()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, hard))
    try:
        log = Log(path, header(), go_on=True)
        log.note(EVENTS[1])
        log.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert log.dropped == 2  # the header's line, and the event's
    assert [take.events for take in read(path)] == [[]]
