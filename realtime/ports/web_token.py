"""The token for a web server that others may reach. Drawn before any process starts, so that an
engine that is started again lets the same people in."""

from __future__ import annotations

import secrets

from msgspec.structs import replace

from realtime.ports.hosts import is_loopback
from realtime.settings import Settings


def with_token(settings: Settings) -> Settings:
    """A random token where others may reach the server, and none is set."""
    web = settings.web
    if not web.on or web.token or is_loopback(web.host):
        return settings
    return replace(settings, web=replace(web, token=secrets.token_urlsafe(16)))
