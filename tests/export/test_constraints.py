from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from export.__main__ import cli
from export.constraints import Judgement, into
from export.verify import open_session
from presets import preset as presets
from presets.errors import GlissarError, PresetError
from presets.preset import GOLDEN, Preset, to_npz
from presets.write import write
from realtime.__main__ import cli as glissar
from realtime.model import Model
from training.__main__ import cli as training
from training.constraints import record
from training.models.latent_constraints import Critic, Net

SMALL = "steps=2 critic_steps=1 batch=8 net.width=8 first=0 remembered=64"
QUICK = tuple(word for change in SMALL.split() for word in ("--set", change))


def learnt(output: Path, preset: Path, *rules: str) -> Path:
    args = ["rule", *rules, "-p", str(preset), "-o", str(output), *QUICK]
    result = CliRunner().invoke(training, args, catch_exceptions=False)
    assert result.exit_code == 0
    return output


@pytest.fixture
def preset(tiny_preset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_preset, tmp_path / "tiny"))


@pytest.fixture(scope="module")
def scale(tiny_preset: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Preset]:
    """A rule's run, and a preset that it has joined. Do not write into either."""
    folder = tmp_path_factory.mktemp("scale")
    preset = Path(shutil.copytree(tiny_preset, folder / "tiny"))
    run = learnt(folder / "run", preset, "scale", "density:4,8")
    return run, into(run, presets.read(preset))


@pytest.fixture
def joined(scale: tuple[Path, Preset], tmp_path: Path) -> Path:
    """That preset, to be written into."""
    return Path(shutil.copytree(scale[1].folder, tmp_path / "joined"))


@pytest.mark.parametrize("conditions", [0, 3])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_gradient_is_what_autograd_says(conditions: int, layers: int) -> None:
    torch.manual_seed(layers)
    critic = Critic(Net(width=16, layers=layers), 5, conditions, judges=2)
    z = torch.randn(7, 5, requires_grad=True)
    y = (torch.randn(7, conditions),) if conditions else ()
    for number in range(2):
        value, slope = Judgement(critic, number)(z, *y)
        wanted = critic(z, *y)[:, number]
        torch.testing.assert_close(value, wanted)
        torch.testing.assert_close(slope, torch.autograd.grad(wanted.sum(), z)[0])


def test_a_rule_joins_its_preset(scale: tuple[Path, Preset]) -> None:
    run, made = scale
    (constraint,) = made.manifest.constraints
    assert constraint.files == [
        "actors/scale.onnx",
        "critics/scale.onnx",
        "critics/density.onnx",
    ]
    _, pair = record.read(run)
    z, y = np.zeros((1, made.manifest.z), np.float32), constraint.row({"density": "8"})
    found = open_session(made.graph("actors/scale.onnx")).run(["z_out"], {"z": z, "y": y})[0]
    with torch.no_grad():
        wanted = pair.actor(torch.from_numpy(z), torch.from_numpy(y)).numpy()
    assert np.asarray(found) == pytest.approx(wanted, abs=1e-5)
    assert made.manifest.extensions["constraints"]["scale"]["seed"] == 0


def test_it_takes_the_place_of_one_of_its_name_and_leaves_others(
    joined: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text("def mine(window):\n    return 1.0\n")
    into(learnt(tmp_path / "a", joined, f"{tmp_path}/mine.py:mine"), presets.read(joined))
    made = into(learnt(tmp_path / "b", joined, "scale"), presets.read(joined))
    assert [c.name for c in made.manifest.constraints] == ["mine", "scale"]
    onnx = sorted(path for path in made.files if "/" in path)
    assert onnx == sorted(path for c in made.manifest.constraints for path in c.files)
    assert not [key for key in made.golden() if key.startswith("critics/density")]


def test_a_rule_of_another_preset_is_refused(preset: Path, tmp_path: Path) -> None:
    run = learnt(tmp_path / "run", preset, "scale")
    facts = run / "constraint.json"
    facts.write_text(facts.read_text().replace('"decoder": "', '"decoder": "0'))
    before = (preset / "preset.json").read_bytes()
    with pytest.raises(GlissarError, match="another decoder"):
        into(run, presets.read(preset))
    assert (preset / "preset.json").read_bytes() == before


def test_the_command(preset: Path, tmp_path: Path) -> None:
    run = learnt(tmp_path / "run", preset, "scale")
    result = CliRunner().invoke(cli, [str(run), "--into", str(preset)], catch_exceptions=False)
    assert "key, scale; agrees with torch" in result.output
    with pytest.raises(GlissarError, match="give either -o"):
        CliRunner().invoke(cli, [str(run)], catch_exceptions=False)


def test_verify_looks_at_actors_and_critics(joined: Path) -> None:
    made = presets.read(joined)
    assert Model(made).verify() < 1e-4
    golden = dict(made.golden())
    name = "critics/density.onnx/gradient"
    golden[name] = np.asarray(golden[name], np.float32) + 1
    bent = write(joined, made.manifest, {**made.files, GOLDEN: to_npz(golden)})
    with pytest.raises(PresetError, match="does not give its golden windows"):
        Model(bent).verify()


def test_what_it_can_do_is_shown(joined: Path) -> None:
    result = CliRunner().invoke(glissar, ["presets", "show", str(joined)])
    assert "constrain density: 4, 8" in result.output
