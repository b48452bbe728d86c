"""The container of a Live device, chunk by chunk, and that a Max patch is the same inside."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.devices import amxd, maxpat
from realtime.devices.surface import Surface

REQUIRED = {
    *("fileversion", "appversion", "classnamespace", "rect", "openrect", "openinpresentation"),
    *("boxes", "lines", "parameters", "dependency_cache", "latency", "project"),
}


def chunks(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Tags, each with as many bytes as its size (little-endian) says; nothing is left over."""
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at + 4)
        assert at + 8 + size <= len(data)
        yield data[at : at + 4].decode("ascii"), data[at + 8 : at + 8 + size]
        at += 8 + size


def opened(made: Surface) -> dict[str, Any]:
    return json.loads(dict(chunks(amxd.write(made)))["ptch"].removesuffix(b"\n\0"))["patcher"]


@settings(max_examples=30)
@given(st.data())
def test_a_device_is_three_chunks_of_a_midi_effect(
    surfaces: st.SearchStrategy[Surface], data: st.DataObject
) -> None:
    found = list(chunks(amxd.write(data.draw(surfaces))))
    assert [tag for tag, _ in found] == ["ampf", "meta", "ptch"]
    assert found[0][1] == b"mmmm"
    assert len(found[1][1]) == 4
    assert found[2][1].endswith(b"}\n\0")


def test_its_patcher_has_what_live_asks_for(whole: Surface) -> None:
    device = opened(whole)
    assert set(device) >= REQUIRED
    assert device["openinpresentation"] == 1
    assert device["project"]["amxdtype"] == 1835887981
    assert device["project"]["contents"] == {"patchers": {}}
    assert device["dependency_cache"] == []  # nothing lies outside of it


def test_a_max_patch_is_the_same_without_a_project(whole: Surface) -> None:
    device = opened(whole)
    del device["project"]
    assert json.loads(maxpat.write(whole)) == {"patcher": device}
