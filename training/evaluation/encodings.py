"""How finely a model tells windows apart, and what that costs (Engel et al. 2018, Fig. 16)."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.latent import Codes

PINNED = 0.5  # of σ̄: less than half of the prior's deviation is left open


def described(mu: Codes, log_sigma: Codes) -> dict[str, Any]:
    """Of the encodings mu, log_sigma [N, Z] of windows.

    sigma: σ̄_z of every dimension, the mean over windows, from the least; kl: of q(z|x) from
    N(0, I), in nats a window; pinned: the dimensions with σ̄_z < .5, whose place a window decides.
    """
    narrow = np.exp(log_sigma.astype(np.float64))
    sigma = narrow.mean(0)
    kl = 0.5 * (mu**2 + narrow**2 - 1 - 2 * log_sigma).sum(1)
    return {
        "dimensions": len(sigma),
        "pinned": int((sigma < PINNED).sum()),
        "kl": float(kl.mean()),
        "sigma": np.sort(sigma).tolist(),
    }
