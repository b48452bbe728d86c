"""torch modules → ONNX files: dynamic batch, all weights inside, nothing else inside."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import onnx
import torch
from onnx import AttributeProto, GraphProto, ModelProto
from torch import Tensor, nn

from presets.graphs import Role, role_of

OPSET = 18  # read by ONNX Runtime 1.14 and later

# What torch's exporter says about itself; none of it concerns who exports a preset.
_CHATTER = (
    (FutureWarning, r"_check_is_size will be removed"),
    (FutureWarning, r"`isinstance\(treespec, LeafSpec\)` is deprecated"),
    (UserWarning, r"The tensor attributes? .*_flat_weights"),  # nn.GRU rebuilds its list of weights
    (UserWarning, r"# The axis name: B will not be used"),  # two inputs share it, as they should
)


def to_onnx(
    path: str,
    module: nn.Module,
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str] | None = None,
) -> bytes:
    """The graph of `module` for the preset file `path`.

    inputs: examples by the names of the role's table, with a batch of at least 2 (torch takes a
    batch of 1 for a constant). The module's arguments and results are in the table's order;
    outputs: where it gives other than all that the table does not call optional.
    """
    role = role_of(path)
    assert role is not None, f"{path} is in no row of presets.graphs"
    with _quietly(), torch.no_grad():
        program = torch.onnx.export(
            module,
            tuple(inputs.values()),
            dynamo=True,
            input_names=list(inputs),
            output_names=outputs or [t.name for t in role.outputs if not t.optional],
            dynamic_shapes=tuple(_free(role, name) for name in inputs),
            opset_version=OPSET,
            external_data=False,
            verbose=False,
        )
    assert program is not None  # dynamo=True always returns one
    return bare(program.model_proto).SerializeToString(deterministic=True)


def bare(model: ModelProto) -> ModelProto:
    """Without stack traces and other notes, which would be most of the file. Checked."""
    for holder in (model, *model.functions):
        holder.doc_string = ""
        del holder.metadata_props[:]
    _strip(model.graph)
    onnx.checker.check_model(model)
    return model


def _strip(graph: GraphProto) -> None:
    graph.doc_string = ""
    del graph.metadata_props[:], graph.value_info[:]
    for part in (*graph.node, *graph.initializer, *graph.input, *graph.output):
        part.doc_string = ""
        del part.metadata_props[:]
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                _strip(attribute.g)


def _free(role: Role, name: str) -> dict[int, str] | None:
    """The input's free dimension: the batch, unless the table lists a shape without one."""
    dims = next(tensor.dims for tensor in role.inputs if tensor.name == name)
    return {0: "B"} if dims is None or dims.startswith("B") else None


@contextmanager
def _quietly() -> Iterator[None]:
    registry = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = registry.level
    registry.setLevel(logging.ERROR)  # it warns of operators of torchvision, which we do not use
    try:
        with warnings.catch_warnings():
            for category, message in _CHATTER:
                warnings.filterwarnings("ignore", message, category)
            yield
    finally:
        registry.setLevel(level)
