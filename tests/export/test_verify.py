"""What is not what was trained is refused in a sentence, and nothing is written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import ModelProto, numpy_helper

from export import __main__ as command
from export import golden as gold
from export import package, verify
from presets.errors import GlissarError
from presets.preset import Preset

Change = Callable[[ModelProto], None]


def _perturb(model: ModelProto) -> None:
    """One number of the first matrix, by a hundredth."""
    weight = next(w for w in model.graph.initializer if len(w.dims) == 2)
    values = numpy_helper.to_array(weight).copy()
    values[1, 1] += 0.01
    weight.CopyFrom(numpy_helper.from_array(values, weight.name))


def _spoil(model: ModelProto) -> None:
    """A bias that is not a number."""
    bias = next(w for w in model.graph.initializer if len(w.dims) == 1 and w.data_type == 1)
    values = np.full_like(numpy_helper.to_array(bias), np.nan)
    bias.CopyFrom(numpy_helper.from_array(values, bias.name))


def _rename(model: ModelProto) -> None:
    """The first input under another name."""
    old = model.graph.input[0].name
    model.graph.input[0].name = "something"
    for node in model.graph.node:
        node.input[:] = ["something" if name == old else name for name in node.input]


def _freeze(model: ModelProto) -> None:
    """A batch of one and no other."""
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1


def _lose(model: ModelProto) -> None:
    """The last output is gone."""
    del model.graph.output[-1]


def _changed(preset: Preset, path: str, change: Change) -> dict[str, bytes]:
    files = {p: preset.graph(p) for p in ("encoder.onnx", "decoder.onnx")}
    model = onnx.load_from_string(files[path])
    change(model)
    return files | {path: model.SerializeToString()}


PATHS = ["encoder.onnx", "decoder.onnx"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_perturb, "{path} differs from torch by"),
        (_spoil, "{path} differs from torch by"),
        (_rename, "{path} lacks"),
        (_freeze, "{path} has input"),
        (_lose, "{path} lacks"),
    ],
)
def test_a_graph_that_is_not_the_model_is_not_written(
    preset: Preset,
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    path: str,
    change: Change,
    sentence: str,
) -> None:
    monkeypatch.setattr(package, "graphs_of", lambda *_: _changed(preset, path, change))
    monkeypatch.setattr(sys, "argv", ["glissar-export", str(run), "-o", str(tmp_path / "bad")])
    with pytest.raises(SystemExit) as left:
        command.main()
    said = capsys.readouterr().err
    assert left.value.code == 2
    assert sentence.format(path=path) in said
    assert len(said.splitlines()) == 1
    assert not list(tmp_path.iterdir())


SIZES = {"T": 24, "Z": 6}


def test_what_was_exported_agrees_within_a_hundred_thousandth(preset: Preset) -> None:
    files = {path: preset.graph(path) for path in PATHS}
    assert verify.check(files, SIZES, preset.golden()) < 1e-5


def test_what_no_runtime_opens_is_refused(preset: Preset) -> None:
    with pytest.raises(GlissarError, match=r"cannot open decoder\.onnx"):
        verify.check({"decoder.onnx": b"no graph"}, SIZES, preset.golden())


def test_a_graph_without_golden_windows_is_refused(preset: Preset) -> None:
    golden = {name: array for name, array in preset.golden().items() if name != "log_sigma"}
    with pytest.raises(GlissarError, match="log_sigma, of which there is nothing golden"):
        verify.check({"encoder.onnx": preset.graph("encoder.onnx")}, SIZES, golden)


def test_tokens_must_be_equal(preset: Preset) -> None:
    golden = preset.golden()
    golden["decoded"] = golden["decoded"].copy()
    golden["decoded"][17, 23] += 1
    with pytest.raises(GlissarError, match=r"by 1 in tokens \(golden window 17, batch 1\)"):
        verify.check({"decoder.onnx": preset.graph("decoder.onnx")}, SIZES, golden)


def test_a_graph_of_its_own_folder_has_arrays_of_its_own() -> None:
    """The later roles come several to a preset, so their outputs are called after their path."""
    golden = {"z": np.zeros(1), "z_out": np.ones(1), "actors/some.onnx/z_out": np.full(1, 2.0)}
    found = gold.arrays_of("actors/some.onnx", ["z", "z_out", "y"], golden)
    assert {name: array.item() for name, array in found.items()} == {"z": 0, "z_out": 2}


def test_what_fails_in_running_is_refused_in_one_line(preset: Preset) -> None:
    golden = preset.golden()
    golden["noise"] = golden["noise"][:, :, :-1]
    with pytest.raises(GlissarError, match=r"decoder\.onnx fails on a batch of 1 ") as refused:
        verify.check({"decoder.onnx": preset.graph("decoder.onnx")}, SIZES, golden)
    assert "\n" not in str(refused.value)
