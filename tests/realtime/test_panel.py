"""The panel as it is built and served: it is of its sources, and fetches nothing from elsewhere."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from realtime.controls import table
from realtime.ports import web_server
from realtime.ports.web import WebPort
from realtime.settings import Settings, WebSettings
from realtime.stage.free import free_port

FRONT = web_server.PANEL.parent / "front"
OLDEST = (20, 19)  # Node that Vite runs on
MINUTES = 300.0  # s that npm may take
PATIENCE = 20.0  # s
NAMES = {"www.w3.org", "svelte.dev"}  # of namespaces, and in messages: nothing is fetched there

Get = Callable[[str], tuple[str, dict[str, str]]]


def node_is_old() -> bool:
    if not shutil.which("npm") or not shutil.which("node"):
        return True
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, said.strip().lstrip("v").split(".")[:2])) < OLDEST


@pytest.mark.skipif(node_is_old(), reason="building the panel needs npm and Node 20.19")
def test_what_is_committed_is_what_is_built(tmp_path: Path) -> None:
    front = tmp_path / "realtime/front"
    shutil.copytree(FRONT, front, ignore=shutil.ignore_patterns("node_modules"))
    for command in (["ci"], ["run", "build"]):
        npm = ["npm", "--prefer-offline", *command]
        done = subprocess.run(npm, cwd=front, capture_output=True, text=True, timeout=MINUTES)
        assert done.returncode == 0, done.stdout + done.stderr
    assert contents(tmp_path / "realtime/panel") == contents(web_server.PANEL), (
        "run `npm run build` in realtime/front"
    )


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


@pytest.fixture
def get() -> Iterator[Get]:
    """Asks a real server for a path: what it says, and its headers."""
    port = free_port(socket.SOCK_STREAM)
    web = WebPort(Settings(web=WebSettings(port=port)), table(["density"]), lambda _: None)
    web.start()

    def get(path: str) -> tuple[str, dict[str, str]]:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as asking:
            asking.request("GET", path)
            response = asking.getresponse()
            assert response.status == 200, path
            return response.read().decode(), {k.lower(): v for k, v in response.getheaders()}

    yield get
    web.close()


class Page(HTMLParser):
    """What a page refers to, and what in it a strict policy would refuse."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.refers: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag in ("style", "base") or (tag == "script" and not names.get("src")):
            self.inline.append(tag)
        self.inline += [name for name in names if name == "style" or name.startswith("on")]
        self.refers += [names[name] or "" for name in ("src", "href") if name in names]


def test_a_page_that_the_policy_would_refuse_is_seen() -> None:
    page = Page('<style></style><p onclick="x" style="y"><script>z</script><img src="//a/b">')
    assert page.inline == ["style", "onclick", "style", "script"]
    assert page.refers == ["//a/b"]


def test_the_page_has_nothing_inline_and_refers_to_nothing_elsewhere(get: Get) -> None:
    text, headers = get("/panel/")
    page = Page(text)
    assert "default-src 'self'" in headers["content-security-policy"]
    assert page.inline == []
    assert {Path(ref).name for ref in page.refers} == {"icon.svg", "panel.js", "panel.css"}
    for reference in page.refers:
        assert not urlsplit(reference).netloc
        has_no_foreign_names(get(urljoin("/panel/", reference))[0])


def has_no_foreign_names(text: str) -> None:
    hosts = {urlsplit(url).hostname for url in re.findall(r"(?:https?|wss?)://[\w.:-]+", text)}
    assert hosts <= NAMES
    assert "@import" not in text
    assert "sourceMappingURL" not in text
