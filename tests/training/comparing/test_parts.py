from __future__ import annotations

from training.comparing import parts
from training.comparing.parts import Part


def test_a_part_in_a_terminal_and_in_markdown() -> None:
    rows = [["", "range"], ["of", ""], ["a", "1"]]
    part = Part("Knobs", rows, ["as it", "stands"], "a\nnote")
    assert "\n".join(part.lines()) == "\nKnobs\n    range\nof\na       1\nas it\nstands\na\nnote"
    table = "|  | range |\n|---|---:|\n| **of** |  |\n| a | 1 |"
    assert "\n".join(part.markdown()) == (
        f"\n## Knobs\n\n{table}\n\n```\nas it\nstands\n```\n\na note"
    )


def test_a_table_that_is_too_wide_goes_on_below() -> None:
    rows = [["head", "12345678", "12345678", "123"], ["a", "b", "c", "d"]]
    assert list(parts.fitted(rows, 24)) == [
        [["head", "12345678", "12345678"], ["a", "b", "c"]],
        [["head", "123"], ["a", "d"]],
    ]
    assert list(parts.fitted(rows, 100)) == [rows]
    assert next(iter(parts.fitted(rows, 1))) == [["head", "12345678"], ["a", "b"]]
    assert list(parts.fitted([])) == []


def test_blocks_stand_side_by_side_as_far_as_they_fit() -> None:
    blocks = [[" 11", " 22"], [" 33", " 44"], [" 55", " 66"]]
    assert parts.beside(["a", "b"], blocks, 7) == ["a 11 33", "b 22 44", "", "a 55", "b 66"]
    assert parts.beside(["a", "b"], blocks[:1], 1) == ["a 11", "b 22"]


def test_what_is_long_is_cut() -> None:
    assert parts.short("house Bach", 6) == "house…"
    assert parts.short("house", 5) == "house"
