"""Makes metrics.npz (the data) and metrics.json (the values) beside itself, by hand:

    pip install --ignore-requires-python --no-deps --target latte latte-metrics==0.0.1a6
    PYTHONPATH=latte python tests/training/evaluation/golden/metrics_make.py

latte-metrics 0.0.1a6 (Watcharasupat's own, MIT) is recorded beside them, and agrees on all of these
data. It would differ in two places that they do not show: what does not vary gets the information
that the estimator finds in its own noise (here that is below 0 and so cut off), where the
reference says 0; and where two dimensions tell exactly as much it takes the later one as DMIG's
runner-up, the reference the first. With a dimension for every attribute and no other it refuses
XMIG.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from metrics_reference import DIMENSIONS, SEED, Floats, values

HERE = Path(__file__).parent
ROWS, Z = 150, 5


def cases() -> dict[str, tuple[Floats, Floats]]:
    """Codes [150, 5] and attributes [150, 3], kept as float32."""
    draw = np.random.default_rng(0)
    plain = draw.normal(size=(ROWS, Z))
    apart = plain[:, :3] + 0.1 * draw.normal(size=(ROWS, 3))
    turn, _ = np.linalg.qr(draw.normal(size=(Z, Z)))
    kin = apart @ np.array([[1, 0.9, 0], [0, 0.5, 0.3], [0, 0, 1]])
    kin_codes = np.hstack([kin + 0.2 * draw.normal(size=kin.shape), plain[:, 3:]])
    still = plain.copy()
    still[:, [1, 4]] = 0.3, -2.0
    counted = np.round(2 * apart)
    twins = plain.copy()
    twins[:, 3], twins[:, 1] = twins[:, 0], twins[:, 2]
    found = {
        "disentangled": (plain, np.stack([apart[:, 0], np.exp(apart[:, 1]), -apart[:, 2]], 1)),
        "rotated": (plain @ turn, apart),
        "dependent": (kin_codes, kin),
        "constant": (still, apart),
        "counts": (plain, counted),
        "ties": (twins, apart),
    }
    return {
        name: tuple(x.astype(np.float32).astype(float) for x in pair)
        for name, pair in found.items()
    }


def latte(z: Floats, attributes: Floats) -> dict[str, list[float]]:
    """latte-metrics on the same data and seed."""
    warnings.simplefilter("ignore")  # it imports names that numpy has moved
    import latte as library
    from latte.functional.disentanglement import modularity, mutual_info, sap

    library.seed(SEED)
    found: dict[str, Any] = {
        "mig": mutual_info.mig(z, attributes),
        "sap": sap.sap(z, attributes),
        "xmig": mutual_info.xmig(z, attributes, DIMENSIONS),
        "dmig": mutual_info.dmig(z, attributes, DIMENSIONS),
        "modularity": modularity.modularity(z, attributes),
    }
    return {name: value.tolist() for name, value in found.items()}


def main() -> None:
    data = cases()
    arrays = {f"{n}.{w}": x for n, pair in data.items() for w, x in zip("za", pair, strict=True)}
    np.savez_compressed(
        HERE / "metrics.npz", **{n: x.astype(np.float32) for n, x in arrays.items()}
    )
    golden = {
        name: {"reference": values(*pair), "latte-metrics 0.0.1a6": latte(*pair)}
        for name, pair in data.items()
    }
    (HERE / "metrics.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
