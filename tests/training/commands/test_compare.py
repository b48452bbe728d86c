from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from training import checkpoint
from training.data import dataset
from training.data.dataset import Dataset
from training.evaluation import evaluate

Call = Callable[..., int]


@pytest.fixture(scope="module")
def runs(run: Path, data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two seeds of one config and a β-VAE, measured; as far as figures go they are one run."""
    folder = tmp_path_factory.mktemp("compared")
    dataset.save(data, folder / "data.npz")
    card = evaluate.evaluate(checkpoint.load(run), data, sample=4)
    facts = json.loads((run / "run.json").read_text())
    found: list[Path] = []
    for name, seed, weight in (("a", 0, 1.0), ("b", 1, 1.0), ("plain", 0, 0.0)):
        shutil.copytree(run, folder / name)
        config = facts["config"] | {"seed": seed, "data": f"{folder}/data.npz"}
        config["weights"] = {**config["weights"], "regularisation": weight}
        (folder / name / "run.json").write_text(json.dumps(facts | {"config": config}))
        checkpoint.write_card(folder / name, card, "")
        found.append(folder / name)
    return found


def test_a_folder_with_all_that_compares(
    runs: list[Path], tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "card"
    assert call("compare", *runs, "-o", output) == 0
    told = capsys.readouterr().out
    assert "1: AR-VAE other, honest protocol: a, b" in told
    assert "2: β-VAE other, honest protocol: plain" in told
    assert told.endswith(f"\n{output / 'comparison.md'}\n")
    written = (output / "comparison.md").read_text()
    for part in ("- 1: AR-VAE other, honest protocol: a, b", "## Knobs", "2 β-VAE other |"):
        assert part in written
    links = re.findall(r"\]\(([^)]+)\)", written)
    assert links == ["listen/index.html", "knobs.svg", "cross-talk.svg"]
    assert all((output / link).is_file() for link in links)
    page = (output / "listen" / "index.html").read_text()
    assert set(re.findall(r'\.mid">([^<]+)<', page)) == {"a", "plain"}


def test_without_a_folder_nothing_is_written(
    runs: list[Path], tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("compare", *runs) == 0
    assert not list(tmp_path.iterdir())


def test_mistakes_are_one_sentence_and_write_nothing(
    run: Path, runs: list[Path], tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    for sentence, given in {
        "two runs are called a": (runs[0], runs[0]),
        "has no card": (run,),
        "is not a run": (tmp_path,),
    }.items():
        assert call("compare", *given, "-o", tmp_path / "card") == 2
        said = capsys.readouterr().err
        assert sentence in said
        assert said.count("\n") == 1
    assert not (tmp_path / "card").exists()
