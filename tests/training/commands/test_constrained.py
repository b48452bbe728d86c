from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from presets.errors import GlissarError
from training.__main__ import cli
from training.data import dataset
from training.data.dataset import Dataset
from training.figures import canvas

SMALL = "steps=3 critic_steps=1 batch=8 net.width=8 first=0 remembered=64"
QUICK = [word for change in SMALL.split() for word in ("--set", change)]


def said(*args: str | Path) -> str:
    result = CliRunner().invoke(cli, list(map(str, args)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def bound(tiny_preset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A preset with rules. Do not write into it."""
    from export.constraints import into
    from presets import preset as presets

    folder = tmp_path_factory.mktemp("bound")
    preset = Path(shutil.copytree(tiny_preset, folder / "tiny"))
    said("rule", "scale", "density:4,8", "-p", preset, "-o", folder / "run", *QUICK)
    into(folder / "run", presets.read(preset))
    return preset


def test_the_table_has_a_row_for_each_way(bound: Path, data: Dataset, tmp_path: Path) -> None:
    dataset.save(data, tmp_path / "tunes.npz")
    told = said("constrained", bound, "--draws", "50", "--data", tmp_path / "tunes.npz")
    for who in ("prior", "actor    C, major", "optimise C, major, 8", "unseen windows are not"):
        assert who in told
    assert said("constrained", bound, "--draws", "50", "--data", tmp_path / "tunes.npz") == told
    assert "Eb, blues" in said("constrained", bound, "--draws", "9", "--ask", "key=Eb,scale=blues")


def test_a_column_bears_the_name_of_its_rule(tiny_preset: Path, tmp_path: Path) -> None:
    """A rule of one's own cannot be asked of a window and has none."""
    from export.constraints import into
    from presets import preset as presets

    (tmp_path / "mine.py").write_text("def mine(w):\n    return 0.5\n")
    preset = Path(shutil.copytree(tiny_preset, tmp_path / "tiny"))
    rules = f"{tmp_path / 'mine.py'}:mine", "density:4,8"
    said("rule", *rules, "-p", preset, "-o", tmp_path / "run", *QUICK)
    into(tmp_path / "run", presets.read(preset))
    head = said("constrained", preset, "--draws", "9").splitlines()[0]
    assert "density" in head
    assert "mine" not in head


def test_windows_that_do_it_already_are_said(bound: Path, data: Dataset, tmp_path: Path) -> None:
    dataset.save(data, tmp_path / "tunes.npz")
    told = said("constrained", bound, "--ask", "key=C", "--data", tmp_path / "tunes.npz")
    assert told.rstrip().endswith("unseen windows are not C")
    assert "\n0 of " in told


def test_windows_of_another_kind_are_a_sentence(
    bound: Path, lines: Dataset, tmp_path: Path
) -> None:
    dataset.save(lines, tmp_path / "lines.npz")
    with pytest.raises(GlissarError, match="was not learnt from windows like those"):
        said("constrained", bound, "--data", tmp_path / "lines.npz")


def test_what_is_heard_is_drawn(bound: Path, tmp_path: Path) -> None:
    figure = tmp_path / "melodies.svg"
    said("constrained", bound, "--draws", "9", "--figure", figure)
    drawn = figure.read_text()
    for row in ("prior", "C, major", "C, major, 8"):
        assert f">{row}<" in drawn
    assert canvas.RED in drawn  # some note of some draw lies outside the scale


def test_a_preset_without_rules_is_a_sentence(tiny_preset: Path) -> None:
    with pytest.raises(GlissarError, match="has no rules; add some with glissar-train rule"):
        said("constrained", tiny_preset)


@pytest.mark.parametrize("ask", ["key=H", "colour=blue", "key", "key=C,key=D"])
def test_what_cannot_be_asked_is_a_sentence(bound: Path, ask: str) -> None:
    with pytest.raises(GlissarError, match=r"there is no colour|is to be one of|asks for nothing"):
        said("constrained", bound, "--ask", ask)
