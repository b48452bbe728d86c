"""The table of graph roles refuses what it does not list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from presets.errors import PresetError
from presets.graphs import ROLES, Port, check, role_of

SIZES = {"T": 24, "Z": 32, "Y": 3}
TOKENS = Port("tokens", "tensor(int64)", ("batch", 24))
MU = Port("mu", "tensor(float)", ("batch", 32))
LOG_SIGMA = Port("log_sigma", "tensor(float)", ("batch", 32))
Z = Port("z", "tensor(float)", (None, 32))


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("encoder.onnx", "encoder"),
        ("decoder.onnx", "decoder"),
        ("actors/scale.onnx", "actor"),
        ("critics/realism.onnx", "critic"),
        ("energy.onnx", "energy"),
        ("actors/.onnx", None),
        ("actors/deep/er.onnx", None),
        ("actors/scale.onnx.txt", None),
        ("actors/scale", None),
        ("other.onnx", None),
        ("", None),
    ],
)
def test_a_path_names_its_role(path: str, role: str | None) -> None:
    found = role_of(path)
    assert (found and found.name) == role


def test_a_preset_needs_an_encoder_and_a_decoder_and_no_more() -> None:
    assert {role.name for role in ROLES.values() if role.required} == {"encoder", "decoder"}
    assert {role.name for role in ROLES.values() if role.repeated} == {"actor", "critic"}


def test_graphs_as_listed_pass() -> None:
    check("encoder.onnx", [TOKENS], [MU, LOG_SIGMA], SIZES)
    z_out = replace(Z, name="z_out")
    check("actors/scale.onnx", [Z, Port("y", "tensor(float)", ("b", 3))], [z_out], SIZES)
    check("actors/free.onnx", [Z], [z_out], SIZES)  # conditions may be absent
    logits = Port("logits", "tensor(float)", ("b", "any", 7, 7))  # the model's own shape
    check("decoder.onnx", [Z, Port("noise", "tensor(float)", (None,))], [TOKENS, logits], SIZES)


def test_a_size_that_the_manifest_does_not_fix_is_the_model_s_own() -> None:
    check("encoder.onnx", [replace(TOKENS, shape=("b", 96))], [MU, LOG_SIGMA], {"Z": 32})


@pytest.mark.parametrize(
    ("inputs", "outputs", "says"),
    [
        ([], [MU, LOG_SIGMA], "lacks tokens among its inputs"),
        ([TOKENS], [MU], "lacks log_sigma among its outputs"),
        ([TOKENS, Z], [MU, LOG_SIGMA], "an unlisted z among its inputs"),
        ([replace(TOKENS, name="x")], [MU, LOG_SIGMA], "lacks tokens and an unlisted x"),
        ([replace(TOKENS, dtype="tensor(int32)")], [MU, LOG_SIGMA], "type tensor(int32)"),
        ([TOKENS], [replace(MU, dtype="tensor(double)"), LOG_SIGMA], "type tensor(double)"),
        ([TOKENS], [replace(MU, shape=("b", 16)), LOG_SIGMA], "shape ['b', 16]"),
        ([TOKENS], [replace(MU, shape=("b", "z")), LOG_SIGMA], "shape ['b', 'z']"),
        ([TOKENS], [replace(MU, shape=(1, 32)), LOG_SIGMA], "shape [1, 32]"),
        ([replace(TOKENS, shape=(24,))], [MU, LOG_SIGMA], "['B', 24] is needed"),
    ],
)
def test_anything_else_is_refused_by_name(
    inputs: list[Port], outputs: list[Port], says: str
) -> None:
    with pytest.raises(PresetError) as caught:
        check("encoder.onnx", inputs, outputs, SIZES)
    sentence = str(caught.value)
    assert says in sentence
    assert sentence.startswith("encoder.onnx ")
    assert sentence.endswith("export it again.")


def test_a_graph_without_a_role_is_refused() -> None:
    with pytest.raises(PresetError, match=r"virus\.onnx is not a graph that a preset has"):
        check("virus.onnx", [], [], SIZES)
