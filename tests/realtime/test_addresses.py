"""The table of addresses that is written for readers."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

import realtime
from realtime import addresses
from realtime.__main__ import cli
from realtime.controls import table

WRITTEN = Path(realtime.__file__).parent / "ADDRESSES.md"


def said(*arguments: str) -> str:
    done = CliRunner().invoke(cli, ["addresses", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_file_is_what_the_command_writes() -> None:
    assert WRITTEN.read_text("utf-8") == said("--markdown")


def test_every_address_has_a_line_with_its_range() -> None:
    lines = said("-p", "session-2").splitlines()
    assert lines[0].startswith("address")
    assert {line.split()[0] for line in lines[1:]} >= table(["density"]).keys()
    (tempo,) = (line for line in lines if line.startswith("/glissar/transport/tempo "))
    assert "20 to 400; then 0 to 1000" in tempo


def test_what_is_told_of_how_it_goes_has_its_mark() -> None:
    by = {row[0].removeprefix("/glissar/"): row[2] for row in addresses.rows(table(["density"]))}
    assert (by["state/jitter_p99"], by["state/late"], by["state/bar"]) == (
        "at most 2",
        "at most 0",
        "",
    )
    assert by["snapshot/recall"].startswith("a name; then 0 to ")
    assert by["snapshot/morph"] == "two names; then 0 to 1"


def test_what_a_controller_cannot_turn_is_not_marked() -> None:
    by = {row[0].removeprefix("/glissar/"): row[3] for row in addresses.rows(table(["density"]))}
    assert by["knob/density"] == by["mode"] == by["panic"] == "yes"
    assert by["preset/load"] == by["snapshot/morph"] == by["state/late"] == ""
