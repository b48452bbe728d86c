from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.bar import Note, Window
from presets.errors import GlissarError
from training.data import dataset
from training.data.bars import BACH, Bars, form, keys
from training.data.cuts import BARS, PAIRS
from training.data.dataset import Dataset, Tune
from training.data.split import SPLITS

BarOf = Callable[..., Window]
Moved = Callable[[int], Window]
RISING = (60, 62, 64, 65)


@pytest.fixture
def moved(bar: BarOf) -> Moved:
    return lambda semitones: bar(*(p + semitones for p in RISING))


def test_a_work_is_on_one_side_only(data: Dataset) -> None:
    splits = data.splits
    sides = [set(splits[name].work.tolist()) for name in SPLITS]
    assert all(sides)
    assert not sides[0] & sides[1]
    assert not (sides[0] | sides[1]) & sides[2]


def test_works_that_may_not_be_learnt_from_are_test(tunes: list[Tune], bar: BarOf) -> None:
    foreign = [Tune(f"foreign{i}", False, [bar(60, 79, 60, 81 - i)]) for i in range(3)]
    data = dataset.build([*tunes, *foreign])
    assert {20, 21, 22} <= set(data.splits["test"].work.tolist())


def test_a_held_out_bar_that_was_learnt_in_another_key_is_not_unseen(
    tunes: list[Tune], moved: Moved
) -> None:
    common = [Tune(t.name, True, [*t.windows, moved(i % 5)]) for i, t in enumerate(tunes)]
    data = dataset.build(common)
    seen = form(BACH.encode(moved(0)).tokens)
    forms = {
        name: {form(tokens) for tokens in windows.tokens} for name, windows in data.splits.items()
    }
    assert seen in forms["train"]
    assert seen not in forms["validation"] | forms["test"]
    assert not forms["train"] & forms["validation"]
    assert not (forms["train"] | forms["validation"]) & forms["test"]


def test_every_key_is_what_the_player_would_be_heard_as(moved: Moved) -> None:
    tokens, shifts = keys(BACH.encode(moved(0)).tokens)
    assert shifts.tolist() == list(range(-5, 20))  # 60..65 inside 55..84
    for row, shift in zip(tokens, shifts.tolist(), strict=True):
        assert (row == BACH.encode(moved(shift)).tokens).all()


@given(st.lists(st.integers(0, 31), min_size=24, max_size=24))
def test_the_form_is_the_same_in_every_key(values: list[int]) -> None:
    tokens = np.array(values)
    every, _ = keys(tokens)
    assert {form(row) for row in every} == {form(tokens)}
    assert any((row == tokens).all() for row in every)


def test_a_note_tied_over_the_line_is_kept_as_a_hold_and_counted(tunes: list[Tune]) -> None:
    tied = Window.of([Note(-960, 67, 1920), Note(960, 69, 2880)])
    data = dataset.build([Tune(t.name, True, [*t.windows, tied]) for t in tunes])
    train = data.splits["train"]
    assert (train.tokens[:, 0] == BACH.vocabulary.hold).any()
    counts = [data.card["splits"][s]["bars tied over their first line"] for s in SPLITS]
    assert sum(counts) == len(tunes)


def test_works_of_one_name_are_one_work(tunes: list[Tune], bar: BarOf) -> None:
    again = [Tune(t.name, True, [bar(60, 79, 60, 60 + i)]) for i, t in enumerate(tunes)]
    data = dataset.build([*tunes, *again])
    assert data.works == tuple(t.name for t in tunes)
    sides = [set(bars.work.tolist()) for bars in data.bars.values()]
    assert sum(map(len, sides)) == len(tunes)


def test_even_three_works_give_something_to_every_side(tunes: list[Tune]) -> None:
    assert all(len(bars) == 3 for bars in dataset.build(tunes[:3]).bars.values())


def test_what_does_not_fit_is_left_out_and_counted(tunes: list[Tune], bar: BarOf) -> None:
    off = Window.of([Note(100, 67, 860)])
    high = bar(86, 84, 83, 81)
    made = [Tune(t.name, True, [*t.windows, off, high]) for t in tunes]
    left_out = dataset.build(made).card["left out"]
    assert left_out == {"bars with a note off the grid": 20, "bars that leave MIDI 55 to 84": 20}


def test_the_file_holds_everything_and_no_pickles(data: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "new" / "data.npz"
    dataset.save(data, path)
    again = dataset.load(path)
    assert again.works == data.works
    assert again.card == data.card
    assert again.encoding == BACH
    for name in SPLITS:
        for field in ("tokens", "work", "bar", "shift"):
            ours, theirs = (getattr(d.splits[name], field) for d in (data, again))
            assert (ours == theirs).all()
    assert path.with_suffix(".json").is_file()
    assert [p.name for p in sorted(path.parent.iterdir())] == ["data.json", "data.npz"]


def test_the_same_seed_holds_out_the_same_works(tunes: list[Tune]) -> None:
    first, again, other = (dataset.build(tunes, seed) for seed in (1, 1, 2))
    assert first.card == again.card
    assert first.card["splits"]["test"]["works"] != other.card["splits"]["test"]["works"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nonsense", b"text"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "data.npz"
    path.write_bytes(content)
    with pytest.raises(GlissarError, match="make one with"):
        dataset.load(path)


def test_a_file_with_objects_in_it_is_refused(tmp_path: Path) -> None:
    held = io.BytesIO()
    np.savez(held, **{"train.tokens": np.array([{}], dtype=object)})
    path = tmp_path / "data.npz"
    path.write_bytes(held.getvalue())
    with pytest.raises(GlissarError, match="not a dataset"):
        dataset.load(path)


@pytest.mark.parametrize("wrong", ["token", "length", "work"])
def test_rows_that_are_no_windows_are_refused(data: Dataset, tmp_path: Path, wrong: str) -> None:
    bars = data.bars["test"]
    tokens, work = bars.tokens.copy(), bars.work.copy()
    if wrong == "token":
        tokens[0, 0] = 32
    elif wrong == "length":
        tokens = tokens[:, 1:]
    else:
        work[0] = len(data.works)
    broken = dataclasses.replace(data, bars={**data.bars, "test": Bars(tokens, work)})
    dataset.save(broken, tmp_path / "data.npz")
    with pytest.raises(GlissarError, match="not a dataset"):
        dataset.load(tmp_path / "data.npz")


def test_a_missing_file_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(GlissarError, match="glissar-train prepare"):
        dataset.load(tmp_path / "none.npz")


def test_rows_are_split_in_order_and_say_so(tunes: list[Tune]) -> None:
    honest = dataset.build(tunes)
    works = [dataset._encoded(tune) for tune in tunes]
    data = dataset.assemble(works, rows=True)
    assert (honest.card["protocol"], data.card["protocol"]) == ("honest", "paper")
    assert data.card["rule"] != honest.card["rule"]
    order = [data.bars[side].work for side in SPLITS]
    assert all(np.all(np.diff(work) >= 0) for work in order)
    assert order[0][-1] <= order[1][0] <= order[1][-1] <= order[2][0]
    assert len(data.bars["test"]) < len(honest.bars["train"])


def test_pairs_are_every_bar_with_the_next(tunes: list[Tune]) -> None:
    works = [dataset._encoded(tune) for tune in tunes]
    single, double = (dataset.assemble(works, cut=cut) for cut in (BARS, PAIRS))
    assert double.encoding.grid.bars == 2
    assert double.bars["train"].tokens.shape[1] == 48
    bars = {row.tobytes() for row in single.bars["train"].tokens}
    halves = double.bars["train"].tokens.reshape(-1, 24)
    assert {row.tobytes() for row in halves} <= bars  # (no rest here)
    assert double.card["splits"]["train"]["works"] == single.card["splits"]["train"]["works"]
    windows = double.splits["test"]
    assert windows.tokens.shape == (len(windows), 48)


def test_some_windows_are_drawn_in_order_and_few_are_all(data: Dataset) -> None:
    learnt = data.splits["train"]
    some = learnt.some(7, np.random.default_rng(1))
    assert len(some) == 7
    assert np.all(np.diff(some.bar) >= 0)
    every = learnt.some(len(learnt) + 1, np.random.default_rng(1))
    assert np.array_equal(every.tokens, learnt.tokens)
