"""From a key pressed in the panel to the plan that it changes; and how evenly the panel draws.

The browser stamps each event by its own clock, which is laid beside the monotonic one. Between
them: the page's script, the WebSocket, session, inference, and the pipe to the player.
"""

from __future__ import annotations

import random
import time

from playwright.sync_api import Page

from presets.folders import find, glance
from realtime.settings import Settings
from realtime.stage import knob
from realtime.stage.browser import browser
from realtime.stage.browser import knob as slider
from realtime.stage.house import House
from realtime.stage.household import IN, OUT
from realtime.stage.rig import RATE, stage
from realtime.stage.scenario import Figure, Finding, percentile

TURNS = 1000
LOADED = 30_000.0  # ms that the page may take
FRAME = 1000 / 60  # ms
STAMP = """() => {
    window.pressed = [];
    const note = (event) => window.pressed.push(performance.timeOrigin + event.timeStamp);
    addEventListener("keydown", note, {capture: true});
    window.frames_ = [];
    let last = 0;
    const draw = (now) => {
        if (last) frames_.push(now - last);
        last = now;
        requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
}"""


def measure(share: float) -> Finding:
    """Somebody plays, and knobs are turned by keys in a page at irregular times."""
    with browser() as chromium, stage() as jack:
        house = House(jack, Settings(preset=knob.PRESET))
        peer = jack.peer()
        peer.connect(peer.keys, IN)
        peer.connect(OUT, peer.port)
        peer.strike(3 * RATE, *knob.TUNE)
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{house.ports.web}/panel/", timeout=LOADED)
        turns, frames = _turn(page, max(30, round(TURNS * share)))
        stamps = house.leave()
    taken, left, missing = knob.pair(turns, stamps)
    return Finding(
        [
            Figure("key in the page to plan, p50", percentile(taken, 50), "ms"),
            Figure("key in the page to plan, p95", percentile(taken, 95), "ms", 25.0),
            Figure("turns without a plan", missing, "", 0),
            Figure("frame, p50", percentile(frames, 50), "ms"),
            Figure("frame, p95", percentile(frames, 95), "ms"),
            Figure("frames over twice 1/60 s", _long(frames), "%"),
        ],
        {"key in the page to plan": taken, "frames of the page": frames},
        notes=[
            f"{len(taken)} turns of {knob.PRESET}'s knobs by keys in Chromium without a window, "
            f"while its answers sounded; {left} more, in the last two steps of a window, have no "
            "rest of it to change, and are left out. The page shows rolls, map and meters."
        ],
    )


def _turn(page: Page, count: int) -> tuple[list[float], list[float]]:
    """When each was turned, on the monotonic clock, in s; and the frames in between, in ms."""
    chance = random.Random(0)
    names = glance(find(knob.PRESET))[1]
    sliders = [slider(page, name) for name in names]
    sliders[0].wait_for(timeout=LOADED)
    time.sleep(3 * 4 * 60 / knob.BPM)  # the second window answers the first
    page.evaluate(STAMP)
    for number in range(count):
        sliders[number % len(sliders)].press("PageUp" if number // len(sliders) % 2 else "PageDown")
        time.sleep(chance.uniform(*knob.GAP))
    ahead = time.time() - time.monotonic()
    pressed: list[float] = page.evaluate("pressed")
    return [when / 1e3 - ahead for when in pressed], page.evaluate("frames_")


def _long(frames: list[float]) -> float:
    return 100 * sum(frame > 2 * FRAME for frame in frames) / max(len(frames), 1)
