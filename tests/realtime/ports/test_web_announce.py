"""Announcing by zeroconf, in a network of its own: the loopback, and nobody else's."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from queue import Queue
from typing import Any

import pytest

from realtime.controls import table
from realtime.ports.web import WebPort
from realtime.settings import Settings, WebSettings
from realtime.stage.free import free_port

FOUND = """
import time, urllib.request
from pythonoscquery.osc_query_browser import OSCQueryBrowser
from pythonoscquery.osc_query_client import OSCQueryClient
from realtime.controls import table
from realtime.ports.web import WebPort
from realtime.settings import Settings, WebSettings

web = WebPort(Settings(web=WebSettings(announce=True)), table(["density"]), print)
web.echo("/glissar/mode", ("freeze",))
web.start()
browser = OSCQueryBrowser()
until = time.monotonic() + 30
while not (found := browser.get_discovered_oscquery()) and time.monotonic() < until:
    time.sleep(0.02)
client = OSCQueryClient(found[0])
print(found[0].port, client.get_host_info().name, client.query_node("/glissar/mode").value)
browser.zc.close()
web.close()
"""


def test_a_browser_that_others_wrote_finds_the_server() -> None:
    if not (shutil.which("unshare") and shutil.which("ip")):
        pytest.skip("needs unshare and ip (apt install util-linux iproute2)")
    alone = ["unshare", "-rn", "bash", "-c", 'ip link set lo up && exec "$@"', "-"]
    program = [sys.executable, "-c", FOUND]
    done = subprocess.run([*alone, *program], capture_output=True, text=True, timeout=120)
    if "unshare" in done.stderr:
        pytest.skip(f"no network of its own is allowed here ({done.stderr.strip()})")
    assert done.stdout.strip() == "9012 glissar ['freeze']", done.stderr


def test_without_zeroconf_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zeroconf", None)  # as where it is not installed
    port = free_port(socket.SOCK_STREAM)
    put: Queue[Any] = Queue()
    web = WebPort(Settings(web=WebSettings(port=port, announce=True)), table([]), put.put)
    web.start()
    assert put.get(timeout=20).sentence.endswith("pip install '.[discover]'.")
    web.close()
