"""No preset without agreement: a graph is what the table lists and gives what torch gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as state  # pyright: ignore[reportAttributeAccessIssue]

from export import golden as gold
from presets import graphs
from presets.errors import GlissarError
from presets.preset import Arrays

TOLERANCE = 1e-4  # of every float against torch
BATCHES = (1, 32)
NO_BATCH = 0  # of a graph that takes one row as it is

# ONNX Runtime's exceptions share no base class of their own.
_FAILURES = (
    state.Fail,
    state.InvalidArgument,
    state.InvalidGraph,
    state.InvalidProtobuf,
    state.NotImplemented,
    state.RuntimeException,
)


class Disagreement(GlissarError):
    """An exported graph is not what was trained; nothing may be written."""


def open_session(graph: bytes) -> ort.InferenceSession:
    """A session as the instrument opens it: one thread that does not spin."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def decoding(
    files: Mapping[str, bytes], noise: Sequence[int]
) -> Callable[[NDArray[np.float32]], NDArray[np.int64]]:
    """What a preset's decoder makes of points [N, Z]: the most likely tokens [N, T]."""
    session = open_session(files["decoder.onnx"])

    def decode(z: NDArray[np.float32]) -> NDArray[np.int64]:
        silence = np.zeros((len(z), *noise), np.float32)
        return np.asarray(session.run(["tokens"], {"z": z, "noise": silence})[0], np.int64)

    return decode


def check(files: Mapping[str, bytes], sizes: Mapping[str, int], golden: Arrays) -> float:
    """Compare every graph among a preset's files with torch. Returns the largest difference.

    sizes: the letters that the manifest fixes, as for `presets.graphs.check`. Raises GlissarError.
    """
    found = [
        _check_graph(path, content, sizes, golden)
        for path, content in files.items()
        if path.endswith(".onnx")
    ]
    return max(found, default=0.0)


def _check_graph(path: str, graph: bytes, sizes: Mapping[str, int], golden: Arrays) -> float:
    try:
        session = open_session(graph)
    except _FAILURES as error:
        raise Disagreement(
            f"ONNX Runtime cannot open {path} ({_line(error)}); nothing written."
        ) from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    graphs.check(path, _ports(inputs), _ports(outputs), sizes)
    given = gold.arrays_of(path, [i.name for i in inputs], golden)
    expected = gold.arrays_of(path, [o.name for o in outputs], golden)
    _check_complete(path, [*inputs, *outputs], [*given, *expected])
    role = graphs.role_of(path)
    batches = BATCHES if role and role.batched else (NO_BATCH,)
    return max(_compare(path, session, given, expected, size) for size in batches)


def _ports(args: Sequence[ort.NodeArg]) -> list[graphs.Port]:
    return [graphs.Port(arg.name, arg.type, arg.shape) for arg in args]


def _check_complete(path: str, ports: Sequence[ort.NodeArg], golden: Sequence[str]) -> None:
    unseen = sorted({port.name for port in ports} - set(golden))
    if unseen:
        raise Disagreement(
            f"{path} has {', '.join(unseen)}, of which there is nothing golden to compare with; "
            "nothing written: export the preset again with this version."
        )


def _compare(
    path: str, session: ort.InferenceSession, given: Arrays, expected: Arrays, batch: int
) -> float:
    """The golden rows in batches of `batch`; the largest difference of a float."""
    rows = len(next(iter(given.values())))
    names, worst = list(expected), 0.0
    for start in range(0, rows, batch or 1):
        part = slice(start, start + batch) if batch else start
        try:
            found = session.run(names, {name: array[part] for name, array in given.items()})
        except _FAILURES as error:
            raise Disagreement(
                f"{path} fails on a batch of {batch} ({_line(error)}); nothing written."
            ) from error
        for name, array in zip(names, found, strict=True):
            where = f"{name} (golden window {start}, batch {batch})"
            worst = max(worst, _difference(path, where, np.asarray(array), expected[name][part]))
    return worst


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def _difference(path: str, where: str, found: Any, wanted: Any) -> float:
    """0 for equal integers, the largest distance of floats. Raises Disagreement."""
    if found.shape != wanted.shape or found.dtype != wanted.dtype:
        raise Disagreement(
            f"{path} gives {found.dtype}{list(found.shape)} and torch gives {wanted.dtype}"
            f"{list(wanted.shape)} in {where}; nothing written: "
            "install torch and onnxscript as in constraints.txt and try again."
        )
    allowed = 0.0 if np.issubdtype(wanted.dtype, np.integer) else TOLERANCE
    distance = float(np.abs(found - wanted).max())
    if not distance <= allowed:  # so that a NaN is refused
        raise Disagreement(
            f"{path} differs from torch by {distance:.2g} in {where}, and {allowed:g} is allowed; "
            "nothing written: install torch and onnxscript as in constraints.txt and try again."
        )
    return distance
