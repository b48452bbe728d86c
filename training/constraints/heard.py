"""What a performer hears of a constraint: played windows answered as on stage, by ear."""

from __future__ import annotations

from functools import partial

import numpy as np

from presets.ask import Hearing
from presets.constrain import AGAIN, Demand, constrain
from presets.constraint import Constraint
from presets.encoding import Tokens
from presets.keep import lean
from presets.preset import Preset
from training.constraints.kept import Choices, movers
from training.constraints.of_preset import encoded, opened
from training.constraints.space import Floats


def answers(preset: Preset, constraint: Constraint, choices: Choices, windows: Tokens) -> Tokens:
    """Windows [N, T] → what is heard of their answers [N, T], knobs at neutral, by the actor."""
    manifest, encoding = preset.manifest, preset.encoding
    decoder, silence = opened(preset, "decoder.onnx"), np.zeros((1, *manifest.noise), np.float32)
    move = movers(preset, constraint, choices)["actor"]
    demand = Demand(constraint, constraint.row(choices), move, lambda _: 1.0, again=AGAIN)

    def decode(noise: Floats, points: Floats) -> Tokens:
        given = {"z": points, "noise": np.repeat(noise, len(points), 0)}
        return np.asarray(decoder.run(["tokens"], given)[0])

    found: list[Tokens] = []
    for tokens, point in zip(windows, encoded(preset, windows)[0], strict=True):
        leaning = silence
        if manifest.keeps:
            leaning = silence + lean(tokens[None], encoding, manifest.keeps)
        before = decode(leaning, point[None])[0]
        hearing = Hearing(encoding.window(tokens.tolist()), before, encoding, (), ())
        ways = partial(decode, leaning), partial(decode, silence)
        answer = constrain(point, [demand], hearing, ways, full=False)
        found.append(hearing.heard(answer.tokens, full=answer.full).tokens)
    return np.stack(found)
