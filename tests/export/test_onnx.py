"""The files hold the graph and its weights, and nothing else."""

from __future__ import annotations

import onnx
import pytest
from onnx import AttributeProto, GraphProto
from onnxruntime import InferenceSession

from presets.preset import Preset

PATHS = ["encoder.onnx", "decoder.onnx"]


def _graphs(graph: GraphProto) -> list[GraphProto]:
    inner = [a.g for node in graph.node for a in node.attribute if a.type == AttributeProto.GRAPH]
    return [graph, *(g for i in inner for g in _graphs(i))]


@pytest.mark.parametrize("path", PATHS)
def test_no_traces_of_the_machine_that_exported(preset: Preset, path: str) -> None:
    content = preset.graph(path)
    model = onnx.load_from_string(content)
    for graph in _graphs(model.graph):
        for part in (graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
            assert not part.doc_string
            assert not part.metadata_props
    assert not model.metadata_props
    assert not model.doc_string
    assert b".py" not in content


@pytest.mark.parametrize("path", PATHS)
def test_all_weights_are_inside(preset: Preset, path: str) -> None:
    model = onnx.load_from_string(preset.graph(path))
    weights = [w for graph in _graphs(model.graph) for w in graph.initializer]
    assert all(w.data_location != onnx.TensorProto.EXTERNAL for w in weights)
    assert b"location" not in preset.graph(path)


@pytest.mark.parametrize("path", PATHS)
def test_no_weight_is_stored_twice(preset: Preset, path: str) -> None:
    model = onnx.load_from_string(preset.graph(path))
    large = [w.raw_data for w in model.graph.initializer if len(w.raw_data) > 256]
    assert len(large) == len(set(large))


@pytest.mark.parametrize("path", PATHS)
def test_runtimes_from_1_20_on_read_it(preset: Preset, path: str) -> None:
    model = onnx.load_from_string(preset.graph(path))
    assert model.ir_version <= 10
    assert {o.domain: o.version for o in model.opset_import} == {"": 18}


def test_grus_reset_after_the_product_as_torch_does(preset: Preset) -> None:
    """torch's GRU is ONNX's with linear_before_reset = 1; the other kind is silently wrong."""
    model = onnx.load_from_string(preset.graph("encoder.onnx"))
    grus = [node for node in model.graph.node if node.op_type == "GRU"]
    flags = [{a.name: a.i for a in node.attribute}["linear_before_reset"] for node in grus]
    assert flags == [1, 1]


def test_only_the_batch_is_free(preset: Preset) -> None:
    for path in PATHS:
        session = InferenceSession(preset.graph(path), providers=["CPUExecutionProvider"])
        for port in (*session.get_inputs(), *session.get_outputs()):
            assert port.shape[0] == "B"
            assert all(isinstance(size, int) for size in port.shape[1:])
