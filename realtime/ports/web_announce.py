"""Announces OSCQuery by zeroconf (`_oscjson._tcp`), where that is wanted and installed."""

from __future__ import annotations

import asyncio
import socket

from realtime.events import Trouble
from realtime.ports.hosts import is_loopback
from realtime.ports.web import WebPort
from realtime.ports.web_invite import own_address

KIND = "_oscjson._tcp.local."
MISSING = "web.announce needs zeroconf: pip install '.[discover]'."


async def announce(port: WebPort) -> None:
    """Until it is cancelled; on the loopback alone, where the server is open to nobody else."""
    web = port.settings.web
    if not web.announce:
        return
    try:
        from zeroconf import Error, InterfaceChoice
        from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf
    except ImportError:
        port.put(Trouble("web", MISSING))
        return
    here = [socket.inet_aton(own_address(web.host))]
    name = f"glissar {socket.gethostname()} {web.port}"
    info = AsyncServiceInfo(KIND, f"{name}.{KIND}", port=web.port, addresses=here)
    where = ["127.0.0.1"] if is_loopback(web.host) else InterfaceChoice.Default
    try:
        zeroconf = AsyncZeroconf(interfaces=where)
        try:
            await zeroconf.async_register_service(info)  # pyright: ignore[reportUnknownMemberType]
            await asyncio.Event().wait()
        finally:
            await zeroconf.async_close()
    except (Error, OSError) as error:
        port.put(Trouble("web", f"OSCQuery is not announced by zeroconf ({error})."))
