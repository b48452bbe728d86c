"""Ports of loopback that nobody has."""

from __future__ import annotations

import socket

from realtime.ports.osc import HERE


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A port of UDP, or of TCP, that nobody had a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((HERE, 0))
        return probe.getsockname()[1]
