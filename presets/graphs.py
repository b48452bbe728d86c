"""The one table of what an ONNX graph of a preset is called, takes and gives.

Dimensions are letters: B (batch, any), T (steps), Z (latent), Y (conditions), V (vocabulary).
`None` leaves a shape to the model, which states it in the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from presets.errors import PresetError


@dataclass(frozen=True, slots=True)
class Tensor:
    name: str
    dtype: str  # ONNX Runtime's word for it
    dims: str | None  # one letter a dimension
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """What a kind of graph must look like. A `repeated` role is a folder of named graphs."""

    name: str
    path: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    required: bool = False

    @property
    def repeated(self) -> bool:
        return "{name}" in self.path

    @property
    def batched(self) -> bool:
        """Whether it takes several rows at once."""
        return any("B" in (tensor.dims or "") for tensor in self.inputs)


ENERGY = "energy.onnx"
_INT, _FLOAT = "tensor(int64)", "tensor(float)"


def _f(name: str, dims: str | None, *, optional: bool = False) -> Tensor:
    return Tensor(name, _FLOAT, dims, optional)


_TOKENS = Tensor("tokens", _INT, "BT")
_CONDITION = _f("y", "BY", optional=True)
_ENDS = (_f("a", "Z"), _f("start", "Z"), _f("end", "Z"))
_ENERGY = (
    _f("energy", None),
    _f("gradient", "Z"),
    _f("ridge", None, optional=True),
    _f("ridge_gradient", "Z", optional=True),
)

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role("encoder", "encoder.onnx", (_TOKENS,), (_f("mu", "BZ"), _f("log_sigma", "BZ")), True),
        Role(
            "decoder",
            "decoder.onnx",
            (_f("z", "BZ"), _f("noise", None)),
            (_TOKENS, _f("logits", None)),
            True,
        ),
        Role("actor", "actors/{name}.onnx", (_f("z", "BZ"), _CONDITION), (_f("z_out", "BZ"),)),
        Role(
            "critic",
            "critics/{name}.onnx",
            (_f("z", "BZ"), _CONDITION),
            (_f("value", "B"), _f("gradient", "BZ")),
        ),
        Role("energy", ENERGY, _ENDS, _ENERGY),
    )
}

Shape = Sequence[int | str | None]


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output as a graph declares it; free dimensions are strings or None."""

    name: str
    dtype: str
    shape: Shape


def role_of(path: str) -> Role | None:
    """The role that a file of a preset plays, by its path inside the folder."""
    for role in ROLES.values():
        head, _, tail = role.path.partition("{name}")
        name = path[len(head) : len(path) - len(tail)]
        if path == role.path or (
            role.repeated and name and path == f"{head}{name}{tail}" and "/" not in name
        ):
            return role
    return None


def check(
    path: str, inputs: Sequence[Port], outputs: Sequence[Port], sizes: Mapping[str, int]
) -> None:
    """Refuse a graph that is not what the table lists for its path.

    `sizes` gives the letters that the manifest fixes, {"T": 24, "Z": 32}. Raises PresetError.
    """
    role = role_of(path)
    if role is None:
        known = ", ".join(r.path for r in ROLES.values())
        raise PresetError(
            f"{path} is not a graph that a preset has; remove it or name it as one of {known}."
        )
    for kind, listed, found in (("input", role.inputs, inputs), ("output", role.outputs, outputs)):
        _check_names(path, kind, listed, found)
        wanted = {tensor.name: tensor for tensor in listed}
        for port in found:
            _check_port(path, kind, wanted[port.name], port, sizes)


def _check_names(path: str, kind: str, listed: Sequence[Tensor], found: Sequence[Port]) -> None:
    have = {port.name for port in found}
    missing = [t.name for t in listed if not t.optional and t.name not in have]
    foreign = sorted(have - {t.name for t in listed})
    if missing or foreign:
        wrong = [f"lacks {n}" for n in missing] + [f"an unlisted {n}" for n in foreign]
        raise PresetError(f"{path} {' and '.join(wrong)} among its {kind}s; export it again.")


def _check_port(path: str, kind: str, want: Tensor, port: Port, sizes: Mapping[str, int]) -> None:
    if port.dtype != want.dtype:
        raise PresetError(
            f"{path} has {kind} {port.name} of type {port.dtype} where {want.dtype} is needed; "
            "export it again."
        )
    if want.dims is None:
        return
    fits = len(port.shape) == len(want.dims) and all(
        _fits(letter, size, sizes) for letter, size in zip(want.dims, port.shape, strict=True)
    )
    if not fits:
        raise PresetError(
            f"{path} has {kind} {port.name} of shape {list(port.shape)} where "
            f"{[sizes.get(d, d) for d in want.dims]} is needed; export it again."
        )


def _fits(letter: str, size: int | str | None, sizes: Mapping[str, int]) -> bool:
    if letter == "B":
        return not isinstance(size, int)  # the batch must be free
    return letter not in sizes or size == sizes[letter]
