"""Are morphs along natural paths better than along straight lines? Pairs of unseen windows, each
joined in several ways, and what is decoded on the way.

Shapes: P pairs, K steps of a morph, Z latent, T tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from presets import geodesic
from presets.attributes import onsets_of
from presets.encoding import Tokens
from presets.errors import GlissarError
from training import latent
from training.checkpoint import Trained
from training.data.dataset import Dataset
from training.evaluation.bootstrap import Estimate
from training.evaluation.coherence import in_any_key
from training.geodesics.curve import Ends, curve
from training.geodesics.energy import Energy
from training.geodesics.tokens import STRETCHES, Near, energies, mixed
from training.latent import Codes
from training.models.chances import chances
from training.models.house import HouseVAE
from training.models.melody_vae import MelodyVAE

ENCODED = 5000  # windows among whose encodings paths are to stay
DRAWS = 1000  # of pairs, for an interval

Floats = NDArray[np.float64]
Way = Callable[[Floats], Codes]  # times [K] from 0 to 1 → points [K, Z]
Ways = dict[str, list[Way]]  # by how pairs are joined, a way for each pair


class Row(NamedTuple):
    """One kind of way, evenly or as it is: figures of its morphs."""

    way: str
    even: bool
    figures: dict[str, Floats]  # [P]


def table(
    trained: Trained, data: Dataset, judge: Trained | None, pairs: int, steps: int, seed: int
) -> Iterator[Row]:
    """Every way of joining the pairs, each at its own pace and evenly. Raises GlissarError."""
    model = trained.model
    if not isinstance(model, HouseVAE):
        raise GlissarError("paths are sought with gradients of the house model; give a run of it.")
    if judge and not isinstance(judge.model, MelodyVAE):
        raise GlissarError("only a melody VAE says how likely a window is; judge by a run of one.")
    starts, ends = _pairs(trained, data.splits["test"].tokens, pairs, seed)
    for name, found in _ways(model, _near(model, data, seed), starts, ends).items():
        for even in (False, True):
            morphs = [_morph(model, way, steps, even=even) for way in found]
            yield Row(name, even, figures(np.stack(morphs), trained, judge))


def figures(morphs: Tokens, trained: Trained, judge: Trained | None) -> dict[str, Floats]:
    """Of morphs [P, K, T]: how unevenly tokens change from step to step (the deviation over the
    mean), the most that change at once, the share of notes in the best key of their window, and
    how many nats unlikelier than both ends what lies between them is."""
    changes = (morphs[:, 1:] != morphs[:, :-1]).sum(2)
    inner = morphs[:, 1:-1]
    keys = in_any_key(onsets_of(inner.reshape(-1, morphs.shape[2]), trained.encoding))
    found: dict[str, Floats] = {
        "unevenness": changes.std(1) / np.maximum(changes.mean(1), 1e-9),
        "largest jump": changes.max(1).astype(np.float64),
        "in key": keys.reshape(inner.shape[:2]).mean(1),
    }
    if judge:
        bound = likelihood(judge, morphs.reshape(-1, morphs.shape[2])).reshape(morphs.shape[:2])
        found["nats"] = bound[:, 1:-1].mean(1) - bound[:, [0, -1]].mean(1)
    return found


@torch.no_grad()
def likelihood(judge: Trained, windows: Tokens) -> Floats:
    """A bound of log p of each of the windows [N, T], by a melody VAE, in nats."""
    torch.manual_seed(0)
    found: list[torch.Tensor] = []
    for block in torch.as_tensor(windows).split(latent.BLOCK):
        out = judge.model(block)
        said = F.cross_entropy(out.logits.transpose(1, 2), block, reduction="none").sum(1)
        sigma = out.log_sigma.exp()
        kl = (out.mu**2 + sigma**2 - 1 - 2 * out.log_sigma).sum(1) / 2
        found.append(-said - kl)
    return torch.cat(found).double().numpy()


def estimate(values: Floats, seed: int) -> Estimate:
    """A mean over pairs, and what it would have been with others."""
    draws = np.random.default_rng(seed).integers(0, len(values), (DRAWS, len(values)))
    return Estimate(float(values.mean()), values[draws].mean(1))


def _pairs(trained: Trained, windows: Tokens, pairs: int, seed: int) -> tuple[Codes, Codes]:
    """Encodings of as many unseen windows on either side [P, Z]. Raises GlissarError."""
    if len(windows) < 2 * pairs:
        raise GlissarError(f"there are but {len(windows)} unseen windows; ask for fewer --pairs.")
    rows = np.random.default_rng(seed).permutation(len(windows))[: 2 * pairs]
    mu, _ = latent.encode(trained.model, windows[rows])
    return mu[:pairs], mu[pairs:]


def _near(model: HouseVAE, data: Dataset, seed: int) -> Near:
    learnt = data.splits["train"].some(ENCODED, np.random.default_rng(seed)).tokens
    return Near(torch.from_numpy(latent.encode(model, learnt)[0]))


def _ways(model: HouseVAE, near: Near, starts: Codes, ends: Codes) -> Ways:
    flat = np.zeros(starts.shape[1], np.float32)
    both = list(zip(starts, ends, strict=True))
    found: Ways = {
        "line": [partial(geodesic.points, a, b, flat) for a, b in both],
        "slerp": [partial(_slerp, a, b) for a, b in both],
    }
    for name, energy in energies(mixed(lambda z: chances(model, z), near)).items():
        bends = [geodesic.solve(_judged(energy, a, b), len(a)) for a, b in both]
        paths = zip(both, bends, strict=True)
        found[name] = [partial(geodesic.points, a, b, bend) for (a, b), bend in paths]
    return found


def _judged(energy: Energy, start: Codes, end: Codes) -> geodesic.Energy:
    """The energy of one pair's paths as the solver wants it, which minds no factor."""
    ends = Ends(torch.from_numpy(start)[None], torch.from_numpy(end)[None])

    def of(bend: Codes) -> tuple[float, Codes]:
        a = torch.from_numpy(bend)[None].requires_grad_()
        value = energy(curve(ends, a, STRETCHES)).sum()
        (slope,) = torch.autograd.grad(value, a)
        return value.item(), slope[0].numpy()

    return of


def _slerp(start: Codes, end: Codes, times: Floats) -> Codes:
    """Along the arc between two directions, lengths going over evenly (Shoemake 1985)."""
    sizes = np.linalg.norm(start), np.linalg.norm(end)
    angle = np.arccos(np.clip(start @ end / (sizes[0] * sizes[1]), -1, 1))
    t = times[:, None]
    shares = np.sin((1 - t) * angle) / sizes[0] * start + np.sin(t * angle) / sizes[1] * end
    return (shares / np.sin(angle) * ((1 - t) * sizes[0] + t * sizes[1])).astype(np.float32)


def _morph(model: HouseVAE, way: Way, steps: int, *, even: bool) -> Tokens:
    """What is decoded at so many steps of a way, both ends included [K, T]."""
    places = np.linspace(0, 1, steps)
    if even:
        times = geodesic.even(way, lambda z: latent.decode(model, z))
        places = np.array([geodesic.at(place, times) for place in places])
    return latent.decode(model, way(places))
