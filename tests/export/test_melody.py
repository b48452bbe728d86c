"""A small melody VAE all the way: no knobs, trained, measured, exported, played.

Four bars of eighths stand for sixteen of sixteenths, since torch takes its time to trace an LSTM.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from lightning_fabric import Fabric
from msgspec import to_builtins
from onnx import AttributeProto, GraphProto

from export.package import export
from export.verify import open_session
from presets import preset as presets
from presets.encoding import Encoding, Grid
from presets.preset import Preset
from realtime import midifile
from realtime.model import Model
from realtime.render import notes_of, render
from training import checkpoint, loop
from training.checkpoint import Trained
from training.comparing import scores
from training.config import MelodyRun
from training.data import bars, dataset
from training.data.bars import BACH, Work
from training.data.cuts import Cut
from training.data.dataset import Dataset
from training.evaluation import report
from training.evaluation.evaluate import evaluate
from training.models.melody_vae import MelodyVAE, MelodyVAEConfig

ODE = Path(__file__).parents[1] / "tunes" / "ode-to-joy.mid"
EIGHTHS = Grid((Fraction(0), Fraction(1, 2)))
WHOLE = Encoding(replace(EIGHTHS, bars=4), BACH.vocabulary)
CUT = Cut("bar8-midi-4", Encoding(EIGHTHS, BACH.vocabulary), "", "", played=True)
ENDS = range(7, 32, 8)  # the last step of every bar


def _work(number: int) -> Work:
    """Six bars that nobody wrote."""
    draw = np.random.default_rng(number)
    struck = draw.random((6, 8)) < 0.5
    tokens = np.where(struck, draw.integers(5, 25, (6, 8)), WHOLE.vocabulary.hold)
    return Work(f"work {number}", tokens.astype(np.uint8), np.arange(6) * 3840)


@pytest.fixture(scope="module", autouse=True)
def _known() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(bars.ENCODINGS, CUT.encoding, WHOLE)
        yield


@pytest.fixture(scope="module")
def data() -> Dataset:
    built = dataset.assemble(map(_work, range(20)), cut=CUT)
    built.card.update({"corpus": "invented melodies", "licences": "Nobody's."})
    return built


@pytest.fixture(scope="module")
def run(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "melodies"
    sizes = {"z": 5, "embedding": 6, "encoder": 8, "hidden": 12, "layers": 2, "bar": 7}
    model = MelodyVAEConfig(**sizes, reads_bars=True, says=3)
    size = len(data.splits["train"]) // 3
    config = MelodyRun(epochs=2, batch=size, lr=2e-2, model=model)
    about = {
        "config": to_builtins(config),
        "seed": 0,
        "command": "glissar-train run melodies.toml -o runs/melodies",
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
    folder = tmp_path_factory.mktemp("presets") / "melodies"
    export(trained, data, folder, "", "glissar-export runs/melodies")
    return presets.read(folder)


@pytest.fixture(scope="module")
def model(preset: Preset) -> Model:
    return Model(preset)


@pytest.fixture(scope="module")
def decoder(preset: Preset) -> onnxruntime.InferenceSession:
    return open_session(preset.graph("decoder.onnx"))


def test_a_run_follows_nothing_and_tells_of_unseen_windows(trained: Trained) -> None:
    assert isinstance(trained.model, MelodyVAE)
    assert trained.dimensions == ()
    assert scores.column(trained) == "melody VAE other"
    first, last = trained.history
    assert last["unseen reconstruction"] < first["unseen reconstruction"]


def test_its_card_has_tokens_windows_and_draws_and_no_knobs(
    trained: Trained, data: Dataset
) -> None:
    card = evaluate(trained, data, sample=4)
    assert {"tokens", "tokens/sampled z", "onsets", "windows"} <= set(card["figures"])
    assert not any(name.startswith("knob/") for name in card["figures"])
    assert card["knobs"] == card["disentanglement"] == card["perfect"] == {}
    assert 0 <= card["prior"]["beyond"] <= card["prior"]["unusable"] <= 1
    told = "\n".join(report.lines(card))
    assert "windows drawn from the prior" in told
    assert "knob" not in told


def test_the_manifest_has_its_bars_and_no_dimensions(preset: Preset, data: Dataset) -> None:
    facts = preset.manifest
    assert preset.encoding == data.encoding
    assert (facts.grid.bars, facts.noise, facts.z) == (4, [32, 32], 5)
    assert (facts.dimensions, facts.knobs, len(facts.sigma)) == ([], [], 5)
    assert facts.plays == "4 bars of 4/4, learnt from the invented melodies."
    assert "has no knobs" in (preset.folder / "README.md").read_text()


def _graphs(graph: GraphProto) -> list[GraphProto]:
    inner = [a.g for node in graph.node for a in node.attribute if a.type == AttributeProto.GRAPH]
    return [graph, *(g for i in inner for g in _graphs(i))]


def test_a_bars_steps_are_in_the_graph_once_and_every_weight_too(preset: Preset) -> None:
    graphs = _graphs(onnx.load_from_string(preset.graph("decoder.onnx")).graph)
    kinds = [node.op_type for graph in graphs for node in graph.node]
    assert kinds.count("Loop") == 1
    assert kinds.count("LSTM") == 2  # over bars, in two layers
    assert kinds.count("ArgMax") == 8  # … and not 32
    large = [w.raw_data for g in graphs for w in g.initializer if len(w.raw_data) > 256]
    assert len(large) == len(set(large))


def test_the_instrument_finds_the_golden_windows_again(model: Model) -> None:
    assert model.verify() < 1e-4


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("scale", [0.0, 0.3, 1.0, 1000.0])
def test_bars_side_by_side_agree_with_step_by_step(
    decoder: onnxruntime.InferenceSession, trained: Trained, batch: int, scale: float
) -> None:
    """From no noise to so much that every token is a surprise, also at the end of a bar."""
    draw = np.random.default_rng(batch)
    z = draw.standard_normal((batch, 5)).astype(np.float32)
    noise = (scale * draw.gumbel(size=(batch, 32, 32))).astype(np.float32)
    _agree(decoder, trained, z, noise)


@pytest.mark.parametrize("ends", [(), (0,), (1, 2), (0, 1, 2, 3)])
def test_a_bar_that_ends_in_a_note_is_heard_by_the_next(
    decoder: onnxruntime.InferenceSession, trained: Trained, ends: tuple[int, ...]
) -> None:
    """Everything is a hold but for notes at the ends of bars, where the guess is then wrong."""
    noise = np.zeros((1, 32, 32), np.float32)
    noise[:, :, trained.encoding.vocabulary.hold] = 100
    for bar in ends:
        noise[0, ENDS[bar], 7] = 1000
    tokens = _agree(decoder, trained, np.full((1, 5), 0.5, np.float32), noise)
    assert np.flatnonzero(tokens[0] == 7).tolist() == [ENDS[bar] for bar in ends]


def _agree(
    decoder: onnxruntime.InferenceSession, trained: Trained, z: np.ndarray, noise: np.ndarray
) -> np.ndarray:
    with torch.inference_mode():
        tokens, logits = trained.model.decode(torch.from_numpy(z), torch.from_numpy(noise))
    found, said = (np.asarray(a) for a in decoder.run(None, {"z": z, "noise": noise}))
    assert np.array_equal(found, tokens.numpy())
    np.testing.assert_allclose(said, logits.numpy(), atol=1e-5)
    return found


def test_with_no_knobs_a_file_comes_back(model: Model) -> None:
    ode = midifile.read(ODE)
    assert notes_of(render(ode, model, []).messages) == notes_of(ode.messages)
