"""A preset's graphs, open and warm: tokens in, decisions out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from presets import graphs
from presets.encoding import Tokens
from presets.errors import PresetError
from presets.preset import Preset
from realtime.events import Decoded, Work
from realtime.inference import RUNTIME_ERRORS, Graph, open_graph, ports
from realtime.traversals.slide import slide

Floats = NDArray[np.float32]

TOLERANCE = 1e-4  # of logits and means against the golden windows
WARM_UP = 8  # answers; the first ones allocate


class Model:
    """Encoder and decoder of one preset. One caller at a time."""

    def __init__(self, preset: Preset, provider: str = "cpu") -> None:
        """Open and warm every graph. Raises PresetError if one is not what the table lists."""
        self.preset = preset
        paths = [path for path in preset.files if path.endswith(".onnx")]
        opened = {path: _open(preset, path, provider) for path in paths}
        self._encoder, self._decoder = opened["encoder.onnx"], opened["decoder.onnx"]
        self.provider = self._encoder.get_providers()[0]
        self._silence = np.zeros((1, *preset.manifest.noise), np.float32)
        rests = [preset.encoding.vocabulary.rest] * preset.encoding.grid.steps
        for _ in range(WARM_UP):
            self.answer(Work(tuple(rests), {}))

    def encode(self, tokens: Tokens) -> Floats:
        """Token windows [B, T] → posterior means [B, Z]."""
        return self._encoder.run(["mu"], {"tokens": tokens})[0]

    def decode(self, z: Floats, noise: Floats) -> Tokens:
        """Latent points [B, Z] and noise [B, *noise shape] → tokens [B, T]."""
        return self._decoder.run(["tokens"], {"z": z, "noise": noise})[0]

    def noise(self, seed: int) -> Floats:
        """Gumbel noise [1, *noise shape] of a seed; seed 0 is silence: the most likely answer."""
        if seed == 0:
            return self._silence
        uniform = np.random.default_rng(seed).uniform(1e-9, 1.0, self._silence.shape)
        return (-np.log(-np.log(uniform))).astype(np.float32)

    def answer(self, work: Work) -> Decoded:
        """The decision for one window: its decoding before and after the knobs move its z."""
        z = self.encode(np.array([work.tokens], np.int64))[0]
        moved = slide(z, work.knobs, self.preset.manifest.dimensions)
        noise = np.repeat(self.noise(work.seed), 2, axis=0)
        before, after = self.decode(np.stack([z, moved]), noise).tolist()
        return Decoded(tuple(before), tuple(after))

    def verify(self) -> float:
        """Compare with the golden windows. Returns the largest difference of means and logits.

        Raises PresetError when tokens differ anywhere or a number by more than 1e-4.
        """
        golden = self.preset.golden()
        mu, log_sigma = self._encoder.run(["mu", "log_sigma"], {"tokens": golden["tokens"]})
        point = {"z": golden["z"], "noise": golden["noise"]}
        tokens, logits = self._decoder.run(["tokens", "logits"], point)
        pairs = ((mu, "mu"), (log_sigma, "log_sigma"), (logits, "logits"))
        worst = max(float(np.abs(out - golden[name]).max()) for out, name in pairs)
        if not np.array_equal(tokens, golden["decoded"]) or not worst <= TOLERANCE:
            raise PresetError(
                f"{self.preset.folder} does not give its golden windows on this machine "
                f"(largest difference {worst:.1e}); get the preset again or report the machine."
            )
        return worst


def load(preset: Preset, provider: str, say: Callable[[str], None]) -> Model:
    """A model on the provider asked for, or on the CPU after one sentence."""
    model = Model(preset, provider)
    if provider == "cuda" and model.provider != "CUDAExecutionProvider":
        say(
            "CUDA could not be used, so glissar plays on the CPU; "
            "`glissar doctor --provider cuda` says what is missing."
        )
    return model


def _open(preset: Preset, path: str, provider: str) -> Graph:
    try:
        graph = open_graph(preset.graph(path), provider)
    except RUNTIME_ERRORS as error:
        raise PresetError(f"{preset.folder / path} is no usable ONNX graph ({error}).") from error
    sizes = {"T": preset.encoding.grid.steps, "Z": preset.manifest.z}
    graphs.check(path, *ports(graph), sizes)
    return graph
