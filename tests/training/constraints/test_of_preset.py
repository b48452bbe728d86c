from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from presets import preset as presets
from presets.rules import AtLeast
from realtime.model import Model
from training.constraints.of_preset import space_of
from training.constraints.tasks import Rules


def test_it_decodes_as_the_instrument_does(tiny_preset: Path) -> None:
    preset = presets.read(tiny_preset)
    space, model = space_of(preset), Model(preset)
    z = space.prior(5)
    noise = np.zeros((5, *preset.manifest.noise), np.float32)
    assert np.array_equal(space.decode(z), model.decode(z.numpy(), noise))
    assert (space.sigma > 0).all()
    assert space.z == preset.manifest.z


def test_rules_listen_to_what_it_decodes(tiny_preset: Path) -> None:
    rules = Rules(space_of(presets.read(tiny_preset)), (AtLeast((8,)),), np.random.default_rng(0))
    z = torch.zeros(3, rules.space.z)
    z[:, 0] = torch.tensor([-1.0, 0.0, 1.0])  # 4, 8 and 12 notes
    assert rules.scores(z, torch.ones(3, 1)).flatten().tolist() == [0.5, 1.0, 1.0]
