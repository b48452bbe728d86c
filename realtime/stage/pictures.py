"""Pictures of the panel, as it is while somebody plays.

    python -m realtime.stage.pictures FOLDER

`glissar play` on a JACK server of its own, with a tune, turned knobs and Chromium, which takes
them. Snapshots and the like are kept in a folder that goes with it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize

from realtime.controls import ROOT
from realtime.stage.browser import browser, knob
from realtime.stage.hearing import RATE, Peer
from realtime.stage.household import IN, OUT, Household
from realtime.stage.peer import Score
from realtime.stage.rig import Jack, stage
from realtime.stage.waiting import JackWedgedError

PRESET, BPM = "bach", 100
BEAT = RATE * 60 // BPM  # frames
TUNE = (  # beats from the line, pitch, beats; two bars
    *((0, 62, 1), (1, 65, 1), (2, 69, 1), (3, 67, 1)),
    *((4, 65, 2), (6, 64, 1), (7, 69, 1)),
)
TURNS = {"density": 3, "range": 1}  # tenths of the way up, by keys
PLANE = "contour"
WAY = ((0.4, 0.7), (0.47, 0.56), (0.55, 0.46), (0.63, 0.4), (0.7, 0.38), (0.77, 0.4), (0.82, 0.46))
LOOKED_UP = 300  # ms in which it is told where the window has come to
LEGATO = 0.9  # of a note's length, in which it is let go
PATIENCE = 60_000.0  # ms


@dataclass(frozen=True)
class Shot:
    name: str
    viewport: ViewportSize
    scheme: Literal["dark", "light"]
    scale: float = 1  # pixels of a screen for each of CSS
    top: str = "knobs"  # the plate that a finger has scrolled to


DESK, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=844, height=390)
SHOTS = (
    Shot("desk-dark", DESK, "dark"),
    Shot("desk-light", DESK, "light"),
    Shot("phone", PHONE, "dark", 2),
    Shot("phone-rolls", PHONE, "light", 2, top="notes"),
)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as chromium, stage() as jack:
        house = _begin(jack)
        for shot in SHOTS:
            _take(chromium, house, shot, folder / f"{shot.name}.png")
        house.end()


def _begin(jack: Jack) -> Household:
    """A song that rolls, with a tune on its beats, two snapshots and a controller."""
    os.environ |= {"XDG_CONFIG_HOME": str(jack.folder), "XDG_DATA_HOME": str(jack.folder)}
    flags = ("--preset", PRESET, "--tempo", str(BPM), "--wait")
    house = Household.play(jack.folder, *flags, spawn=jack.spawn)
    jack.wait_for(IN, OUT)
    peer = jack.peer()
    peer.connect(peer.keys, IN)
    peer.connect(OUT, peer.port)
    for name in ("verse", "chorus"):
        house.say(f"{ROOT}/snapshot/save", name)
    _learn(house, peer)
    house.say(f"{ROOT}/transport/play", 1)
    notes = ((int(at * BEAT), key, int(long * BEAT * LEGATO)) for at, key, long in TUNE)
    peer.strike(8 * BEAT, *notes)
    return house


def _learn(house: Household, peer: Peer) -> None:
    address = f"{ROOT}/knob/density"
    house.say(f"{ROOT}/cc/learn", address)
    house.wait(lambda: house.ask(f"{ROOT}/cc/learning") == address, "it does not learn")
    peer.play(Score("keys", ((0, b"\xb0\x15\x00"), (RATE // 20, b"\xb0\x15\x20"))))
    house.wait(lambda: not house.ask(f"{ROOT}/cc/learning"), "it has not learnt")


def _take(chromium: Browser, house: Household, shot: Shot, path: Path) -> None:
    """A page that has been looked at and turned for a while."""
    with chromium.new_context(
        viewport=shot.viewport, color_scheme=shot.scheme, device_scale_factor=shot.scale
    ) as context:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{house.ports.web}/panel/", timeout=PATIENCE)
        _turn(page)
        plate = page.get_by_role("region", name=shot.top)
        plate.evaluate("plate => plate.scrollIntoView()")
        page.screenshot(path=path)


def _turn(page: Page) -> None:
    """From neutral on, until rolls and map show it."""
    for name, tenths in TURNS.items():
        knob(page, name).press("Delete")
        for _ in range(tenths):
            knob(page, name).press("PageUp")
    page.get_by_role("button", name=PLANE, exact=True).click()
    ground = page.get_by_role("group", name=f"map of {PLANE}")
    ground.scroll_into_view_if_needed()
    box = ground.bounding_box()
    assert box
    for x, y in WAY:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if (x, y) == WAY[0]:
            page.mouse.down()
        page.wait_for_timeout(LOOKED_UP)
    page.mouse.up()
    page.mouse.move(0, 0)
    page.wait_for_timeout(2 * 4 * 60_000 / BPM)  # two bars, of which the second was all played so


if __name__ == "__main__":
    try:
        main()
    except JackWedgedError as error:
        sys.exit(f"{error}: the pictures are not of a song that went well; try again.")
