"""A small GLSR-VAE all the way: names of notes, two bars, trained, exported, rendered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from lightning_fabric import Fabric
from msgspec import to_builtins

from export.package import export
from presets import preset as presets
from presets.bar import Note, Window
from presets.preset import Preset
from realtime import midifile
from realtime.automation import parse
from realtime.events import Work
from realtime.model import Model
from realtime.render import notes_of, render
from training import checkpoint, loop
from training.checkpoint import Trained
from training.config import GlsrRun
from training.corpora.lines import Line
from training.data import phrases, spelling
from training.data.dataset import Dataset
from training.data.spelling import HOLD
from training.evaluation import report
from training.evaluation.evaluate import evaluate
from training.loop import validate
from training.models.glsr_vae import GlsrVAE, GlsrVAEConfig

ODE = Path(__file__).parents[1] / "tunes" / "ode-to-joy.mid"
WINDOW = 2 * 3840


def _line(number: int) -> Line:
    """A melody that nobody wrote, struck at nearly every step, which a few steps can learn."""
    draw = np.random.default_rng(number)
    scale = [spelling.read(text) for text in ("E4", "F#4", "G4", "A4", "Bb4", "C5", "D5", "E5")]
    steps = np.full(96, HOLD, np.int32)
    struck = draw.random(96) < 0.9
    steps[struck] = draw.choice(scale, struck.sum())
    return Line(f"line {number}", steps, np.ones(96, np.bool_))


@pytest.fixture(scope="module")
def data() -> Dataset:
    built = phrases.build(map(_line, range(20)))
    built.card.update({"corpus": "invented lines", "licences": "Nobody's."})
    return built


@pytest.fixture(scope="module")
def run(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "lines"
    size = len(data.splits["train"]) // 3
    model = GlsrVAEConfig(z=5, embedding=6, hidden=12)
    config = GlsrRun(
        epochs=3, batch=size, lr=2e-2, slope="data", steered=16, anneal=1.0, model=model
    )
    about = {
        "config": to_builtins(config),
        "seed": 0,
        "command": "glissar-train run lines.toml -o runs/lines",
        "data": data.card,
        "versions": {},
    }
    engine = Fabric(accelerator="cpu", devices=1)
    loop.train(config, data, folder, about, engine, lambda batches, *_: batches)
    return folder


@pytest.fixture(scope="module")
def trained(run: Path) -> Trained:
    return checkpoint.load(run)


@pytest.fixture(scope="module")
def preset(trained: Trained, data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Preset:
    folder = tmp_path_factory.mktemp("presets") / "lines"
    export(trained, data, folder, "", "glissar-export runs/lines")
    return presets.read(folder)


@pytest.fixture(scope="module")
def model(preset: Preset) -> Model:
    return Model(preset)


def test_a_run_keeps_the_weights_of_its_best_bound(trained: Trained, data: Dataset) -> None:
    assert isinstance(trained.model, GlsrVAE)
    assert trained.encoding == data.encoding
    assert [row["beta"] for row in trained.history] == pytest.approx([1 / 3, 1, 1])
    best = min(trained.history, key=lambda row: row["unseen loss"])
    tokens = torch.as_tensor(data.splits["validation"].tokens)
    figures = validate(trained.model, tokens, trained.encoding.vocabulary.hold)
    assert figures["accuracy"] == pytest.approx(best["accuracy"])


def test_it_is_evaluated_as_any_model_is(trained: Trained, data: Dataset) -> None:
    card = evaluate(trained, data, sample=4)
    assert {"tokens", "onsets", "knob/density/decoded spearman"} <= set(card["figures"])
    assert list(card["knobs"]) == ["density"]
    assert "\n".join(report.lines(card))


def test_the_manifest_carries_grid_names_and_spelling(preset: Preset, data: Dataset) -> None:
    facts = preset.manifest
    assert preset.encoding == data.encoding
    assert (facts.grid.bars, facts.noise[0], facts.z) == (2, 32, 5)
    assert {"Bb4", "F#4", "hold", "rest"} <= set(facts.vocabulary.symbols)
    assert len(facts.vocabulary.spelling) == phrases.HIGH - phrases.LOW + 1
    assert [(d.attribute, d.index) for d in facts.dimensions] == [("density", 0)]
    assert facts.plays == "2 bars of 4/4, learnt from the invented lines."


def test_lstms_stay_nodes(preset: Preset) -> None:
    for path in ("encoder.onnx", "decoder.onnx"):
        kinds = [node.op_type for node in onnx.load_from_string(preset.graph(path)).graph.node]
        assert kinds.count("LSTM") == 2
        assert "Loop" not in kinds


def test_the_instrument_finds_the_golden_windows_again(model: Model) -> None:
    assert model.verify() < 1e-4


def test_with_no_knob_the_file_comes_back(model: Model) -> None:
    ode = midifile.read(ODE)
    assert notes_of(render(ode, model, []).messages) == notes_of(ode.messages)


def test_with_its_knob_turned_a_file_is_what_the_model_decides(model: Model) -> None:
    """The full edit plays each two bars' decoding as it is. (A first token of hold keeps the note
    that the player begins with: there is nothing else to be held.)"""
    ode, knob = midifile.read(ODE), parse("density=+1", ["density"])
    rendered = render(ode, model, [knob], edit="full")
    encoding = model.preset.encoding
    for start in range(0, ode.end, WINDOW):
        inside = [n.moved(-start) for n in rendered.played if start <= n.onset < start + WINDOW]
        seen = encoding.encode(Window.of(inside, bars=2))  # moved by octaves into the range
        asked = Work(tuple(seen.tokens.tolist()), {"density": ("offset", 1.0)})
        decided = encoding.notes(model.answer(asked).after)
        assert len(decided) > 8
        heard = [n for n in rendered.heard if start <= n.onset < start + WINDOW]
        kept = heard[0].onset == start < start + decided[0].onset
        assert _places(heard[kept:], start, 0) == _places(decided, 0, seen.shift)


def _places(notes: list[Note], start: int, shift: int) -> list[tuple[int, int]]:
    return [(note.onset - start, note.pitch - shift) for note in notes]
