"""ONNX Runtime behind a typed door: one thread, no spinning, no guesses about providers."""

# ONNX Runtime ships no types; this file is the only one that touches it.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from presets.graphs import Port

ort.set_default_logger_severity(4)  # what fails is told in a sentence of ours

Arrays = list[NDArray[Any]]

PROVIDERS = {
    "cpu": ["CPUExecutionProvider"],
    "cuda": ["CUDAExecutionProvider", "CPUExecutionProvider"],
}
# ONNX Runtime's exceptions share no base class of their own.
RUNTIME_ERRORS: tuple[type[Exception], ...] = (
    ort_state.EPFail,
    ort_state.Fail,
    ort_state.InvalidArgument,
    ort_state.InvalidGraph,
    ort_state.InvalidProtobuf,
    ort_state.NoModel,
    ort_state.NoSuchFile,
    ort_state.NotImplemented,
    ort_state.RuntimeException,
)


class Graph(Protocol):
    """What glissar uses of an inference session."""

    def run(self, output_names: Sequence[str], inputs: Mapping[str, Any]) -> Arrays: ...
    def get_providers(self) -> list[str]: ...


def open_graph(content: bytes, provider: str) -> Graph:
    """Open a graph from its bytes, so that it cannot reach for files. Raises RUNTIME_ERRORS."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return cast(Graph, ort.InferenceSession(content, options, providers=PROVIDERS[provider]))


def ports(graph: Graph) -> tuple[list[Port], list[Port]]:
    """A graph's inputs and outputs as it declares them."""
    session = cast(Any, graph)
    inputs, outputs = session.get_inputs(), session.get_outputs()
    return [_port(a) for a in inputs], [_port(a) for a in outputs]


def _port(argument: Any) -> Port:
    return Port(argument.name, argument.type, argument.shape)
