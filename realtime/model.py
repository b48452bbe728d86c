"""A preset's graphs, open and warm: tokens in, decisions out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presets import graphs
from presets.ask import Answer, Decode, Hearing, ask, wishes
from presets.constrain import constrain
from presets.encoding import Tokens
from presets.errors import PresetError
from presets.keep import lean
from presets.preset import Preset
from realtime.constraints import Constraints
from realtime.events import Decoded, Join, Work
from realtime.inference import RUNTIME_ERRORS, Graph, open_graph, ports
from realtime.state import Curve
from realtime.traversals import free, geodesic
from realtime.traversals.slide import slide

Floats = NDArray[np.float32]

TOLERANCE = 1e-4  # of logits and means against the golden windows
SEEN = 32  # windows whose place is remembered
WARM_UP = 8  # answers; the first ones allocate


class Model:
    """Encoder and decoder of one preset. One caller at a time."""

    def __init__(self, preset: Preset, provider: str = "cpu") -> None:
        """Open and warm every graph. Raises PresetError if one is not what the table lists."""
        self.preset = preset
        paths = [path for path in preset.files if path.endswith(".onnx")]
        opened = {path: _open(preset, path, provider) for path in paths}
        self._encoder, self._decoder = opened["encoder.onnx"], opened["decoder.onnx"]
        self._energy = opened.get(graphs.ENERGY)
        # A knob that is swept asks about the same window again and again.
        self._place = lru_cache(SEEN)(self._place_of)
        self._leaning = lru_cache(SEEN)(self._lean_of)
        self._constraints = Constraints(preset.manifest, opened, self.encode)
        self.provider = self._encoder.get_providers()[0]
        _check_noise(preset, self._decoder)
        self._free = preset.manifest.free
        self._drifts = free.dimensions(self._free)
        self._last: Floats | None = None  # where the last answer landed [Z]
        self._silence = np.zeros((1, *preset.manifest.noise), np.float32)
        rests = [preset.encoding.vocabulary.rest] * preset.encoding.grid.steps
        for _ in range(WARM_UP):
            self.answer(Work(tuple(rests), {}))
        if self._energy:
            self.join(Join(tuple(rests), tuple(rests)))

    def encode(self, tokens: Tokens) -> Floats:
        """Token windows [B, T] → posterior means [B, Z]."""
        return self._encoder.run(["mu"], {"tokens": tokens})[0]

    def decode(self, z: Floats, noise: Floats) -> Tokens:
        """Latent points [B, Z] and noise [B, *noise shape] → tokens [B, T]."""
        return self._decoder.run(["tokens"], {"z": z, "noise": noise})[0]

    def point(self, work: Work) -> Floats:
        """The window's mean [Z]; a draw from the prior where there is no window."""
        if work.tokens:
            return self._place(work.tokens)
        draw = np.random.default_rng([*work.seed, self.preset.manifest.z])
        return draw.standard_normal(self.preset.manifest.z).astype(np.float32)

    def noise(self, seed: Sequence[int], variation: float) -> Floats:
        """Gumbel noise [1, *noise shape] times `variation`, which is the temperature of the draw;
        0 is silence: the most likely answer."""
        if variation == 0:
            return self._silence
        uniform = np.random.default_rng(seed).uniform(1e-9, 1.0, self._silence.shape)
        return (-variation * np.log(-np.log(uniform))).astype(np.float32)

    def answer(self, work: Work) -> Decoded:
        """The decision for one window: its decoding before and after the knobs move its z.

        Raises PresetError when a graph fails, or speaks words that its vocabulary lacks.
        """
        try:
            decoded = self._decide(work)
        except RUNTIME_ERRORS as error:
            raise PresetError(
                f"{self.preset.folder} cannot answer a window ({error}); get the preset again."
            ) from error
        words = range(len(self.preset.encoding.vocabulary.symbols))
        if not all(token in words for token in decoded.before + decoded.after):
            raise PresetError(
                f"{self.preset.folder} answers with tokens outside its vocabulary; "
                "get the preset again."
            )
        return decoded

    def realism(self, work: Work, decided: Decoded) -> float | None:
        """How sure it is that what is heard of the answer lies where the style's windows do, where
        the preset can tell. Raises PresetError when a graph fails."""
        if not self._constraints.know_realism:
            return None
        encoding = self.preset.encoding
        window = work.window or encoding.window(work.tokens or decided.before)
        hearing = Hearing(window, np.array(decided.before), encoding, (), ())
        heard = hearing.heard(np.array(decided.after), full=work.full or decided.full)
        try:
            return self._constraints.realism(heard.tokens)
        except RUNTIME_ERRORS as error:
            raise PresetError(
                f"{self.preset.folder} cannot judge a window ({error}); get the preset again."
            ) from error

    def places(self, tokens: tuple[int, ...] = ()) -> free.Places:
        """Where the last answer lies on the maps, or the window of these tokens, which nothing
        moves; nothing where there are none. Raises PresetError when a graph fails."""
        if not self._free:
            return {}
        try:
            z = self._place(tokens) if tokens else self._last
        except RUNTIME_ERRORS as error:
            raise PresetError(
                f"{self.preset.folder} cannot place a window ({error}); get the preset again."
            ) from error
        return {} if z is None else free.places(z, self.preset.manifest.dimensions, self._free)

    def join(self, join: Join) -> Curve:
        """The natural path between two windows. Raises PresetError when a graph fails."""
        try:
            start, end = self.encode(np.array([join.start, join.end], np.int64))
            return geodesic.solve(self._energy, start, end, self._decoding(self._silence))
        except RUNTIME_ERRORS as error:
            raise PresetError(
                f"{self.preset.folder} finds no path between two windows ({error}); "
                "get the preset again."
            ) from error

    def _decide(self, work: Work) -> Decoded:
        z = self.point(work)
        dimensions = self.preset.manifest.dimensions
        moved, lean = slide(self._origin(z, work), work.knobs, dimensions), self._lean(work)
        self._last = moved = free.drift(moved, work.free, self._drifts)
        silence, loose = self._silence + lean, self.noise(work.seed, work.variation)
        noise = loose + (1 - work.variation) * lean
        decode = self._decoding(noise)

        asked, demands = wishes(work.knobs, dimensions), self._constraints.demands(work)
        if asked or demands:
            encoding = self.preset.encoding
            before = self.decode(z[None], silence)[0]
            window = work.window or encoding.window(work.tokens or before)
            hearing = Hearing(window, before, encoding, asked, dimensions)
            answer = Answer(moved, before, work.full)
            if asked:
                answer = ask(moved, hearing, decode, full=work.full)
            if demands:
                ways = decode, self._decoding(loose)
                answer = constrain(answer.point, demands, hearing, ways, full=answer.full)
            self._last = answer.point
            return Decoded(tuple(before.tolist()), tuple(answer.tokens.tolist()), answer.full)
        noises: Floats = np.concatenate([silence, noise])
        before, after = self.decode(np.stack([z, moved]), noises).tolist()
        return Decoded(tuple(before), tuple(after))

    def _origin(self, z: Floats, work: Work) -> Floats:
        """What the knobs move: the window's point z [Z], or one between those of two windows."""
        if work.between is None:
            return z
        start, end = self.encode(np.array([work.between.start, work.between.end], np.int64))
        return geodesic.point(start, end, work.between)

    def _decoding(self, noise: Floats) -> Decode:
        """Points [N, Z], all with the same noise [1, *noise shape]."""
        return lambda points: self.decode(points, np.repeat(noise, len(points), axis=0))

    def _lean(self, work: Work) -> Floats | float:
        """Towards what was played [1, *noise shape]; nothing where nothing was, or none is kept,
        or where a morph is to leave it."""
        keeps = self.preset.manifest.keeps
        if not (keeps and work.tokens) or work.between:
            return 0.0
        return self._leaning(work.tokens)

    def _place_of(self, tokens: tuple[int, ...]) -> Floats:
        return self.encode(np.array([tokens], np.int64))[0]

    def _lean_of(self, tokens: tuple[int, ...]) -> Floats:
        encoding, keeps = self.preset.encoding, self.preset.manifest.keeps
        return lean(np.array([tokens], np.int64), encoding, keeps or 0.0)

    @property
    def curved(self) -> bool:
        """Whether a morph has another path than the straight line."""
        return self._energy is not None

    @property
    def moves(self) -> dict[str, Callable[[Floats], Floats]]:
        """What constraints do to a point [1, Z], by the names of those that do it."""
        return self._constraints.moves()

    def verify(self) -> float:
        """Compare with the golden windows, and read the map. Returns the largest difference of a
        number.

        Raises PresetError when tokens differ anywhere or a number by more than 1e-4.
        """
        golden = self.preset.golden()
        self.preset.planes()
        try:
            mu, log_sigma = self._encoder.run(["mu", "log_sigma"], {"tokens": golden["tokens"]})
            point = {"z": golden["z"], "noise": golden["noise"]}
            tokens, logits = self._decoder.run(["tokens", "logits"], point)
            bound = self._constraints.outputs(golden)
            if self._energy:
                bound |= geodesic.outputs(self._energy, golden)
        except RUNTIME_ERRORS as error:
            raise PresetError(
                f"{self.preset.folder} cannot run its golden windows ({error}); "
                "get the preset again."
            ) from error
        pairs = ((mu, "mu"), (log_sigma, "log_sigma"), (logits, "logits"))
        pairs = (*pairs, *((out, name) for name, out in bound.items()))
        worst = max(_difference(out, golden[name]) for out, name in pairs)
        if not np.array_equal(tokens, golden["decoded"]) or worst > TOLERANCE:
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


def _difference(a: NDArray[Any], b: NDArray[Any]) -> float:
    """The largest difference of two arrays; infinite where they cannot be compared."""
    if a.shape != b.shape or not a.size or b.dtype.kind != "f":
        return float("inf")
    return float(np.nan_to_num(np.abs(a - b), nan=np.inf).max())


def _check_noise(preset: Preset, decoder: Graph) -> None:
    """Refuse a manifest whose noise is not the decoder's: its size is what gets allocated."""
    noise = next(port for port in ports(decoder)[0] if port.name == "noise")
    if list(noise.shape[1:]) != preset.manifest.noise:
        raise PresetError(
            f"{preset.folder} has a decoder whose noise is {list(noise.shape[1:])} and a manifest "
            f"that says {preset.manifest.noise}; export the preset again."
        )


def _open(preset: Preset, path: str, provider: str) -> Graph:
    try:
        graph = open_graph(preset.graph(path), provider)
    except RUNTIME_ERRORS as error:
        raise PresetError(f"{preset.folder / path} is no usable ONNX graph ({error}).") from error
    sizes = {"T": preset.encoding.grid.steps, "Z": preset.manifest.z}
    graphs.check(path, *ports(graph), sizes)
    return graph
