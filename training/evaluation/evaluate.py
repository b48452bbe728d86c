"""How good a run is on bars that it has never met, each figure with an interval by work."""

from __future__ import annotations

from typing import Any

import numpy as np

from presets.attributes import measure
from presets.encoding import Tokens
from presets.errors import GlissarError
from training import latent, published
from training.calibrate import LEARNT
from training.checkpoint import Trained
from training.data.dataset import Dataset, Windows
from training.data.split import HONEST
from training.evaluation import asked, control, crosstalk, encodings, prior, steering
from training.evaluation.bootstrap import ByWork, Estimate
from training.evaluation.following import Figures, following
from training.evaluation.reconstruction import shares
from training.latent import Codes

DRAWN = 2000  # windows from the prior
NEIGHBOURED = (
    5376  # windows whose nearest neighbours tell: the paper's, as estimates grow with them
)


def evaluate(
    trained: Trained,
    data: Dataset,
    split: str = "test",
    sample: int = 1200,
    seed: int = 0,
    asked_of: int = 0,
) -> dict[str, Any]:
    """The card of a run. `sample` windows, drawn by `seed`, have their knobs turned; of `asked_of`
    values are asked (`asked`).

    protocol: which split (see `split`); learnt: the share of its windows that were learnt.
    figures have an interval: how much the most likely decoding of the encoder's mean gets right
    (`reconstruction`; tokens also of a sample of z, as the paper has it), interpretability and SCC,
    and knob (`control`). disentanglement: see `metrics`, on one seeded sample of z a window, as the
    paper has it; perfect: what codes that are the attributes themselves have of it. published: the
    paper's ten seeds, on rows. knobs: see `crosstalk`; encodings, prior: see the modules of that
    name. A model that follows no attribute has no knobs and no such measures. Raises GlissarError.
    """
    unseen = data.splits[split]
    if not len(unseen):
        raise GlissarError(f"the dataset has no unseen {split} bars; prepare it from more works.")
    draw = np.random.default_rng(seed)
    mu, log_sigma = latent.encode(trained.model, unseen.tokens)
    z = mu + np.exp(log_sigma) * draw.standard_normal(mu.shape)
    works = ByWork(unseen.work, seed)
    few = np.sort(draw.choice(len(unseen), min(NEIGHBOURED, len(unseen)), replace=False))
    turned = unseen.some(sample, draw)
    bars = turned.tokens[:asked_of]
    knob, sweeps = knobs(trained, data, turned, seed)
    figures = reconstruction(trained, unseen.tokens, mu, works)
    figures["tokens/sampled z"] = reconstruction(
        trained, unseen.tokens, z.astype(np.float32), works
    )["tokens"]
    followed, measures = following(trained, unseen.tokens, z, few, works, seed)
    figures |= followed | knob
    return {
        "split": split,
        "protocol": data.card.get("protocol", HONEST),
        "learnt": shared(unseen.tokens, data.splits["train"].tokens),
        "windows": len(unseen),
        "works": works.works,
        "windows whose codes are measured": len(few),
        "windows turned": len(turned),
        "seed": seed,
        "interval": "95 %, drawing works again",
        "figures": {name: _row(figure) for name, figure in figures.items()},
        **measures,
        "encodings": encodings.described(mu, log_sigma),
        "published": published.ar_vae(),
        "knobs": sweeps,
        "prior": prior.judged(prior.drawn(trained, DRAWN, seed), trained, data),
        **of_method(trained, data, split, seed),
        **({"asked": asked.described(trained, data, bars, seed)} if asked_of else {}),
    }


def of_method(trained: Trained, data: Dataset, split: str, seed: int) -> dict[str, Any]:
    """What the runs of one method alone are asked: see `steering`."""
    if trained.config.get("method") != "glsr-vae":
        return {}
    return {"steering": steering.described(trained, data, split, seed)}


def shared(windows: Tokens, learnt: Tokens) -> float:
    """The share of windows [N, T] that stand among the learnt ones, note for note and key."""
    known = {row.tobytes() for row in learnt}
    return sum(row.tobytes() in known for row in windows.astype(learnt.dtype)) / len(windows)


def reconstruction(trained: Trained, tokens: Tokens, mu: Codes, works: ByWork) -> Figures:
    """Every share of tokens, onsets and windows that comes back."""
    decoded = latent.decode(trained.model, mu)
    found = shares(decoded, tokens, trained.encoding.vocabulary)
    return {name: works.ratio(*share) for name, share in found.items()}


def knobs(
    trained: Trained, data: Dataset, windows: Windows, seed: int
) -> tuple[Figures, dict[str, Any]]:
    """Does the attribute follow its knob, decoded and heard? And what else does the knob do?"""
    if not trained.dimensions:
        return {}, {}
    learnt = data.splits["train"].some(LEARNT, np.random.default_rng(seed)).tokens
    mu, _ = latent.encode(trained.model, learnt)
    values = measure(learnt, trained.encoding, trained.dimensions)
    works = ByWork(windows.work, seed)
    figures: Figures = {}
    sweeps: dict[str, Any] = {}
    for index, name in enumerate(trained.dimensions):
        at = np.quantile(mu[:, index], control.POSITIONS).astype(np.float32)
        turned = control.turn(trained.model, trained.encoding, windows.tokens, index, at)
        able = control.room(turned.played, name)
        figures[f"knob/{name}/can move"] = works.ratio(able)
        for kind, after in turned.after.items():
            own = turned.values(after, name)
            rho = control.spearman(own, at)
            figures[f"knob/{name}/{kind} spearman"] = works.ratio(rho)
            figures[f"knob/{name}/{kind} spearman where it can"] = works.ratio(rho * able, able)
            figures[f"knob/{name}/{kind} moves at all"] = works.ratio(control.moves(own))
            figures[f"knob/{name}/{kind} never wrong"] = works.ratio(control.never_wrong(own))
        sweeps[name] = crosstalk.described(turned, index, trained.dimensions, values)
    return figures, sweeps


def _row(figure: Estimate) -> dict[str, float]:
    low, high = figure.interval
    return {"value": figure.value, "low": low, "high": high}
