"""A real browser on the panel, for measurements and tests: Chromium, moved by Playwright."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Generator

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from presets.errors import GlissarError

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium here: apt install chromium."


def program() -> str:
    """Where the system's own is. Raises GlissarError."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise GlissarError(MISSING)


@contextlib.contextmanager
def browser() -> Generator[Browser]:
    """Without a window. Raises GlissarError where there is none."""
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []  # it refuses to have one as root
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program(), args=flags)
        try:
            yield opened
        finally:
            opened.close()


def knob(page: Page, name: str) -> Locator:
    """A knob of the panel, by its name."""
    return page.get_by_role("slider", name=name, exact=True)
