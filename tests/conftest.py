"""What every test folder may use: a preset small enough to make on the spot, and honest to hear."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import onnx
import onnx.checker
import onnx.parser
import onnxruntime as ort
import pytest
from hypothesis import HealthCheck, settings

from presets import survey
from presets.encoding import Encoding, Grid, Vocabulary
from presets.manifest import Calibration, Dimension, Manifest, Provenance, describe
from presets.preset import read
from presets.write import write

# How long an example takes says how busy the machine is; timing belongs to the benchmarks.
settings.register_profile("glissar", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("glissar")

STEPS, SYMBOLS, HOLD = 24, 32, 30
Z = 2 + STEPS  # density, contour, then the token of every step as (token − 16) / 8
QUARTERS = (0, 12, 6, 18)
ORDER = [b + p for p in (0, 3, 1, 5, 2, 4) for b in QUARTERS]  # strong places first

# Both graphs measure a line of tokens [B,24] (as floats) in the same words.
MEASURE = """
    is_key = Less(line, hold)
    onset = Cast<to = 1>(is_key)
    count = ReduceSum<keepdims = 1>(onset, along)
    any = Min(count, one)
    first = ArgMax<axis = 1, keepdims = 1>(onset)
    last = ArgMax<axis = 1, keepdims = 1, select_last_index = 1>(onset)
    from_key = GatherElements<axis = 1>(line, first)
    to_key = GatherElements<axis = 1>(line, last)
    apart = Sub(to_key, from_key)
    rise = Mul(any, apart)
"""

WORDS = f"""
    float one = {{1.0}}, float zero = {{0.0}}, float four = {{4.0}}, float eight = {{8.0}},
    float twelve = {{12.0}}, float middle = {{16.0}}, float hold = {{{HOLD}.0}},
    int64[1] along = {{1}}
"""

ENCODER = f"""
<ir_version: 8, opset_import: ["" : 18]>
tiny_encoder (int64[B,{STEPS}] tokens) => (float[B,{Z}] mu, float[B,{Z}] log_sigma)
<{WORDS}, float two = {{2.0}}>
{{
    line = Cast<to = 1>(tokens)
    {MEASURE}
    above = Sub(count, eight)
    density = Div(above, four)
    contour = Div(rise, twelve)
    centred = Sub(line, middle)
    content = Div(centred, eight)
    mu = Concat<axis = 1>(density, contour, content)
    nothing = Mul(mu, zero)
    log_sigma = Sub(nothing, two)
}}
"""


def _numbers(values: object) -> str:
    return "{" + ", ".join(str(v) for v in np.ravel(np.asarray(values)).tolist()) + "}"


_STEP = np.arange(STEPS)
_REACHED = np.where(_STEP[None, :] <= _STEP[:, None], _STEP[None, :] + 1.0, 0.0)  # [t, s]: s + 1

# The line is read off z, bent to the contour asked, then thinned or filled to the count asked:
# fills repeat the note before them, what is taken away is held. With z as encoded nothing changes.
DECODER = f"""
<ir_version: 8, opset_import: ["" : 18]>
tiny_decoder (float[B,{Z}] z, float[B,{STEPS},{SYMBOLS}] noise)
    => (int64[B,{STEPS}] tokens, float[B,{STEPS},{SYMBOLS}] logits)
<{WORDS}, float top = {{{HOLD - 1}.0}}, float rest = {{{SYMBOLS - 1}.0}}, float start = {{17.0}},
 int64[3] sizes = {{1, 1, {STEPS}}}, int64 one_int = {{1}},
 int64 axis = {{1}}, int64[1] axis_1 = {{1}}, int64[1] axis_2 = {{2}},
 float[{SYMBOLS}] symbols = {_numbers(np.arange(SYMBOLS, dtype=float))},
 float[{STEPS}] step = {_numbers(_STEP.astype(float))},
 float[{STEPS},{STEPS}] reached = {_numbers(_REACHED)},
 int64[{STEPS}] order = {_numbers(ORDER)}, int64[{STEPS}] back = {_numbers(np.argsort(ORDER))}>
{{
    density, contour, content = Split<axis = 1>(z, sizes)
    scaled = Mul(content, eight)
    placed = Add(scaled, middle)
    whole = Round(placed)
    line = Clip(whole, zero, rest)
    {MEASURE}
    first_step = Cast<to = 1>(first)
    last_step = Cast<to = 1>(last)
    length = Sub(last_step, first_step)
    span = Max(length, one)
    since = Sub(step, first_step)
    part = Div(since, span)
    slope = Clip(part, zero, one)
    asked = Mul(contour, twelve)
    more = Sub(asked, rise)
    steep = Mul(more, slope)
    bend = Round(steep)
    moved = Add(line, bend)
    bent = Clip(moved, zero, top)

    onsets = Unsqueeze(onset, axis_1)
    candidates = Mul(onsets, reached)
    latest = ReduceMax<keepdims = 0>(candidates, axis_2)
    latest_int = Cast<to = 7>(latest)
    latest_step = Sub(latest_int, one_int)
    source = Max(latest_step, first)
    heard = GatherElements<axis = 1>(bent, source)
    some = Greater(any, zero)
    sounding = Where(some, heard, start)

    wanted = Mul(density, four)
    target = Add(wanted, eight)
    missing = Sub(target, count)
    change = Round(missing)
    fewer = Neg(change)
    struck = Gather<axis = 1>(onset, order)
    free = Sub(one, struck)
    is_struck = Greater(struck, zero)
    is_free = Greater(free, zero)
    from_strong = CumSum(free, axis)
    from_weak = CumSum<reverse = 1>(struck, axis)
    early = LessOrEqual(from_strong, change)
    late = LessOrEqual(from_weak, fewer)
    fills = And(is_free, early)
    cuts = And(is_struck, late)
    fill = Gather<axis = 1>(fills, back)
    cut = Gather<axis = 1>(cuts, back)
    kept = Where(is_key, sounding, line)
    filled = Where(fill, sounding, kept)
    final = Where(cut, hold, filled)

    column = Unsqueeze(final, axis_2)
    distance = Sub(column, symbols)
    square = Mul(distance, distance)
    logits = Neg(square)
    noisy = Add(logits, noise)
    tokens = ArgMax<axis = 2, keepdims = 0>(noisy)
}}
"""


def _graph(text: str) -> bytes:
    model = onnx.parser.parse_model(text)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _run(graph: bytes, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return session.run(None, feeds)


def _golden(encoder: bytes, decoder: bytes, encoding: Encoding) -> dict[str, np.ndarray]:
    """Eight seeded windows with what the graphs make of them; two do not begin with a note."""
    random = np.random.default_rng(0)
    shape = (8, STEPS)
    keys = random.integers(0, HOLD, shape)
    tokens = np.where(random.random(shape) < 0.3, keys, encoding.vocabulary.hold)
    tokens[:6, 0] = keys[:6, 0]
    tokens[6, 0] = encoding.vocabulary.rest
    mu, log_sigma = _run(encoder, {"tokens": tokens})
    z = mu + np.eye(Z, dtype=np.float32)[0] * np.linspace(-1, 1, len(mu), dtype=np.float32)[:, None]
    noise = random.gumbel(size=(len(z), STEPS, SYMBOLS)).astype(np.float32)
    decoded, logits = _run(decoder, {"z": z, "noise": noise})
    return {"tokens": tokens, "mu": mu, "log_sigma": log_sigma, "z": z, "noise": noise} | {
        "decoded": decoded,
        "logits": logits,
    }


def _manifest(encoding: Encoding) -> Manifest:
    grid, vocabulary = describe(encoding)
    p = [i / 8 for i in range(9)]
    density = [-1.5 + 3 * q for q in p]  # 2 to 14 notes
    contour = [-1 + 2 * q for q in p]  # an octave down to an octave up
    return Manifest(
        format=1,
        name="tiny",
        plays="One bar of 4/4, thinned or filled and bent as the knobs say.",
        grid=grid,
        vocabulary=vocabulary,
        z=Z,
        noise=[STEPS, SYMBOLS],
        dimensions=[
            Dimension(
                "density", 0, Calibration(p, density, [(4 * d + 8) / STEPS for d in density])
            ),
            Dimension("contour", 1, Calibration(p, contour, [12 * c / 26 for c in contour])),
        ],
        files={},
        corpus="none",
        licence="Apache-2.0",
        provenance=Provenance("tests/conftest.py", 0, {}, {}, {"onnx": onnx.__version__}),
        sigma=[float(np.exp(-2))] * Z,
    )


@pytest.fixture(scope="session", autouse=True)
def own_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders of the tests' own: presets and snapshots of a person are none of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("data")
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA"):
            patch.setenv(name, str(folder))
        yield folder


@pytest.fixture(scope="session")
def tiny_preset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A preset folder whose graphs are written by hand: no torch, no training, exact by design.

    One bar of AR-VAE's 24 steps, pitches 55 to 84. Decoding what was encoded gives it back; moving
    z[0] by 1 adds 4 notes (or holds 4 away), moving z[1] by 1 makes the line end 12 semitones
    higher. Do not write into it: it is shared by the whole run.
    """
    positions = tuple(Fraction(p) for p in ("0", "1/4", "1/3", "1/2", "2/3", "3/4"))
    encoding = Encoding(Grid(positions), Vocabulary.midi(55, 84))
    encoder, decoder = _graph(ENCODER), _graph(DECODER)
    golden = _golden(encoder, decoder, encoding)
    folder = tmp_path_factory.mktemp("presets") / "tiny"
    content = Path(tmp_path_factory.mktemp("golden")) / "golden.npz"
    np.savez_compressed(content, **golden)
    files = {"encoder.onnx": encoder, "decoder.onnx": decoder, "golden.npz": content.read_bytes()}
    write(folder, _manifest(encoding), files)
    return folder


@pytest.fixture(scope="session")
def mapped_preset(tiny_preset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny preset with a map, as `glissar presets map` adds one. Do not write into it."""
    folder = tmp_path_factory.mktemp("mapped") / "tiny"
    shutil.copytree(tiny_preset, folder)
    tiny = read(folder)
    session = ort.InferenceSession(tiny.files["decoder.onnx"], providers=["CPUExecutionProvider"])
    silence = np.zeros((1, STEPS, SYMBOLS), np.float32)

    def decode(z: np.ndarray) -> np.ndarray:
        noise = np.repeat(silence, len(z), axis=0)
        return session.run(["tokens"], {"z": z, "noise": noise})[0]

    survey.add(tiny, decode)
    return folder
