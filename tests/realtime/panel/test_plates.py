"""What each plate of the panel does, in a real browser beside a glissar that plays: what is told,
what is heard at the port, and what comes out as a file. Waiting is always for something to happen.
"""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import mido
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from realtime.stage.browser import knob
from realtime.stage.hearing import RATE
from realtime.stage.peer import Score

pytestmark = pytest.mark.ports

KNOB, HEARD = "/glissar/knob/density", "/glissar/window/heard"
NOTE_ON = 0x90
ALL_NOTES_OFF = b"\xb0\x7b\x00"


def at(page: Page, name: str, value: str) -> None:
    expect(knob(page, name)).to_have_attribute("aria-valuenow", value)


def taken(page: Page, name: str) -> mido.MidiFile:
    """A file, by its link in the page."""
    with page.expect_download() as download:
        page.get_by_role("link", name=f"{name} as a MIDI file").click()
    return mido.MidiFile(file=BytesIO(Path(download.value.path()).read_bytes()))


def onsets(file: mido.MidiFile) -> list[tuple[int, int]]:
    """(tick, pitch) of each note, in all tracks."""
    found: list[tuple[int, int]] = []
    for track in file.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity:
                found.append((tick, message.note))
    return sorted(found)


def test_a_controller_is_learnt_by_a_click_and_forgotten(
    context: BrowserContext, show: Any
) -> None:
    page = show.panel(context)
    page.get_by_role("button", name="learn", exact=True).click()
    knob(page, "density").click()
    expect(page.get_by_text("Now turn a hardware knob for knob/density.")).to_be_visible()
    ends = (0, b"\xb4\x4a\x20"), (RATE // 20, b"\xb4\x4a\x60")
    show.peer.begin(Score("keys", ends, loop=RATE // 10))  # until it is learnt, as a person does
    entry = page.get_by_role("listitem").filter(has_text="5:74")
    expect(entry).to_contain_text("knob/density")
    show.peer.begin(Score("keys", ends))
    at(page, "density", "0.5079")  # 32/63
    assert show.told("/glissar/cc/entries") == [f"5:74 {KNOB}"]
    page.get_by_role("button", name="done").click()
    page.get_by_role("button", name="forget knob/density").click()
    expect(page.get_by_text("None is learnt.")).to_be_visible()
    knob(page, "density").press("Home")  # it turns again, and is not chosen
    at(page, "density", "-1")


def test_the_rolls_say_what_changed_and_the_window_comes_as_a_file(
    context: BrowserContext, show: Any
) -> None:
    page = show.panel(context)
    said = r"played: \d+ notes?, .*; heard: \d+ notes?, .*"
    expect(page.get_by_role("img", name=re.compile(rf"{said}, 0 changed"))).to_be_visible()
    knob(page, "density").press("End")
    expect(page.get_by_role("img", name=re.compile(rf"{said}, [1-9]\d* changed"))).to_be_visible()

    def is_that_told() -> bool:
        """Unless another window came meanwhile."""
        before, file = show.told(HEARD), taken(page, "heard")
        if before != show.told(HEARD):
            return False
        notes = sorted(zip(before[2::4], before[4::4], strict=True))
        assert [(max(onset, 0), pitch) for onset, pitch in notes] == onsets(file)
        return bool(notes)

    show.jack.wait(is_that_told, "there are no notes to take")


def test_the_dot_of_the_map_is_dragged_and_moves_in_the_other_page(
    context: BrowserContext, mapped_show: Any
) -> None:
    page, other = mapped_show.panel(context), mapped_show.panel(context)
    expect(other.locator("circle.dot")).to_be_visible()
    ground = page.get_by_role("group", name="map of density")
    ground.scroll_into_view_if_needed()
    box = ground.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.25 * box["height"], steps=5)
    page.mouse.up()
    expect(knob(other, "density")).to_have_attribute("aria-valuetext", re.compile("^90 % of the"))
    assert mapped_show.told(f"{KNOB}/target")[0] == pytest.approx(0.9, abs=0.01)
    assert mapped_show.told("/glissar/free/density/target")[0] == pytest.approx(0.75, abs=0.01)
    for each in (page, other):
        expect(each.locator("circle.dot")).to_have_attribute("cx", re.compile(r"^(89|9[01])\b"))
    across = page.get_by_role("slider", name="across the map of density")
    across.press("ArrowDown")
    expect(across).to_have_attribute("aria-valuetext", re.compile("^73 % of the way"))


def test_a_recording_is_begun_ended_and_taken_away(context: BrowserContext, show: Any) -> None:
    page = show.panel(context)
    record = page.get_by_role("button", name="record", exact=True)
    record.click()
    expect(record).to_have_attribute("aria-pressed", "true")
    for _ in range(2):  # of the last moment before its end a recording may know nothing yet
        show.wait_until({60, 62, 65, 67}.issubset)
    record.click()
    expect(record).to_have_attribute("aria-pressed", "false")
    pitches = {pitch for _, pitch in onsets(taken(page, "recording"))}
    assert {60, 62, 65, 67} <= pitches


def test_a_snapshot_is_saved_in_one_page_and_recalled_in_the_other(
    context: BrowserContext, show: Any
) -> None:
    one, other = show.panel(context), show.panel(context)
    knob(one, "contour").press("End")
    one.get_by_role("textbox", name="name of a snapshot").fill("steep")
    one.get_by_role("button", name="save").click()
    recall = other.get_by_role("button", name="recall steep")
    expect(recall).to_be_visible()
    knob(one, "contour").press("Home")
    at(other, "contour", "-1")
    recall.click()
    at(one, "contour", "1")
    show.wait_until(lambda pitches: max(pitches, default=0) > 67)


def test_another_preset_brings_its_knobs_while_the_notes_go_on(
    context: BrowserContext, show: Any
) -> None:
    pages = [show.panel(context) for _ in range(2)]
    said: list[str] = []
    for page in pages:
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    pages[0].get_by_label("preset", exact=True).select_option("bach")
    for page in pages:
        expect(page.get_by_label("preset", exact=True)).to_have_value("bach")
        for name in ("rhythm", "range", "density", "contour"):
            expect(knob(page, name)).to_be_visible()
    show.wait_until(lambda pitches: len(pitches) > 1)
    knob(pages[1], "range").press("End")
    at(pages[0], "range", "1")
    assert said == []


def test_escape_twice_closes_what_sounds(context: BrowserContext, show: Any) -> None:
    page = show.panel(context)
    show.peer.strike(0, (0, 60, 1000 * RATE))  # a key that is not let go
    show.jack.wait(lambda: 60 in show.peer.sounding(0), "the key is not passed on")
    show.peer.forget()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    show.jack.wait(
        lambda: ALL_NOTES_OFF in [h.data for h in show.peer.heard()], "nothing is closed"
    )
    assert b"\x80\x3c" in {h.data[:2] for h in show.peer.notes(0)}
