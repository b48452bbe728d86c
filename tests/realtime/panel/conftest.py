"""glissar on a JACK server between keys and an ear, and real browsers on its panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from msgspec import json
from playwright.sync_api import Browser, BrowserContext, Page, expect

from presets.errors import GlissarError
from realtime.stage.browser import browser
from realtime.stage.household import ENGINE, IN, OUT, Household

LOOP, TUNE = 43_210, ((0, 60, 4000), (13_007, 67, 3000), (21_500, 65, 9000), (33_000, 62, 5500))
PATIENCE = 30_000.0  # ms; only a failing test waits so long

expect.set_options(timeout=PATIENCE)


class Show:
    """Somebody plays it, and it has a panel."""

    def __init__(self, jack: Any, preset: Path) -> None:
        self.jack = jack
        flags = ("--preset", str(preset), "--tempo", "240")
        self.house = Household.play(jack.folder, *flags, spawn=jack.spawn)
        jack.wait_for(IN, OUT)
        self.port: int = self.house.ports.web
        self.url = f"http://127.0.0.1:{self.port}/panel/"
        self.peer = jack.peer()
        self.peer.connect(self.peer.keys, IN)
        self.peer.connect(OUT, self.peer.port)
        self.peer.strike(LOOP, *TUNE)

    def panel(self, context: BrowserContext) -> Page:
        """A page that is connected, and what it complains of is an error."""
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"the page: {error}"))
        page.goto(self.url)
        expect(page.get_by_text("connected", exact=True)).to_be_visible()
        return page

    def wait_until(self, happened: Callable[[set[int]], bool]) -> None:
        """… to the pitches that are answered from now on."""
        self.peer.forget()
        self.jack.wait(lambda: happened(self.answered()), "the answers do not become so")

    def answered(self) -> set[int]:
        return {note.data[1] for note in self.peer.notes(1) if note.data[0] == 0x91}

    def told(self, address: str) -> list[Any]:
        """What was told there last."""
        with urlopen(f"http://127.0.0.1:{self.port}{address}?VALUE") as answer:
            return json.decode(answer.read())["VALUE"]

    def engine(self) -> int:
        """The engine's process id."""
        return self.house.pids(ENGINE)[0]


@pytest.fixture
def show(jack: Any, tiny_preset: Path) -> Iterator[Show]:
    show = Show(jack, tiny_preset)
    yield show
    show.house.end()


@pytest.fixture
def mapped_show(jack: Any, mapped_preset: Path) -> Iterator[Show]:
    show = Show(jack, mapped_preset)
    yield show
    show.house.end()


@pytest.fixture(scope="session")
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
