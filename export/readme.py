"""The page of a preset: its manifest in some twenty lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from presets.attributes import ATTRIBUTES
from presets.manifest import Dimension, Manifest

CREDITED = 8  # transcribers by name; preset.json names all
_KNOB = ("decoded spearman", "heard spearman", "heard never wrong")  # figures of the card, by knob
_COMES_BACK = {"tokens": "of the steps", "onsets": "of the struck notes", "windows": "of the bars"}
_CODES = ("interpretability", "scc", "mig", "sap", "modularity")
_EXPLAINED = (
    "*Obeys* is the rank correlation of the knob's place and the attribute, a mean over bars, in "
    "the decoded bar and in the heard one (residual edit); *never wrong* is the share of bars "
    "whose attribute never falls as the knob rises."
)
_NO_KNOBS = "It has no knobs of its own: constraints learnt in its latent space may move it."


def page(manifest: Manifest) -> str:
    """Markdown: what it plays, its knobs, how good it is, where it comes from, how to make it."""
    parts = [
        f"# {manifest.name}",
        f"{manifest.plays} {_grid(manifest)}",
        "\n".join(_knobs(manifest)) if manifest.dimensions else _NO_KNOBS,
        " ".join(_quality(manifest)),
        f"Learnt from: {manifest.corpus}{_credits(manifest)} Weights: {manifest.licence}.",
        *_making(manifest),
    ]
    return "\n\n".join(parts) + "\n"


def _grid(manifest: Manifest) -> str:
    words, grid = manifest.vocabulary, manifest.encoding().grid
    keys = [s for s, p in zip(words.symbols, words.pitches, strict=True) if p is not None]
    places = " ".join(manifest.grid.positions)
    return (
        f"Windows of {grid.bars} bar{'s' if grid.bars > 1 else ''} of {grid.meter}: {grid.steps} "
        f"steps, at {places} of every beat; {len(keys)} keys from {keys[0]} to {keys[-1]}; "
        f"{manifest.z} latent dimensions."
    )


def _knobs(manifest: Manifest) -> Iterable[str]:
    yield "| knob | | from | to | obeys, decoded | heard | never wrong, heard |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    figures: dict[str, Any] = manifest.quality.get("figures", {})
    for dimension in manifest.dimensions:
        found = [figures.get(f"knob/{dimension.attribute}/{kind}") for kind in _KNOB]
        scores = [f"{figure['value']:.2f}" if figure else "–" for figure in found]
        cells = [f"**{dimension.attribute}**", *_span(manifest, dimension), *scores]
        yield f"| {' | '.join(cells)} |"


def _span(manifest: Manifest, dimension: Dimension) -> tuple[str, str, str]:
    """What the attribute is, and where the knob begins and ends."""
    about, heard = ATTRIBUTES.get(dimension.attribute), dimension.calibration.value
    if about is None:
        return "", "–", "–"
    grid = manifest.encoding().grid
    low, high = (about.in_units(value, grid) for value in (heard[0], heard[-1]))
    return about.sentence, f"{low:.2g}", f"{high:.2g} {about.unit}"


def _quality(manifest: Manifest) -> Iterable[str]:
    card = manifest.quality
    figures = card.get("figures")
    if not figures:
        yield "Nobody has looked: run `glissar-train evaluate` on the run and export it again."
        return
    yield f"Measured on {card['windows']} windows of {card['works']} works that it has never met."
    if manifest.dimensions:
        yield _EXPLAINED
    back = [f"{_share(figures[n])} {words}" for n, words in _COMES_BACK.items() if n in figures]
    yield f"Encoded and decoded, {', '.join(back)} come back as they went in ({card['interval']})."
    means = {n: found["mean"] for n, found in card.get("disentanglement", {}).items()}
    codes = [f"{name} {means[name]:.3f}" for name in _CODES if name in means]
    if codes:
        yield f"Codes: {', '.join(codes)}."
    if "prior" in card:
        yield f"Of windows drawn from the prior, {card['prior']['unusable']:.1%} cannot be used."
    yield "All other figures are in preset.json."


def _share(figure: dict[str, float]) -> str:
    value, low, high = (figure[k] for k in ("value", "low", "high"))
    return f"{value:.1%} [{low:.1%}, {high:.1%}]"


def _credits(manifest: Manifest) -> str:
    """Whose the transcriptions are, as they sign: those with most tunes, and how many more."""
    names = list(manifest.provenance.data.get("transcribers", {}))
    if not names:
        return ""
    more = len(names) - CREDITED
    others = f" and {more} more, all named in preset.json" if more > 0 else ""
    return f" Transcribed by {', '.join(names[:CREDITED])}{others}."


def _making(manifest: Manifest) -> Iterable[str]:
    made = manifest.provenance
    again = f"glissar-train again FOLDER -o runs/{manifest.name}  # FOLDER: this one"
    yield "Make it again, from nothing:"
    yield f"```\n{again}\n{made.command.splitlines()[-1]}\n```"
    versions = ", ".join(f"{name} {number}" for name, number in sorted(made.versions.items()))
    yield f"Seed {made.seed}; {versions}" + (f"; commit {made.commit}." if made.commit else ".")
