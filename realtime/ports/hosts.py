"""What a host may be: an address; a name would have to be looked up while the music waits."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_address(host: str, read: Callable[[str], Address] = ipaddress.ip_address) -> bool:
    """Whether `read` takes it; `ipaddress.IPv4Address` takes no other kind."""
    try:
        read(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str, read: Callable[[str], Address] = ipaddress.ip_address) -> bool:
    """Whether only this machine is meant."""
    return host == "localhost" or (is_address(host, read) and read(host).is_loopback)
