"""OSCQuery without a socket: the tree of a table, and what is answered to what is asked of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.rules import Menu
from realtime import oscquery
from realtime.controls import ROOT, table
from realtime.oscquery import answer, find, host_info, tree
from realtime.settings import OscSettings, Settings, WebSettings
from realtime.surfaces import Shown

TABLE = table(["density", "contour"], [Menu("scale", ("major", "minor"))], ["scale"])
HOST = host_info(Settings())


@pytest.fixture
def board() -> Shown:
    board = Shown(TABLE)
    for name, value in (("knob/density", 0.5), ("mode", "freeze"), ("state/notes", 7)):
        board.tell(f"{ROOT}/{name}", (value,))
    return board


def node(board: Shown, name: str) -> dict[str, Any]:
    found = find(tree(board), f"{ROOT}/{name}")
    assert found is not None
    return {key: value for key, value in found.items() if key != "CONTENTS"}


def test_a_knob_is_a_number_that_is_clipped_at_both_ends(board: Shown) -> None:
    assert node(board, "knob/density") == {
        "FULL_PATH": "/glissar/knob/density",
        "TYPE": "f",
        "ACCESS": 3,
        "VALUE": [0.5],
        "RANGE": [{"MIN": -1, "MAX": 1}],
        "CLIPMODE": ["both"],
        "DESCRIPTION": "offset from your window; 0 is neutral",
    }


def test_a_menu_names_its_entries(board: Shown) -> None:
    menu = node(board, "constrain/scale")
    assert (menu["TYPE"], menu["ACCESS"]) == ("s", 3)
    assert menu["RANGE"] == [{"VALS": ["off", "major", "minor"]}]
    assert node(board, "mode")["VALUE"] == ["freeze"]


def test_a_trigger_has_no_value_and_may_not_be_lost(board: Shown) -> None:
    panic = node(board, "panic")
    assert (panic["TYPE"], panic["ACCESS"], panic["CRITICAL"]) == ("N", 2, True)
    assert "VALUE" not in panic


def test_what_is_only_told_is_read_only_and_what_is_only_set_write_only(board: Shown) -> None:
    assert node(board, "state/notes")["ACCESS"] == 1
    assert node(board, "preset/load")["ACCESS"] == 2
    assert node(board, "query")["ACCESS"] == 2


def test_units_are_the_ones_of_the_attribute_and_of_the_proposal(board: Shown) -> None:
    assert node(board, "knob/density/value")["UNIT"] == ["notes"]
    assert node(board, "transport/tempo")["UNIT"] == ["time.bpm"]
    assert node(board, "state/latency_ms")["UNIT"] == ["time.ms"]


def test_a_list_has_as_many_types_as_values(board: Shown) -> None:
    board.tell(f"{ROOT}/preset/entries", ("bach", "session"))
    entries = node(board, "preset/entries")
    assert (entries["TYPE"], entries["VALUE"]) == ("ss", ["bach", "session"])
    board.tell(f"{ROOT}/window/heard", (3840, 3840, 0, 960, 60, 90))
    heard = node(board, "window/heard")
    assert (heard["TYPE"], heard["ACCESS"], len(heard["VALUE"])) == ("iiiiii", 1, 6)
    board.tell(f"{ROOT}/transport/tempo", (90.0, 8.0))  # the second one is no value of its own
    assert node(board, "transport/tempo")["VALUE"] == [90.0]


def test_the_tree_has_every_address_once_and_each_is_found_by_its_path(board: Shown) -> None:
    found: list[str] = []

    def walk(node: dict[str, Any]) -> None:
        assert find(tree(board), node["FULL_PATH"]) == node
        found.extend([node["FULL_PATH"]] if "TYPE" in node else [])
        for name, below in node.get("CONTENTS", {}).items():
            assert below["FULL_PATH"].endswith(f"/{name}")
            walk(below)

    walk(tree(board))
    assert sorted(found) == sorted(TABLE)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/", "", 200),
        ("/glissar/knob/density/", "", 200),
        ("/glissar/knob/density", "VALUE", 200),
        ("/glissar/knob/density", "RANGE=", 200),
        ("/glissar/knob", "CONTENTS", 200),
        ("/nowhere", "HOST_INFO", 200),
        ("/glissar/knob/contour", "VALUE", 204),  # not told yet
        ("/glissar/panic", "VALUE", 204),
        ("/glissar/knob", "TYPE", 204),
        ("/glissar/mode", "TAGS", 204),  # of the proposal, not of ours
        ("/glissar/mode", "CONTENTS", 204),
        ("/glissar/mode", "value", 400),
        ("/glissar/mode", "NONSENSE", 400),
        ("/glissar/mode", "VALUE&RANGE", 400),
        ("/nowhere", "", 404),
        ("/nowhere", "VALUE", 404),
        ("/glissar/mode/further", "", 404),
    ],
)
def test_the_status_says_what_was_wrong(board: Shown, path: str, query: str, status: int) -> None:
    said, body = answer(tree(board), HOST, path, query)
    assert said == status
    assert (body is None) == (status != 200)


def test_an_attribute_is_answered_alone_and_the_token_is_not_asked_for(board: Shown) -> None:
    asked = answer(tree(board), HOST, "/glissar/mode", "token=x&VALUE")
    assert asked == (200, {"VALUE": ["freeze"]})


def test_host_info_names_the_ports_and_all_that_is_served() -> None:
    assert (HOST["OSC_IP"], HOST["OSC_PORT"], HOST["OSC_TRANSPORT"]) == ("127.0.0.1", 9010, "UDP")
    assert (HOST["WS_IP"], HOST["WS_PORT"]) == ("127.0.0.1", 9012)
    served = {"VALUE", "RANGE", "ACCESS", "CLIPMODE", "UNIT", "LISTEN", "PATH_CHANGED"}
    assert served <= {name for name, on in HOST["EXTENSIONS"].items() if on}
    everywhere = Settings(osc=OscSettings(host="0.0.0.0"), web=WebSettings(host="0.0.0.0"))
    assert not {"OSC_IP", "WS_IP"} & set(host_info(everywhere))


def test_another_preset_keeps_values_by_name(board: Shown) -> None:
    board.tell(f"{ROOT}/knob/contour", (0.25,))
    board.show(table(["contour", "range"]))
    assert answer(tree(board), HOST, "/glissar/knob/density", "")[0] == 404
    assert node(board, "knob/contour")["VALUE"] == [0.25]
    assert "VALUE" not in node(board, "knob/range")


@pytest.mark.parametrize(
    "text",
    [
        *("", "LISTEN", "[]", "{}", '{"COMMAND": "LISTEN"}', '{"COMMAND": "SHOUT", "DATA": "/"}'),
        *('{"COMMAND": "LISTEN", "DATA": 3}', '{"COMMAND": "LISTEN", "DATA": "mode"}'),
        *('{"COMMAND": "LISTEN", "DATA": "/' + "x" * 300 + '"}', "[" * 10_000),
    ],
)
def test_a_command_that_is_none_is_refused(text: str) -> None:
    with pytest.raises((msgspec.DecodeError, RecursionError)):
        oscquery.read_command(text)


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_asked_has_an_answer_that_json_can_say(path: str, query: str) -> None:
    board = Shown(TABLE)
    board.tell(f"{ROOT}/state/late", (float("nan"),))
    status, body = answer(tree(board), HOST, path, query)
    assert status in (200, 204, 400, 404)
    assert msgspec.json.decode(msgspec.json.encode(body)) == body or body is not None
