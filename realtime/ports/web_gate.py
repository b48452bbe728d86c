"""Who may ask the web server anything: pages of its own, tools, and over the network who was asked.

A page from elsewhere, open in the performer's browser, reaches the loopback too. It is told by its
Origin; or, where its name was made to lead here, by the Host that it asks for.
"""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from realtime.oscquery import TOKEN
from realtime.ports.hosts import is_address, is_loopback
from realtime.settings import WebSettings

HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data: blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",  # values change; and the panel is on this machine
    "connection": "close",  # a connection is one question, or a WebSocket: see `web_limits`
}


@dataclass(frozen=True, slots=True)
class Knock:
    """What of a request says who asks."""

    method: str
    host: str
    origin: str | None
    cookies: str
    query: str
    body: bool  # whether there is one


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    sentence: str


class Gate:
    def __init__(self, settings: WebSettings) -> None:
        self.open = not is_loopback(settings.host)
        self.cookie = f"glissar-{settings.port}"  # cookies do not tell ports apart
        self._token = settings.token
        name = socket.gethostname().lower()
        self._names = {"localhost", name, f"{name}.local"} if self.open else {"localhost"}

    def refuse(self, knock: Knock) -> Refusal | None:
        if knock.method not in ("GET", "HEAD"):
            return Refusal(405, "This server is only asked (GET); values are set by OSC.")
        if knock.body:
            return Refusal(413, "Questions have no body here.")
        if not self._is_ours(knock.host):
            return Refusal(403, "This server answers to its address, not to that name.")
        if knock.origin is not None and knock.origin.lower() != f"http://{knock.host}".lower():
            return Refusal(403, "Pages from elsewhere may not use this server.")
        if self.open and not (self.brings_token(knock) or self._was_here(knock)):
            return Refusal(401, "Open the address with the token that glissar showed at its start.")
        return None

    def brings_token(self, knock: Knock) -> bool:
        return self._fits(parse_qs(knock.query).get(TOKEN, [""])[0])

    def _was_here(self, knock: Knock) -> bool:
        try:
            cookie = SimpleCookie(knock.cookies).get(self.cookie)
        except CookieError:
            return False
        return cookie is not None and self._fits(cookie.value)

    def _fits(self, token: str) -> bool:
        return bool(self._token) and secrets.compare_digest(token.encode(), self._token.encode())

    def _is_ours(self, host: str) -> bool:
        """An address cannot be made to lead elsewhere, a name can."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._names or is_loopback(name) or (self.open and is_address(name))
