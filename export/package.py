"""A run's folder → a preset's folder: graphs, manifest, golden windows and a page in words."""

from __future__ import annotations

import platform
import re
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from torch import Tensor, nn

from export import energy, melody, wrappers
from export import golden as gold
from export.onnx import to_onnx
from export.readme import page
from export.verify import check, decoding
from presets.encoding import Encoding
from presets.errors import GlissarError
from presets.graphs import ENERGY
from presets.manifest import FORMAT, Dimension, Manifest, Provenance, describe
from presets.preset import GOLDEN, Arrays, Preset, to_npz
from presets.survey import mapped
from presets.write import check_place, write
from training.calibrate import calibrate
from training.checkpoint import Trained
from training.data.dataset import Dataset
from training.models.glsr_vae import GlsrVAE
from training.models.house import HouseVAE
from training.models.latent_model import LatentModel
from training.models.measure_vae import MeasureVAE
from training.models.melody_vae import MelodyVAE

LICENCE = "Apache-2.0"
UNSTATED = "whatever the owners of the files allow"
README = "README.md"


class Encoder(nn.Module):
    """A model that encodes where it is called."""

    def __init__(self, model: LatentModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        return self.model.encode(tokens)


class Decoder(nn.Module):
    def __init__(self, model: LatentModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        return self.model.decode(z, noise)


def as_they_are(model: LatentModel) -> dict[str, nn.Module]:
    """The modules of a model that needs no other shape, by the paths of their graphs."""
    return {"encoder.onnx": Encoder(model).eval(), "decoder.onnx": Decoder(model).eval()}


# The modules of a model's graphs by their paths, given the token for a hold.
MODULES: dict[type[LatentModel], Callable[[Any, int], dict[str, nn.Module]]] = {
    MeasureVAE: wrappers.modules,
    GlsrVAE: lambda model, _: as_they_are(model),  # no token is fed back: its LSTMs stay nodes
    HouseVAE: lambda model, _: as_they_are(model),
    MelodyVAE: melody.modules,
}
EXAMPLES = 2  # rows that torch traces with; one would become a constant


def export(trained: Trained, data: Dataset, folder: Path, plays: str, command: str) -> Preset:
    """Write the preset folder of a trained model, complete or not at all.

    plays: one sentence, empty for one made of the data card; command: what a person typed. Raises
    GlissarError, with nothing written, where a graph is not what the table lists or not what torch
    computes on the golden windows (tokens equal, every float within 1e-4, at batch 1 and 32).
    """
    _check_name(folder.name)
    check_place(folder)
    golden = gold.windows(trained.model, trained.encoding)
    files = graphs_of(trained, golden)
    sizes = {"T": trained.encoding.grid.steps, "Z": trained.model.config.z}
    if joined := energy.graph_of(trained.model, data.splits["train"].tokens, golden):
        files[ENERGY], arrays = joined
        golden |= arrays
    check(files, sizes, golden)
    manifest = describe_run(trained, data, folder.name, plays, command)
    files |= {GOLDEN: to_npz(golden), README: page(manifest).encode()}
    return write(folder, *mapped(manifest, files, decoding(files, manifest.noise)))


def graphs_of(trained: Trained, golden: Arrays) -> dict[str, bytes]:
    """The ONNX files of a model by their paths, traced with the first golden rows."""
    hold, modules = trained.encoding.vocabulary.hold, MODULES[type(trained.model)]
    inputs = {"encoder.onnx": ["tokens"], "decoder.onnx": ["z", "noise"]}
    files: dict[str, bytes] = {}
    for path, module in modules(trained.model, hold).items():
        arrays = gold.arrays_of(path, inputs[path], golden)
        examples = {name: torch.from_numpy(array[:EXAMPLES]) for name, array in arrays.items()}
        files[path] = to_onnx(path, module, examples)
    return files


def describe_run(trained: Trained, data: Dataset, name: str, plays: str, command: str) -> Manifest:
    """The manifest of a run; `presets.write` adds the files' hashes."""
    grid, vocabulary = describe(trained.encoding)
    calibrated = calibrate(trained, data)
    tables = calibrated.tables
    return Manifest(
        format=FORMAT,
        name=name,
        plays=plays or _sentence(trained),
        grid=grid,
        vocabulary=vocabulary,
        z=trained.model.config.z,
        noise=list(trained.model.noise_shape),
        dimensions=[
            Dimension(name, index, tables[name], taken_along(trained, index))
            for index, name in enumerate(trained.dimensions)
        ],
        files={},
        corpus=f"{_fact(trained, 'corpus')}. {_fact(trained, 'licences')}",
        licence=_licence(trained),
        provenance=Provenance(
            command=f"{trained.command}\n{command}",
            seed=trained.seed,
            config=trained.config,
            data=trained.data,
            versions=trained.versions | _versions(),
            commit=_commit(),
        ),
        quality=trained.card,
        sigma=calibrated.sigma,
        keeps=trained.model.keeps,
    )


def taken_along(trained: Trained, dimension: int) -> dict[str, float]:
    """By attribute: see `Dimension.takes`."""
    found = trained.model.takes(dimension).items()
    return {trained.dimensions[other]: share for other, share in found}


def _licence(trained: Trained) -> str:
    """Of the weights; whose they are that somebody else's files went into is not for us to say."""
    return UNSTATED if "files" in trained.data else LICENCE


def _sentence(trained: Trained) -> str:
    return f"{_length(trained.encoding)}, learnt from the {_fact(trained, 'corpus')}."


def _length(encoding: Encoding) -> str:
    bars = encoding.grid.bars
    return f"{'One bar' if bars == 1 else f'{bars} bars'} of {encoding.grid.meter}"


def _fact(trained: Trained, name: str) -> str:
    return str(trained.data.get(name, "corpus unknown" if name == "corpus" else "Licence unknown."))


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name):
        raise GlissarError(
            f"a preset is called after its folder, and {name!r} is no name; "
            "use small letters, digits, - and _."
        )


def _versions() -> dict[str, str]:
    """What exported, beside what trained. (onnxruntime's package has two names, its module one.)"""
    names = ("torch", "onnx", "onnxscript", "glissar")
    found = {"python": platform.python_version(), "onnxruntime": onnxruntime.__version__}
    found |= {name: version(name) for name in names}
    return {f"export {name}": number for name, number in found.items()}


def _commit() -> str:
    """The commit that exports, "-dirty" where files have changed since; empty outside of git."""
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    here = Path(__file__).parent
    try:
        said = subprocess.run(asked, cwd=here, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.stdout.strip()
