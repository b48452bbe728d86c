"""A run as a value: the defaults are AR-VAE's published settings, a TOML file says what differs."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from presets.attributes import ATTRIBUTES
from presets.errors import GlissarError
from training.models.measure_vae import MeasureVAEConfig

Positive = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Weights(Struct, frozen=True, forbid_unknown_fields=True):
    """What each loss counts for (AR-VAE §4, for music)."""

    reconstruction: float = 1.0
    kl: float = 0.001  # β
    regularisation: float = 1.0  # γ


class RunConfig(Struct, frozen=True, forbid_unknown_fields=True):
    data: str = "runs/data/bach.npz"
    attributes: tuple[str, ...] = ("rhythm", "range", "density", "contour")  # z_0, z_1, …
    seed: Annotated[int, Meta(ge=0)] = 0
    epochs: Positive = 100
    batch: Annotated[int, Meta(ge=2)] = 256
    distinct: bool = False  # learn from each distinct window once an epoch, however common
    lr: Annotated[float, Meta(gt=0)] = 1e-4  # Adam's, at its highest
    warmup: Annotated[int, Meta(ge=0)] = 0  # steps until then
    final_lr: Share = 1.0  # share of it left at the end of a cosine; 1 keeps it constant
    clip: Annotated[float, Meta(ge=0)] = 0.0  # highest norm of the gradient; 0 leaves it alone
    forced: Share = 0.5  # chance that a batch hears the true tokens and not its own
    delta: float = 10.0  # δ, how sharply the regularisation sees a difference in z
    weights: Weights = Weights()
    model: MeasureVAEConfig = MeasureVAEConfig()


def read(path: Path) -> RunConfig:
    """Read a run's TOML. Raises GlissarError."""
    try:
        config = msgspec.convert(tomllib.loads(path.read_text("utf-8")), RunConfig)
    except FileNotFoundError as error:
        raise GlissarError(f"there is no config {path}; see training/configs/.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise GlissarError(f"{path} is not a run's config ({error}); correct it.") from error
    unknown = [name for name in config.attributes if name not in ATTRIBUTES]
    if unknown or not 0 < len(config.attributes) <= config.model.z:
        raise GlissarError(
            f"{path} asks for attributes {list(config.attributes)}; "
            f"give 1 to {config.model.z} of {', '.join(ATTRIBUTES)}."
        )
    return config
