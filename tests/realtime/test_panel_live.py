"""The panel in a real browser, beside a glissar that plays on a JACK server: Chromium's own clicks,
keys and touches, and what is heard of them at the port.

Waiting is always for something to happen, never for a time to pass.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from presets.errors import GlissarError
from realtime.stage.browser import browser

pytestmark = pytest.mark.ports

IN, OUT = "glissar-in:in", "glissar-out:out"
LOOP, TUNE = 43_210, ((0, 60, 4000), (13_007, 67, 3000), (21_500, 65, 9000), (33_000, 62, 5500))
PATIENCE = 30_000.0  # ms; only a failing test waits so long
PHONE = ViewportSize(width=844, height=390)  # in landscape
TOUCH = 40  # px at least, of what a finger is to hit

expect.set_options(timeout=PATIENCE)


class Show:
    """glissar between keys and an ear, with its panel."""

    def __init__(self, jack: Any, preset: Path, osc: int, web: int) -> None:
        self.jack, self.port = jack, web
        self.url = f"http://127.0.0.1:{web}/panel/"
        ports = ("--osc-port", str(osc), "--echo-port", str(osc + 1), "--web-port", str(web))
        said = jack.folder / "said.txt"
        with said.open("wb") as file:
            self.process = jack.python(
                *("-m", "realtime", "play", "--preset", str(preset), "--tempo", "240"),
                *ports,
                stderr=file,
                cwd=jack.folder,
            )
        jack.wait_for(IN, OUT)
        jack.wait(lambda: "is ready" in said.read_text(), "it is not ready")
        self.peer = jack.peer()
        self.peer.connect(self.peer.keys, IN)
        self.peer.connect(OUT, self.peer.port)
        self.peer.strike(LOOP, *TUNE)

    def wait_until(self, happened: Callable[[set[int]], bool]) -> None:
        """… to the pitches that are answered from now on."""
        self.peer.forget()
        self.jack.wait(lambda: happened(self.answered()), "the answers do not become so")

    def answered(self) -> set[int]:
        return {note.data[1] for note in self.peer.notes(1) if note.data[0] == 0x91}

    def engine(self) -> int:
        """The engine's process id."""
        pid = self.process.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if b"realtime.service" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        raise ProcessLookupError


@pytest.fixture
def show(jack: Any, tiny_preset: Path, free_udp_port: int) -> Show:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        web = probe.getsockname()[1]
    return Show(jack, tiny_preset, free_udp_port, web)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    try:
        with browser() as opened:
            yield opened
    except GlissarError as error:
        pytest.skip(str(error))


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context() as context:
        context.set_default_timeout(PATIENCE)
        yield context


def panel(context: BrowserContext, show: Show) -> Page:
    """A page that is connected, and what it complains of is an error."""
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"the page: {error}"))
    page.goto(show.url)
    expect(page.get_by_text("connected", exact=True)).to_be_visible()
    return page


def knob(page: Page, name: str) -> Any:
    return page.get_by_role("slider", name=name, exact=True)


def at(page: Page, name: str, value: str) -> None:
    expect(knob(page, name)).to_have_attribute("aria-valuenow", value)


def test_a_knob_turned_in_the_page_is_heard_and_undone(context: BrowserContext, show: Show) -> None:
    """The tiny preset's contour, all the way up, ends a line twelve semitones higher."""
    page = panel(context, show)
    show.wait_until({60, 67}.issubset)
    knob(page, "contour").press("End")
    show.wait_until(lambda pitches: max(pitches, default=0) > 67)
    page.get_by_role("button", name="undo").click()
    at(page, "contour", "0")
    show.wait_until(lambda pitches: pitches <= {60, 62, 65, 67} and len(pitches) == 4)


def test_two_panels_stay_in_step_and_the_last_hand_wins(
    context: BrowserContext, show: Show
) -> None:
    one, other = panel(context, show), panel(context, show)
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


def test_it_is_turned_by_mouse_wheel_and_double_click(context: BrowserContext, show: Show) -> None:
    page = panel(context, show)
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
    context: BrowserContext, show: Show
) -> None:
    page = panel(context, show)
    knob(page, "density").press("End")
    other = panel(context, show)
    at(other, "density", "1")
    os.kill(show.engine(), signal.SIGKILL)
    expect(page.get_by_text("glissar is not there")).to_be_visible()
    expect(page.get_by_text("connected", exact=True)).to_be_visible()
    at(page, "density", "1")
    knob(page, "density").press("Home")
    at(other, "density", "-1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_all_is_within_reach(chromium: Browser, show: Show, scheme: Any) -> None:
    with chromium.new_context(viewport=PHONE, has_touch=True, color_scheme=scheme) as context:
        context.set_default_timeout(PATIENCE)
        page = panel(context, show)
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
    context: BrowserContext, show: Show
) -> None:
    page = panel(context, show)
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


def test_a_page_from_elsewhere_reaches_nothing(context: BrowserContext, show: Show) -> None:
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
    at(panel(context, show), "density", "0")  # and who may, may
