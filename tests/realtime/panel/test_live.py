"""The panel in a real browser, beside a glissar that plays on a JACK server: Chromium's own clicks,
keys and touches, and what is heard of them at the port.

Waiting is always for something to happen, never for a time to pass.
"""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from realtime.stage.browser import knob

pytestmark = pytest.mark.ports

PHONE = ViewportSize(width=844, height=390)  # in landscape
TOUCH = 40  # px at least, of what a finger is to hit


def at(page: Page, name: str, value: str) -> None:
    expect(knob(page, name)).to_have_attribute("aria-valuenow", value)


def test_a_knob_turned_in_the_page_is_heard_and_undone(context: BrowserContext, show: Any) -> None:
    """The tiny preset's contour, all the way up, ends a line twelve semitones higher."""
    page = show.panel(context)
    show.wait_until({60, 67}.issubset)
    knob(page, "contour").press("End")
    show.wait_until(lambda pitches: max(pitches, default=0) > 67)
    page.get_by_role("button", name="undo").click()
    at(page, "contour", "0")
    show.wait_until(lambda pitches: pitches <= {60, 62, 65, 67} and len(pitches) == 4)


def test_two_panels_stay_in_step_and_the_last_hand_wins(context: BrowserContext, show: Any) -> None:
    one, other = show.panel(context), show.panel(context)
    knob(one, "density").press("End")
    at(other, "density", "1")
    knob(other, "density").press("Home")
    at(one, "density", "-1")
    for _ in range(20):  # both at once
        knob(one, "density").press("PageUp")
        knob(other, "density").press("PageDown")
    knob(one, "density").press("Delete")
    at(one, "density", "0")
    at(other, "density", "0")


def test_it_is_turned_by_mouse_wheel_and_double_click(context: BrowserContext, show: Any) -> None:
    page = show.panel(context)
    dial = knob(page, "density")
    box = dial.bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0], middle[1] - 45, steps=5)
    page.mouse.up()
    at(page, "density", "0.5")
    page.mouse.wheel(0, 100)
    expect(dial).not_to_have_attribute("aria-valuenow", "0.5")
    dial.dblclick()
    at(page, "density", "0")


def test_an_engine_that_is_killed_comes_back_with_what_was_set(
    context: BrowserContext, show: Any
) -> None:
    page = show.panel(context)
    knob(page, "density").press("End")
    other = show.panel(context)
    at(other, "density", "1")
    os.kill(show.engine(), signal.SIGKILL)
    expect(page.get_by_text("glissar is not there")).to_be_visible()
    expect(page.get_by_text("connected", exact=True)).to_be_visible()
    at(page, "density", "1")
    knob(page, "density").press("Home")
    at(other, "density", "-1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_all_is_within_reach(chromium: Browser, show: Any, scheme: Any) -> None:
    with chromium.new_context(viewport=PHONE, has_touch=True, color_scheme=scheme) as context:
        page = show.panel(context)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for name in ("density", "contour"):
            box = knob(page, name).bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= TOUCH
        buttons = page.get_by_role("button").all()
        assert len(buttons) > 5
        for button in buttons:
            box = button.bounding_box()
            if box:  # None: not shown
                assert box["height"] >= TOUCH, button.inner_text()
        page.get_by_role("button", name="panic").tap()


def test_every_control_has_a_name_and_is_reached_by_the_keyboard(
    context: BrowserContext, show: Any
) -> None:
    page = show.panel(context)
    nameless = page.evaluate("""() => [...document.querySelectorAll(
        'button, input, select, [role=slider], [role=meter], [role=radiogroup]')]
        .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim()
            || e.labels?.length || e.getAttribute('aria-labelledby')))
        .map((e) => e.outerHTML)""")
    assert nameless == []
    reached: set[str] = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''"))
    assert {"density", "contour", "play", "tempo"} <= reached


def test_a_page_from_elsewhere_reaches_nothing(context: BrowserContext, show: Any) -> None:
    """The performer's browser has a hostile page open; it knows the address."""
    page = context.new_page()
    page.route("http://elsewhere.test/**", lambda route: route.fulfill(body="<h1>hello</h1>"))
    page.goto("http://elsewhere.test/")
    outcome = page.evaluate(
        """(port) => new Promise((done) => {
            const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
            socket.onopen = () => done("open");
            socket.onerror = () => done("refused");
        })""",
        show.port,
    )
    assert outcome == "refused"
    asked = page.evaluate(
        """(port) => fetch(`http://127.0.0.1:${port}/`).then(() => "read", () => "refused")""",
        show.port,
    )
    assert asked == "refused"
    at(show.panel(context), "density", "0")  # and who may, may
