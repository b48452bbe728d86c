"""Where a run computes: Lightning Fabric, from what a person typed."""

from __future__ import annotations

from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.utilities.exceptions import MisconfigurationException

from presets.errors import GlissarError


def start(precision: Any, threads: int, **fabric: Any) -> Fabric:
    """An engine with its processes launched. Raises GlissarError where there is no such device.

    fabric: accelerator, devices, nodes, strategy, as Fabric takes them.
    """
    if threads:
        torch.set_num_threads(threads)
    try:
        engine = Fabric(num_nodes=fabric.pop("nodes", 1), precision=precision, **fabric)
    except (MisconfigurationException, ValueError, TypeError, RuntimeError) as error:
        told = " ".join(f"--{name} {value}" for name, value in fabric.items())
        reason = str(error).strip().split("\n")[0].rstrip(".")
        raise GlissarError(f"{told} cannot be used here ({reason}); leave it out.") from error
    engine.launch()
    return engine
