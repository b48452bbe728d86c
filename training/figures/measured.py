"""A run, opened once for all figures that are drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from presets.errors import GlissarError
from training import checkpoint, fitting
from training.checkpoint import Trained
from training.data.dataset import Dataset


@dataclass(frozen=True)
class Measured:
    """What a run learnt, from what, and how good it was found to be."""

    name: str  # as legends have it
    trained: Trained
    data: Dataset

    @property
    def method(self) -> str:
        return self.trained.config.get("method", "ar-vae")

    @property
    def card(self) -> dict[str, Any]:
        """Figures on unseen bars; empty until evaluated."""
        return self.trained.card

    @property
    def figures(self) -> dict[str, Any]:
        """The card of a run that must have one. Raises GlissarError."""
        if not self.card:
            raise GlissarError(f"{self.name} has no card; make it with glissar-train evaluate.")
        return self.card


def opened(run: Path, data: Path | None = None) -> Measured:
    """A run's folder, with its own dataset or the one given. Raises GlissarError."""
    trained = checkpoint.load(run)
    return Measured(run.resolve().name, trained, fitting.learnt(trained, data))
