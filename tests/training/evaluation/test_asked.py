from __future__ import annotations

import numpy as np
import pytest
import torch

from presets.attributes import measure
from training.checkpoint import Trained
from training.data.dataset import Dataset
from training.evaluation import asked, evaluate, report


def test_what_is_heard_is_told_by_value(
    trained: Trained, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "ASKED", {"density": range(3, 6)})
    tokens = data.splits["test"].tokens[:3]
    found = asked.described(trained, data, tokens, seed=0)
    assert set(found) == {"density"}
    assert list(found["density"]["by value"]) == ["3", "4", "5"]
    shares = found["density"]["by value"].values()
    assert found["density"]["reached"] == pytest.approx(np.mean(list(shares)))
    notes = measure(tokens, data.encoding, ["density"])[:, 0] * 24
    assert np.round(notes).tolist() == [4, 4, 4]
    assert found["density"]["by value"]["4"] == 1.0  # which the windows have, and so they stay
    assert 0 <= found["density"]["kept"] <= 1


def test_a_card_tells_of_it_where_it_was_asked(
    trained: Trained, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "ASKED", {"density": range(4, 5)})
    card = evaluate.evaluate(trained, data, sample=3, asked_of=2)
    assert card["asked"]["density"]["reached"] == 1.0
    told = "\n".join(report.lines(card))
    assert "density asked for: heard 100.0%" in told
    assert "keeps 100.0% of the others" in told  # nobody asked for one note more


def test_a_model_that_always_says_the_same_reaches_what_it_says(
    trained: Trained, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = torch.full((1, 24), 30)
    said[0, [0, 6, 12, 18, 20]] = 9

    def decode(z: torch.Tensor, noise: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return said.expand(len(z), -1), torch.zeros(len(z), 24, 32)

    monkeypatch.setattr(trained.model, "decode", decode)
    monkeypatch.setattr(asked, "ASKED", {"density": range(4, 7), "range": range(2)})
    found = asked.described(trained, data, data.splits["test"].tokens[:2], seed=0)
    heard = found["density"]["by value"]
    assert heard == {"4": 1.0, "5": 1.0, "6": 0.0}  # four were played; five are decoded, in full
    assert found["range"]["by value"]["0"] == 1.0
