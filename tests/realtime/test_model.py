"""Graphs, open and warm: the tiny preset's, and others that travelled badly or lie."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from msgspec.structs import replace

from presets import preset
from presets.errors import PresetError
from presets.preset import Preset, digest
from realtime.events import Request, Work
from realtime.model import Model, load
from realtime.worker import answer

STEPS, SYMBOLS, Z, HOLD, REST = 24, 32, 26, 30, 31
MELODY = (5, *[HOLD] * 5, 9, *[HOLD] * 5, 12, *[HOLD] * 5, 5, *[HOLD] * 5)
SIDE = f"float[B,{STEPS},{SYMBOLS}]"


@pytest.fixture(scope="module")
def tiny(tiny_preset: Path) -> Preset:
    return preset.read(tiny_preset)


@pytest.fixture(scope="module")
def model(tiny: Preset) -> Model:
    return Model(tiny)


def with_file(tiny: Preset, path: str, content: bytes) -> Preset:
    """The same preset with another file, honestly listed."""
    listed = replace(tiny.manifest, files={**tiny.manifest.files, path: digest(content)})
    return Preset(tiny.folder, listed, tiny.encoding, {**tiny.files, path: content}, tiny.sha256)


def graph(text: str) -> bytes:
    parsed = onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["" : 18]>\n{text}')
    return parsed.SerializeToString()


def decoder(body: str, noise: str = SIDE, z: int = Z) -> bytes:
    """A decoder of the right shape that does what `body` says."""
    return graph(
        f"decoder (float[B,{z}] z, {noise} noise) => (int64[B,{STEPS}] tokens, {SIDE} logits)\n"
        f"<float zero = {{0.0}}, int64 none = {{0}}, int64 high = {{99}}, int64 low = {{-5}}, "
        f"int64[1] one = {{1}}, int64[1] two = {{2}}, int64[2] sizes = {{1, {STEPS}}}, "
        f"int64[2] parts = {{1, {z - 1}}}, float[{STEPS},1] rows = {{{', '.join(['0.0'] * 24)}}}>"
        f"{{ {body} }}"
    )


COUNTED = """
    logits = Identity(noise)
    found = ArgMax<axis = 2, keepdims = 0>(noise)
"""


# --- what a model does ----------------------------------------------------------------------------


def test_neutral_knobs_decide_nothing(model: Model) -> None:
    decided = model.answer(Work(MELODY, {}))
    assert decided.before == decided.after == MELODY


def test_a_knob_changes_what_comes_after_only(model: Model) -> None:
    decided = model.answer(Work(MELODY, {"contour": ("offset", 0.5)}))
    assert decided.before == MELODY
    assert [decided.after[i] for i in (0, 6, 12, 18)] == [5, 13, 20, 17]


def test_the_same_seed_is_the_same_answer_and_another_is_another(model: Model) -> None:
    def varied(*seed: int) -> object:
        return model.answer(Work(MELODY, {}, seed, variation=1.0))

    assert varied(3, 0) == varied(3, 0)
    assert varied(3, 0) != varied(4, 0)
    assert varied(3, 0) != varied(3, 1)


def test_variation_is_how_far_the_answer_may_be_from_the_most_likely(model: Model) -> None:
    plain = model.answer(Work(MELODY, {}))
    for seed in range(20):
        found = [model.answer(Work(MELODY, {}, (seed,), v)) for v in (0.0, 1e-4, 1.0)]
        assert found[0] == found[1] == plain
        assert found[2].before == plain.before  # … of which the played window is no variation
        assert found[2].after != plain.after


def test_noise_is_gumbels_times_the_variation(model: Model) -> None:
    draws = np.concatenate([model.noise((seed,), 1.0).ravel() for seed in range(60)])
    assert np.isfinite(draws).all()
    assert draws.mean() == pytest.approx(0.5772, abs=0.02)
    assert draws.std() == pytest.approx(np.pi / np.sqrt(6), abs=0.02)
    half = np.concatenate([model.noise((seed,), 0.5).ravel() for seed in range(60)])
    np.testing.assert_allclose(half, draws / 2, rtol=1e-6)
    assert not model.noise((7,), 0.0).any()


def test_a_sound_preset_gives_its_golden_windows(model: Model) -> None:
    assert model.verify() <= 1e-4


def test_a_model_says_nothing_when_it_gets_the_provider_asked_for(tiny: Preset) -> None:
    said: list[str] = []
    assert load(tiny, "cpu", said.append).provider == "CPUExecutionProvider"
    assert said == []


# --- presets that lie -----------------------------------------------------------------------------


def test_bytes_that_are_no_graph_are_refused(tiny: Preset) -> None:
    with pytest.raises(PresetError, match=r"encoder\.onnx is no usable ONNX graph"):
        Model(with_file(tiny, "encoder.onnx", b"not a graph"))


def test_a_graph_of_other_sizes_is_refused(tiny: Preset) -> None:
    wide = decoder(COUNTED + "tokens = Identity(found)", z=Z + 1)
    with pytest.raises(PresetError, match=r"decoder\.onnx has input z of shape"):
        Model(with_file(tiny, "decoder.onnx", wide))


@pytest.mark.parametrize("shape", ["float[B,24,31]", "float[B,24]", "float[B,S,V]"])
def test_a_decoder_with_other_noise_than_the_manifest_says_is_refused(
    tiny: Preset, shape: str
) -> None:
    other = decoder(
        """
        found = ReduceMax<keepdims = 1>(z, one)
        grown = Expand(found, sizes)
        logits = Unsqueeze(grown, two)
        tokens = Cast<to = 7>(grown)
        """,
        noise=shape,
    )
    with pytest.raises(PresetError, match=r"has a decoder whose noise is .* export"):
        Model(with_file(tiny, "decoder.onnx", other))


def test_a_manifest_that_asks_for_absurd_noise_is_refused_before_it_is_made(tiny: Preset) -> None:
    absurd = replace(tiny.manifest, noise=[4096, 4096, 4096])
    greedy = Preset(tiny.folder, absurd, tiny.encoding, tiny.files, tiny.sha256)
    with pytest.raises(PresetError, match=r"noise"):
        Model(greedy)


@pytest.mark.parametrize("word", ["high", "low"])
def test_tokens_outside_the_vocabulary_are_refused(tiny: Preset, word: str) -> None:
    mad = decoder(COUNTED + f"same = Sub(found, found) tokens = Add(same, {word})")
    with pytest.raises(PresetError, match=r"tokens outside its vocabulary; get the preset again"):
        Model(with_file(tiny, "decoder.onnx", mad))


FAILING = decoder(  # reaches beyond a table of 24 rows where density, z[0], is 0 or more
    """
    density, others = Split<axis = 1>(z, parts)
    far = Sign(density)
    sign = Cast<to = 7>(far)
    beyond = Mul(sign, high)
    index = Max(beyond, none)
    fetched = Gather<axis = 0>(rows, index)
    flat = Squeeze(fetched, two)
    whole = Cast<to = 7>(flat)
    logits = Identity(noise)
    found = ArgMax<axis = 2, keepdims = 0>(noise)
    tokens = Add(found, whole)
    """
)


def failing(tiny: Preset) -> Model:
    """It answers the rests that warm it up, and no window of more than eight notes."""
    return Model(with_file(tiny, "decoder.onnx", FAILING))


MANY = Work(MELODY, {"density": ("target", 1.0)})


def test_a_graph_that_fails_at_run_time_is_a_sentence(tiny: Preset) -> None:
    broken = failing(tiny)
    assert broken.answer(Work(MELODY, {})).before == (0,) * STEPS
    with pytest.raises(PresetError, match=r"cannot answer a window .*get the preset again"):
        broken.answer(MANY)


def test_the_worker_turns_a_failure_into_a_sentence_and_no_decision(tiny: Preset) -> None:
    decided, sentence, _ = answer(failing(tiny), Request(1, MANY))
    assert decided is None
    assert sentence.startswith("a window stays as played: ")


# --- golden windows -------------------------------------------------------------------------------


def with_golden(tiny: Preset, **changes: Any) -> Preset:
    file = io.BytesIO()
    np.savez_compressed(file, **{**tiny.golden(), **changes})
    return with_file(tiny, "golden.npz", file.getvalue())


@pytest.mark.parametrize("name", ["mu", "log_sigma", "logits"])
@pytest.mark.parametrize("wrong", [1e-3, np.nan])
def test_golden_numbers_that_differ_are_refused(tiny: Preset, name: str, wrong: float) -> None:
    array = tiny.golden()[name].copy()
    array.flat[7] += wrong
    with pytest.raises(PresetError, match=r"does not give its golden windows"):
        Model(with_golden(tiny, **{name: array})).verify()


def test_one_golden_token_that_differs_is_refused(tiny: Preset) -> None:
    decoded = tiny.golden()["decoded"].copy()
    decoded[0, 0] = (decoded[0, 0] + 1) % SYMBOLS
    with pytest.raises(PresetError, match=r"does not give its golden windows"):
        Model(with_golden(tiny, decoded=decoded)).verify()


@pytest.mark.parametrize(
    "changes",
    [
        {"mu": np.zeros((1, 3), np.float32)},
        {"mu": np.zeros((0, 26), np.float32)},
        {"mu": np.array("text")},
        {"tokens": np.zeros((8, 3), np.int64)},
        {"tokens": np.zeros((8, 24), np.float32)},
        {"z": np.zeros((8, 2), np.float32)},
        {"noise": np.zeros((2, 24, 32), np.float32)},
        {"decoded": np.zeros((8, 2), np.int64)},
    ],
    ids=str,
)
def test_golden_arrays_of_other_shapes_or_kinds_are_refused(
    tiny: Preset, changes: dict[str, Any]
) -> None:
    with pytest.raises(PresetError, match=r"golden windows"):
        Model(with_golden(tiny, **changes)).verify()
