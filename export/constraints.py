"""A learnt constraint as graphs of the preset that it was learnt of.

A critic's gradient lives in its graph, so that nothing at run time needs to differentiate: behind
ReLU layers it is the last row, masked and multiplied back layer by layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from msgspec.structs import replace
from torch import Tensor, nn
from torch.nn import functional as F

from export.onnx import to_onnx
from export.package import README
from export.readme import page
from export.verify import check
from presets.errors import GlissarError
from presets.preset import GOLDEN, Arrays, Preset, to_npz
from presets.write import write
from training.constraints import record
from training.constraints.fit import Pair
from training.constraints.record import Facts
from training.models.latent_constraints import Critic

EXAMPLES = 2  # rows that torch traces with; one would become a constant


class Judgement(nn.Module):
    """One judgement of a critic, with its gradient along z."""

    def __init__(self, critic: Critic, number: int) -> None:
        super().__init__()
        self.critic, self.number = critic, number

    def forward(self, z: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """z [B, Z], y [B, Y] → the logit [B], its gradient [B, Z]."""
        critic, found, masks = self.critic, z, list[Tensor]()
        if critic.condition is not None:
            found = torch.cat([z, critic.condition(y)], 1)
        for layer in critic.layers:
            found = layer(found)
            masks.append((found > 0).to(z))
            found = F.relu(found)
        weight, bias = critic.out.weight[self.number], critic.out.bias[self.number]
        slope = masks[-1] * weight
        for layer, mask in zip(critic.layers[:0:-1], masks[-2::-1], strict=True):
            slope = (slope @ layer.weight) * mask
        return found @ weight + bias, slope @ critic.layers[0].weight[:, : z.shape[1]]


def into(run: Path, preset: Preset) -> Preset:
    """Write a constraint into the preset's folder, in place of one of its name. All or nothing;
    raises GlissarError where the graphs are not what torch computes, or the preset is another."""
    facts, pair = record.read(run)
    _check_kin(facts, preset)
    golden = dict(preset.golden())
    files = {path: content for path, content in preset.files.items() if path != README}
    names = _others(facts, preset)
    for path in [p for p in files if p in names]:
        del files[path]
        golden = {key: array for key, array in golden.items() if not key.startswith(f"{path}/")}
    own, arrays = graphs_of(facts, pair, golden)
    golden |= arrays
    check(own, {"Z": facts.z}, golden)
    rest = [c for c in preset.manifest.constraints if c.name != facts.constraint.name]
    provenance = dict(preset.manifest.extensions.get("constraints", {}))
    provenance[facts.constraint.name] = _told(facts)
    manifest = replace(
        preset.manifest,
        constraints=[*rest, facts.constraint],
        extensions={**preset.manifest.extensions, "constraints": provenance},
    )
    files |= {**own, GOLDEN: to_npz(golden), README: page(manifest).encode()}
    return write(preset.folder, manifest, files)


def graphs_of(facts: Facts, pair: Pair, golden: Arrays) -> tuple[dict[str, bytes], Arrays]:
    """The ONNX files by their paths, and what torch makes of the golden points there."""
    actor, *critics = facts.constraint.files
    modules: dict[str, nn.Module] = {actor: pair.actor}
    modules |= {path: Judgement(pair.critic, n) for n, path in enumerate(critics)}
    inputs = {"z": torch.from_numpy(np.asarray(golden["z"], np.float32))}
    if facts.conditions:
        inputs["y"] = _choices(facts, len(inputs["z"]))
    files: dict[str, bytes] = {}
    arrays: Arrays = {}
    for path, module in modules.items():
        with torch.no_grad():
            out = module(*inputs.values())
        names = ["z_out"] if path == actor else ["value", "gradient"]
        arrays |= _named(path, {"y": inputs["y"]} if facts.conditions else {})
        arrays |= _named(path, dict(zip(names, (out,) if path == actor else out, strict=True)))
        examples = {name: tensor[:EXAMPLES] for name, tensor in inputs.items()}
        files[path] = to_onnx(path, module.eval(), examples)
    return files, arrays


def _named(path: str, tensors: Mapping[str, Tensor]) -> Arrays:
    return {f"{path}/{name}": tensor.numpy() for name, tensor in tensors.items()}


def _choices(facts: Facts, count: int) -> Tensor:
    """One entry or none of every menu, by a fixed seed [count, Y]."""
    draw = np.random.default_rng(0)
    menus = facts.constraint.menus
    rows = [menu.rows(draw.integers(-1, len(menu.entries), size=count)) for menu in menus]
    return torch.from_numpy(np.concatenate(rows, 1))


def _others(facts: Facts, preset: Preset) -> set[str]:
    """The files of the constraint that is replaced."""
    old = (c for c in preset.manifest.constraints if c.name == facts.constraint.name)
    return {path for c in old for path in c.files}


def _check_kin(facts: Facts, preset: Preset) -> None:
    """Constraints are learnt in one latent space and mean nothing in another."""
    if facts.decoder != preset.manifest.files["decoder.onnx"]:
        raise GlissarError(
            f"this rule was learnt of a preset {facts.preset} with another decoder than that of "
            f"{preset.folder}; train it with glissar-train rule -p {preset.folder}."
        )


def _told(facts: Facts) -> dict[str, object]:
    return {"command": facts.command, "seed": facts.seed, "figures": facts.figures}
