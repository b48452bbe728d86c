"""A small house model all the way: trained, evaluated, exported, rendered."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from lightning_fabric import Fabric
from msgspec import to_builtins

from export.package import export
from export.verify import open_session
from presets import edit
from presets import preset as presets
from presets.attributes import ATTRIBUTES, measure_heard, onsets_of
from presets.errors import PresetError
from presets.preset import Preset
from realtime import midifile, render_morph
from realtime.events import Between, Join, Work
from realtime.midifile import Tune
from realtime.model import Model
from realtime.render import notes_of, render
from realtime.render_morph import first_window
from training import checkpoint, latent, loop
from training.checkpoint import Trained
from training.comparing import scores
from training.config import HouseRun
from training.data import dataset
from training.data.dataset import Dataset
from training.evaluation import control, report
from training.evaluation.evaluate import evaluate
from training.models.house import HouseVAEConfig

ODE = Path(__file__).parents[1] / "tunes" / "ode-to-joy.mid"


@pytest.fixture(scope="module")
def bars(data: Path) -> Dataset:
    return dataset.load(data)


@pytest.fixture(scope="module")
def trained(bars: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("runs") / "house"
    size = len(bars.splits["train"]) // 8
    model = HouseVAEConfig(z=8, width=64, blocks=1)
    config = HouseRun(epochs=4, batch=size, lr=1e-2, model=model)
    about = {"config": to_builtins(config), "data": bars.card, "seed": 0, "versions": {}}
    about["command"] = "glissar-train run house.toml -o runs/house"
    fabric = Fabric(accelerator="cpu", devices=1)
    loop.train(config, bars, folder, about, fabric, lambda batches, *_: batches)
    return checkpoint.load(folder)


@pytest.fixture(scope="module")
def preset(trained: Trained, bars: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Preset:
    folder = tmp_path_factory.mktemp("presets") / "house"
    export(trained, bars, folder, "", "glissar-export runs/house")
    return presets.read(folder)


@pytest.fixture(scope="module")
def model(preset: Preset) -> Model:
    return Model(preset)


def test_every_loss_is_told_and_learnt(trained: Trained) -> None:
    first, last = trained.history[0], trained.history[-1]
    for name in ("reconstruction", "swap", "stay", "key"):
        assert last[name] < first[name]
    assert {"kl", "undecided"} <= set(last)


def test_it_is_evaluated_as_any_model_is(trained: Trained, bars: Dataset) -> None:
    card = evaluate(trained, bars, sample=40)
    assert card["figures"]["knob/density/decoded never wrong"]["value"] == 1.0
    assert scores.column(trained) == "house other"
    assert "\n".join(report.lines(card))


def test_its_graphs_are_products(preset: Preset) -> None:
    graph = onnx.load_from_string(preset.graph("decoder.onnx")).graph
    kinds = {node.op_type for node in graph.node}
    assert kinds & {"Gemm", "MatMul"}
    assert not kinds & {"Loop", "Scan", "If", "LSTM", "GRU", "RNN"}


def test_the_instrument_finds_the_golden_windows_again(model: Model) -> None:
    assert model.verify() < 1e-4


def test_its_paths_energy_and_gradient_live_in_a_graph(preset: Preset, trained: Trained) -> None:
    """What torch makes of golden paths is compared at export; here, that it is an energy."""
    golden = preset.golden()
    rows = {name: golden[f"energy.onnx/{name}"] for name in ("a", "start", "end", "gradient")}
    session = open_session(preset.graph("energy.onnx"))

    def at(a: np.ndarray) -> float:
        given = {"a": a, "start": rows["start"][0], "end": rows["end"][0]}
        return float(session.run(["energy"], given)[0])

    a, slope, little = rows["a"][0], rows["gradient"][0], 1e-2
    for along in (slope, np.eye(len(a), dtype=np.float32)[0]):
        unit = along / np.linalg.norm(along)
        rise = (at(a + little * unit) - at(a - little * unit)) / (2 * little)
        assert rise == pytest.approx(float(slope @ unit), rel=0.05, abs=1e-4)


def test_a_path_costs_less_than_the_line_and_is_heard_between_both_ends(model: Model) -> None:
    first, last = (tuple(row) for row in model.preset.golden()["tokens"][:2].tolist())
    curve = model.join(Join(first, last))
    assert model.curved
    assert any(curve.bend)
    heard = [
        model.answer(Work(first, {}, between=Between(first, last, place, curve)))
        for place in (0.0, 0.5, 1.0)
    ]
    assert heard[0].after == heard[0].before
    own = model.answer(Work(last, {}, between=Between(first, last, 1.0, curve)))
    assert heard[2].after == own.before
    assert heard[1].after not in (heard[0].after, heard[2].after)


def test_a_rendered_morph_is_on_that_path(model: Model) -> None:
    ode, grid = midifile.read(ODE), model.preset.encoding.grid
    later = tuple((tick - grid.length, data) for tick, data in ode.messages if tick >= grid.length)
    a, b = (first_window(Tune(m, (), ()), grid, ODE) for m in (ode.messages, later))
    windows = render_morph.render((a, b), model, 5).windows
    assert windows[0] == a.window.notes
    assert windows[-1] == b.window.notes
    encoding = model.preset.encoding
    near = encoding.listen(b.window)
    first, last = (tuple(encoding.listen(end.window).tokens.tolist()) for end in (a, b))
    between = Between(first, last, 0.5, model.join(Join(first, last)))
    decided = model.answer(Work(last, {}, between=between))
    heard = edit.residual(b.window, near, decided.before, decided.after, encoding)
    assert windows[2] == heard.notes


def test_golden_paths_are_verified(preset: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    golden = preset.golden()
    golden["energy.onnx/gradient"] = golden["energy.onnx/gradient"] + np.float32(0.01)
    model = Model(preset)
    monkeypatch.setattr(Preset, "golden", lambda _: golden)
    with pytest.raises(PresetError, match="does not give its golden windows"):
        model.verify()


def test_with_no_knob_the_file_comes_back(model: Model) -> None:
    ode = midifile.read(ODE)
    assert notes_of(render(ode, model, []).messages) == notes_of(ode.messages)


def test_what_was_played_comes_back_even_where_the_decoder_is_unsure(
    model: Model, trained: Trained, bars: Dataset
) -> None:
    """Trained for some steps only, it writes a third of the tokens wrong; leaning, far fewer."""
    tokens = bars.splits["test"].tokens[:100]
    alone = latent.decode(trained.model, latent.encode(trained.model, tokens)[0])
    kept = [model.answer(Work(tuple(row.tolist()), {})).before for row in tokens]
    right, more = ((np.array(found) == tokens).mean() for found in (alone, kept))
    assert 1 - more < (1 - right) / 2


@pytest.mark.parametrize("name", ["range", "contour"])
def test_range_and_contour_are_heard_as_asked(model: Model, bars: Dataset, name: str) -> None:
    attribute, encoding = ATTRIBUTES[name], model.preset.encoding
    for value in (1, 6, 13):
        for row in bars.splits["test"].tokens[:10]:
            window = control.window_of(row, encoding)
            tokens = tuple(encoding.listen(window).tokens.tolist())
            answer = model.answer(Work(tokens, {name: ("value", value)}, window=window))
            played = encoding.listen(window)
            heard = (
                edit.full(window, played, answer.after, encoding)
                if answer.full
                else edit.residual(window, played, answer.before, answer.after, encoding)
            )
            found = measure_heard([encoding.listen(heard)], encoding.grid, [name])[0, 0]
            assert round(attribute.in_units(found, encoding.grid)) == value


def test_variation_lets_go_of_what_was_played(model: Model, bars: Dataset) -> None:
    other: dict[float, int] = {}
    for variation in (0.0, 0.3, 1.0):
        answers = [
            model.answer(Work(tuple(row.tolist()), {}, (k,), variation=variation))
            for k, row in enumerate(bars.splits["test"].tokens[:30])
        ]
        other[variation] = sum(answer.after != answer.before for answer in answers)
    assert other[0.0] == 0
    assert other[0.3] <= other[1.0]
    assert other[1.0] > 20


def test_the_manifest_says_what_rhythm_takes_along(preset: Preset) -> None:
    takes = {d.attribute: d.takes for d in preset.manifest.dimensions}
    assert set(takes.pop("rhythm")) == {"density"}
    assert not any(takes.values())
    assert preset.manifest.keeps == HouseVAEConfig().keeps


def test_turning_density_up_only_adds_notes(model: Model, bars: Dataset) -> None:
    tokens = bars.splits["test"].tokens[0]
    struck: list[np.ndarray] = []
    for offset in np.linspace(-1, 1, 9):
        work = Work(tuple(tokens.tolist()), {"density": ("offset", float(offset))})
        after = np.array([model.answer(work).after])
        struck.append(onsets_of(after, model.preset.encoding).struck[0])
    assert not any((a & ~b).any() for a, b in pairwise(struck))
    assert struck[0].sum() < struck[-1].sum()
