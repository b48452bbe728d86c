"""What a phone is shown: the address with the token, also as a QR code in the terminal."""

from __future__ import annotations

import socket
import sys

import click

from realtime.settings import WebSettings

ELSEWHERE = ("192.0.2.1", 9)  # an address of nobody (RFC 5737): the way there is asked for


def own_address(host: str) -> str:
    """Where others reach a server that is bound to `host`. Nothing is sent to find out."""
    if host == "localhost":
        return "127.0.0.1"
    if host != "0.0.0.0":
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def address(settings: WebSettings) -> str:
    return f"http://{own_address(settings.host)}:{settings.port}/panel?token={settings.token}"


def show(settings: WebSettings) -> None:
    """In the terminal, to be opened or scanned."""
    import segno  # only where the server is open: .05 s

    url = address(settings)
    segno.make(url).terminal(out=sys.stderr, compact=True)
    click.echo(f"glissar: open to the network at {url}", err=True)
