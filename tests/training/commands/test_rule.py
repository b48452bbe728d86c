from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from presets.errors import GlissarError
from training.__main__ import cli
from training.constraints import record
from training.data import dataset
from training.data.dataset import Dataset

SMALL = "steps=3 critic_steps=1 batch=8 net.width=8 first=0 remembered=64"
QUICK = tuple(word for change in SMALL.split() for word in ("--set", change))


def asked(*args: str) -> str:
    result = CliRunner().invoke(cli, ["rule", *args], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_rules_are_learnt_into_a_folder(tiny_preset: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    said = asked("scale", "density:4,8", "-p", str(tiny_preset), "-o", str(output), *QUICK)
    assert "scale:" in said
    assert "density:" in said
    facts, pair = record.read(output)
    assert facts.constraint.name == "scale"
    assert facts.constraint.critics == ["scale", "density"]
    assert [menu.name for menu in facts.constraint.menus] == ["key", "scale", "density"]
    assert facts.fit.net.width == 8
    assert 0 <= facts.figures["moved/scale"] <= 1
    z, y = torch.zeros(2, facts.z), torch.zeros(2, 12 + 4 + 2)
    assert pair.actor(z, y).shape == z.shape
    assert pair.critic(z, y).shape == (2, 2)
    assert [seen.step for seen in facts.history] == [1, 2, 3]
    assert "the critic's loss" in (output / "figures" / "lc-11.svg").read_text()


def test_windows_may_be_the_teacher(tiny_preset: Path, data: Dataset, tmp_path: Path) -> None:
    dataset.save(data, tmp_path / "tunes.npz")
    for run, labels in (("by", ("--labels", str(tmp_path / "tunes.npz"))), ("without", ())):
        asked("scale", "-p", str(tiny_preset), "-o", str(tmp_path / run), *labels, *QUICK)
    by, without = (record.read(tmp_path / run)[1].critic for run in ("by", "without"))
    assert not torch.equal(by.out.weight, without.out.weight)


def test_the_same_seed_gives_the_same(tiny_preset: Path, tmp_path: Path) -> None:
    for name in "ab":
        asked("scale", "-p", str(tiny_preset), "-o", str(tmp_path / name), *QUICK)
    a, b = ((tmp_path / name / "model.safetensors").read_bytes() for name in "ab")
    assert a == b


def test_a_rule_of_ones_own(tiny_preset: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "def no_leaps(w):\n    return float(all(abs(a.pitch - b.pitch) < 3"
        " for a, b in zip(w.notes, w.notes[1:])))\n"
    )
    mine = f"{tmp_path / 'mine.py'}:no_leaps"
    asked(mine, "-p", str(tiny_preset), "-o", str(tmp_path / "run"), *QUICK)
    facts, pair = record.read(tmp_path / "run")
    assert facts.constraint.name == "no-leaps"
    assert facts.constraint.menus == []
    assert np.isfinite(pair.critic(torch.zeros(1, facts.z)).item())


def test_a_scale_may_have_some_keys_alone(tiny_preset: Path, tmp_path: Path) -> None:
    asked("scale:C,G,major", "-p", str(tiny_preset), "-o", str(tmp_path / "run"), *QUICK)
    facts, _ = record.read(tmp_path / "run")
    assert [menu.entries for menu in facts.constraint.menus] == [("C", "G"), ("major",)]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("density",), "is no rule"),
        (("density:many",), "write numbers of notes"),
        (("density:0",), "write numbers of notes"),
        (("density:\u00b2",), "write numbers of notes"),
        (("density:6,6",), "each once"),
        (("scale:H",), "is no rule; of keys"),
        (("scale:C,C",), "write each once"),
        (("scale", "--name", "realism"), "cannot join tiny: realism is a constraint of its own"),
        *((("scale", "--set", f"{name}=-1"), "correct it") for name in ("steps", "remembered")),
        *(
            (("scale", "--set", f"{name}=0"), "correct it")
            for name in ("critic_steps", "net.width")
        ),
        (("scale", "scale"), "asked for twice"),
        (("scale", "-p", "gone"), "gone"),
        (("scale", "--set", "steps=many"), "correct it"),
        (("scale", "--set", "steps"), "write it as NAME=VALUE"),
        (("scale", "--set", "speed=1"), "speed"),
        (("scale", "--name", "My Scale"), "use small letters"),
    ],
)
def test_bad_words_are_a_sentence(
    args: tuple[str, ...], says: str, tiny_preset: Path, tmp_path: Path
) -> None:
    with pytest.raises(GlissarError, match=says):
        asked("-p", str(tiny_preset), "-o", str(tmp_path / "run"), *args)
    assert not (tmp_path / "run").exists()


def test_what_is_no_constraint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GlissarError, match="glissar-train rule"):
        record.read(tmp_path)
    (tmp_path / "constraint.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(GlissarError, match="train it again"):
        record.read(tmp_path)
