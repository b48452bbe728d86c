"""OSCQuery: the control addresses as a tree of JSON, and the answers to what is asked of it.

After the proposal of Vidvox (https://github.com/Vidvox/OSCQueryProposal). Nothing here knows a
socket. A node may be a method and have others below it, as `/glissar/knob/density` has.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta, Struct

from realtime.controls import Address
from realtime.settings import Settings
from realtime.surfaces import Arguments, Shown

Node = dict[str, Any]
NO_VALUE, READ, WRITE = 0, 1, 2
TYPES = {
    **{kind: kind for kind in ("f", "i", "s", "ff", "ssf")},
    **{"menu": "s", "trigger": "N", "ints": "i"},
}
SERVED = (
    *("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "VALUE", "RANGE"),
    *("DESCRIPTION", "CLIPMODE", "UNIT", "CRITICAL"),
)
UNSERVED = ("TAGS", "EXTENDED_TYPE", "OVERLOADS", "HTML")  # what else the proposal knows
EXTENSIONS = (*SERVED[3:], "LISTEN", "PATH_CHANGED")
TOKEN = "token"  # of a query: it is for the gate


class Command(Struct):
    """What a client says in text."""

    COMMAND: Literal["LISTEN", "IGNORE"]
    DATA: Annotated[str, Meta(pattern="^/", max_length=256)]  # a path


read_command = msgspec.json.Decoder(Command).decode


def say(command: str, data: str) -> str:
    """What clients are told in text: PATH_CHANGED and a path, or ERROR and a sentence."""
    return msgspec.json.encode({"COMMAND": command, "DATA": data}).decode()


def host_info(settings: Settings) -> Node:
    """Addresses are left out that a client knows better: where it reached us."""
    osc, web = settings.osc, settings.web
    return {
        "NAME": "glissar",
        **_place("OSC_IP", osc.host),
        "OSC_PORT": osc.port,
        "OSC_TRANSPORT": "UDP",
        **_place("WS_IP", web.host),
        "WS_PORT": web.port,
        "EXTENSIONS": dict.fromkeys(EXTENSIONS, True),
    }


def _place(key: str, host: str) -> Node:
    try:
        return {} if ipaddress.ip_address(host).is_unspecified else {key: host}
    except ValueError:
        return {}


def tree(board: Shown) -> Node:
    """The node "/", and all below it."""
    root: Node = {"FULL_PATH": "/", "ACCESS": NO_VALUE, "CONTENTS": {}}
    values = board.values
    for path, row in board.table.items():
        node, full = root, ""
        for name in path.strip("/").split("/"):
            full += f"/{name}"
            below = node.setdefault("CONTENTS", {})
            node = below.setdefault(name, {"FULL_PATH": full, "ACCESS": NO_VALUE})
        node.update(_method(row, values.get(path)))
    return root


def _method(row: Address, value: Arguments | None) -> Node:
    listed = row.kind in ("s", "ints") and not row.writable
    many = len(value or ()) if listed else 1
    node: Node = {"TYPE": TYPES[row.kind] * max(many, 1), "DESCRIPTION": row.says}
    readable = row.kind in ("f", "i", "menu") or not row.writable
    node["ACCESS"] = READ * readable + WRITE * row.writable
    if readable and value:  # a list may be empty
        node["VALUE"] = list(value[: len(node["TYPE"])])
    if row.kind == "menu":
        node["RANGE"] = [{"VALS": list(row.options)}]
    elif row.kind in "fi" and row.writable:
        node |= {"RANGE": [{"MIN": row.low, "MAX": row.high}], "CLIPMODE": ["both"]}
    elif row.kind == "ssf":
        node["RANGE"] = [{}, {}, {"MIN": row.low, "MAX": row.high}]
    if row.unit:
        node["UNIT"] = [row.unit]
    if row.kind == "trigger":
        node["CRITICAL"] = True
    return node


def find(root: Node, path: str) -> Node | None:
    node: Node | None = root
    for name in filter(None, path.split("/")):
        node = node.get("CONTENTS", {}).get(name) if node else None
    return node


def answer(root: Node, host: Mapping[str, Any], path: str, query: str) -> tuple[int, Node | None]:
    """An HTTP status, and the JSON for 200."""
    pairs = parse_qsl(query, keep_blank_values=True)
    asked = [name for name, _ in pairs if name != TOKEN]
    if asked == ["HOST_INFO"]:
        return 200, dict(host)
    node = find(root, path)
    if node is None:
        return 404, None
    if not asked:
        return 200, node
    attribute, *more = asked
    if more or attribute not in (*SERVED, *UNSERVED):
        return 400, None
    return (200, {attribute: node[attribute]}) if attribute in node else (204, None)
