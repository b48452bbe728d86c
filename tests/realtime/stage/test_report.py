"""What a person reads of a measurement."""

from __future__ import annotations

import math
from pathlib import Path
from xml.etree import ElementTree

from realtime.stage import report
from realtime.stage.scenario import Figure, Finding

FOUND = Finding(
    [
        Figure("callback to send, p99", 0.5, "ms", 1.0),
        Figure("tighter than mido", 3.25, "×", 5.0, at_least=True),
        Figure("at the port, p99", 2.6461, "ms"),
        Figure("never measured", math.nan, "ms", 1.0),
    ],
    {"glissar": [0.1, 0.2, 0.5], "a <rival>": [3.0, 4.0]},
    notes=["The song rolls."],
)


def test_the_table_says_what_was_reached():
    _, *rows = report.table(FOUND)
    assert [row.split()[-1] for row in rows] == ["reached", "missed", "ms", "missed"]
    assert "≤ 1" in rows[0]
    assert "≥ 5" in rows[1]
    assert "2.646" in rows[2]
    assert "none" in rows[3]


def test_the_report_has_the_machine_the_tables_and_a_picture_each(tmp_path: Path):
    path = tmp_path / "stage.md"
    lost = Finding((), notes=["Not measured: the server did not start."])
    facts = [("processor", "one | that has bars")]
    measured = [("thru", "Keys passed on", FOUND), ("send", "Notes sent", lost)]
    report.write(path, "glissar bench stage --share 0.1", facts, measured)
    text = path.read_text("utf-8")
    for part in ("| processor | one / that has bars |", "`glissar bench stage --share 0.1`"):
        assert part in text
    for part in ("| tighter than mido | 3.250 | × | ≥ 5 | missed |", "The song rolls."):
        assert part in text
    assert "![Keys passed on: share of samples beyond a value](stage-thru.svg)" in text
    assert "Not measured: the server did not start." in text
    assert [p.name for p in tmp_path.glob("*.svg")] == ["stage-thru.svg"]
    ElementTree.parse(tmp_path / "stage-thru.svg")
