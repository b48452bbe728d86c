"""A run as a value: the defaults are AR-VAE's published settings, a TOML file says what differs."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

from presets.attributes import ATTRIBUTES
from presets.errors import GlissarError
from training.models.glsr_vae import GlsrVAEConfig
from training.models.house import HouseVAEConfig
from training.models.measure_vae import MeasureVAEConfig
from training.models.melody_vae import MelodyVAEConfig

Positive = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Weights(Struct, frozen=True, forbid_unknown_fields=True):
    """What each loss counts for (AR-VAE §4, for music)."""

    reconstruction: float = 1.0
    kl: float = 0.001  # β
    regularisation: float = 1.0  # γ


class Run(Struct, frozen=True, forbid_unknown_fields=True):
    """What a run of every method says."""

    CAN_FOLLOW: ClassVar[tuple[str, ...]] = tuple(ATTRIBUTES)
    data: str = "runs/data/bach.npz"
    attributes: tuple[str, ...] = ("rhythm", "range", "density", "contour")  # z_0, z_1, …
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    epochs: Positive = 100
    batch: Annotated[int, Meta(ge=2, le=4096)] = 256  # AR-VAE compares all pairs of it
    distinct: bool = False  # learn from each distinct window once an epoch, however common
    lr: Annotated[float, Meta(gt=0)] = 1e-4  # Adam's, at its highest
    warmup: Annotated[int, Meta(ge=0)] = 0  # steps until then
    final_lr: Share = 1.0  # share of it left at the end of a cosine; 1 keeps it constant
    clip: Annotated[float, Meta(ge=0)] = 0.0  # highest norm of the gradient; 0 leaves it alone
    precision: Literal["32-true", "bf16-mixed"] = "32-true"  # as Lightning Fabric names it


class RunConfig(Run, frozen=True, forbid_unknown_fields=True):
    """AR-VAE on MeasureVAE."""

    forced: Share = 0.5  # chance that a batch hears the true tokens and not its own
    delta: float = 10.0  # δ, how sharply the regularisation sees a difference in z
    weights: Weights = Weights()
    model: MeasureVAEConfig = MeasureVAEConfig()


class GlsrRun(Run, frozen=True, forbid_unknown_fields=True, tag_field="method", tag="glsr-vae"):
    """GLSR-VAE. Its losses are the terms of a bound in nats a window, so each counts for 1."""

    CAN_FOLLOW: ClassVar[tuple[str, ...]] = ("density",)  # whose expectation has a closed form
    data: str = "runs/data/bach-two-bars.npz"
    attributes: tuple[str, ...] = ("density",)  # z_0: eq. 6's z_1
    lr: Annotated[float, Meta(gt=0)] = 1e-3  # Adam's own default: the paper names none
    slope: Annotated[float, Meta(gt=0)] | Literal["data"] = 2.0  # μ of r_1, notes per unit of z_1;
    # "data" is the standard deviation of the note count over the training windows
    sigma: Annotated[float, Meta(gt=0)] = 0.1  # of r_1
    sigma_is: Literal["deviation", "variance"] = "deviation"  # the paper can be read either way
    steered: Annotated[int, Meta(ge=0)] = 0  # rows of a batch that are regularised; 0 is all
    anneal: Annotated[float, Meta(ge=0)] = 20.0  # epochs in which β rises from 0 to 1 (eq. 16)
    anneal_power: Annotated[float, Meta(gt=0)] = 1.0  # β rises as the epochs' share to this power
    patience: Annotated[int, Meta(ge=0)] = 10  # epochs at β = 1 without a better bound; 0 is any
    weights: Weights = Weights(kl=1.0)
    model: GlsrVAEConfig = GlsrVAEConfig()


class HouseWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """What each loss counts for; see `house_objective`."""

    RAMPED: ClassVar[tuple[str, ...]] = ("swap", "stay", "key", "undecided")
    reconstruction: float = 1.0  # in nats a step
    kl: float = 0.01
    swap: float = 0.3  # 0: none of the four is asked
    stay: float = 0.15
    key: float = 0.1
    undecided: float = 0.3


class HouseRun(Run, frozen=True, forbid_unknown_fields=True, tag_field="method", tag="house"):
    """The house model."""

    CAN_FOLLOW: ClassVar[tuple[str, ...]] = ("rhythm", "range", "density", "contour")
    lr: Annotated[float, Meta(gt=0)] = 1.5e-3
    free_bits: Annotated[float, Meta(ge=0)] = 0.0  # nats a dimension may say for nothing
    sharp: Annotated[float, Meta(gt=0)] = 2.0  # logits times this where attributes are expected
    stretched: Share = 0.25  # share of swaps to any value that may be asked for
    ramp: Annotated[float, Meta(gt=0)] = 0.2  # share of the epochs until the swap has its weight
    weights: HouseWeights = HouseWeights()
    model: HouseVAEConfig = HouseVAEConfig()


class MelodyWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """What each loss counts for, both in nats a window: low β, good reconstructions."""

    reconstruction: float = 1.0
    kl: float = 0.1  # β


class MelodyRun(Run, frozen=True, forbid_unknown_fields=True, tag_field="method", tag="melody-vae"):
    """The melody VAE, which follows no attribute: what moves in it is learnt afterwards."""

    CAN_FOLLOW: ClassVar[tuple[str, ...]] = ()
    data: str = "runs/data/folk-16.npz"
    attributes: tuple[str, ...] = ()
    lr: Annotated[float, Meta(gt=0)] = 3e-4  # as published
    free_bits: Annotated[float, Meta(ge=0)] = 0.0  # nats a dimension may say for nothing
    ramp: Share = 0.0  # share of the epochs until KL has its weight
    weights: MelodyWeights = MelodyWeights()
    model: MelodyVAEConfig = MelodyVAEConfig()


AnyRun = RunConfig | GlsrRun | HouseRun | MelodyRun
CONFIGS: dict[str | None, type[AnyRun]] = {  # by `method`
    None: RunConfig,
    "glsr-vae": GlsrRun,
    "house": HouseRun,
    "melody-vae": MelodyRun,
}


def read(path: Path, changes: Sequence[str] = ()) -> AnyRun:
    """Read a run's TOML; `method` says which kind it is, AR-VAE without. Raises GlissarError.

    `changes` such as "seed=1" or "weights.kl=0.001" are made to what the file says.
    """
    try:
        facts = tomllib.loads(path.read_text("utf-8"))
        for change in changes:
            make_change(facts, change)
        config = convert(facts)
    except FileNotFoundError as error:
        raise GlissarError(f"there is no config {path}; see training/configs/.") from error
    except (OSError, ValueError, OverflowError) as error:  # what msgspec and tomllib raise, too
        raise GlissarError(f"{path} is not a run's config ({error}); correct it.") from error
    _check_attributes(path, config)
    return config


def _check_attributes(path: Path, config: AnyRun) -> None:
    """Raises GlissarError where a config names what its method cannot follow."""
    names, known = config.attributes, config.CAN_FOLLOW
    if len(set(names)) < len(names):
        raise GlissarError(f"{path} names an attribute twice; name each once.")
    if names and not known:
        raise GlissarError(
            f"{path} asks for attributes {list(names)}, and this model follows none; leave "
            "`attributes` out."
        )
    if not set(names) <= set(known) or not bool(known) <= len(names) <= config.model.z:
        raise GlissarError(
            f"{path} asks for attributes {list(names)}; "
            f"give 1 to {min(config.model.z, len(known))} of {', '.join(known)}."
        )
    if isinstance(config, HouseRun) and set(names) != set(known):
        raise GlissarError(
            f"{path} leaves out attributes, and the house model's decoder writes by all of "
            f"{', '.join(known)}; leave `attributes` out, or name them all."
        )


def make_change(facts: dict[str, Any], change: str) -> None:
    """Make a change "table.name=value" in place. The value is TOML's, or else a word."""
    where, equals, value = change.partition("=")
    *tables, name = where.strip().split(".")
    if not equals or not name:
        raise GlissarError(f"{change!r} is no change of a config; write it as NAME=VALUE.")
    for table in tables:
        facts = facts.setdefault(table, {})
        if not isinstance(facts, dict):
            raise GlissarError(f"{change!r}: {table} has no values in it; leave it out.")
    try:
        facts[name] = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        facts[name] = value


def convert(facts: dict[str, Any]) -> AnyRun:
    """A config from plain values. Raises msgspec.ValidationError."""
    method = facts.get("method")
    if method not in CONFIGS:
        raise msgspec.ValidationError(f"there is no method {method!r}")
    return msgspec.convert(facts, CONFIGS[method])
