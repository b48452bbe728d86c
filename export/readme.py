"""The page of a preset: its manifest in words."""

from __future__ import annotations

from collections.abc import Iterable

from presets.attributes import ATTRIBUTES
from presets.manifest import Manifest

# Figures of the card that a player reads, and what they say. The others are in preset.json.
_FIGURES = {
    "tokens": "of the steps come back as they went in",
    "onsets": "of the struck notes come back, at their step and their pitch",
    "windows": "of the bars come back without any difference",
    "interpretability": "interpretability (R² of the attribute on the dimension that tells most)",
    "scc": "rank correlation of attribute and dimension (SCC)",
}
_KNOB = {
    "decoded spearman": "rank correlation of knob and decoded attribute, per bar",
    "heard spearman": "the same for what is heard (residual edit)",
    "decoded never wrong": "of the bars never move the wrong way, decoded",
    "heard never wrong": "of the bars never move the wrong way, heard",
}


def page(manifest: Manifest) -> str:
    """Markdown: what it plays, its knobs, how good it is, where it comes from, how to make it."""
    parts = [
        [f"# {manifest.name}", manifest.plays, _grid(manifest)],
        ["## Knobs", "\n".join(_knobs(manifest))],
        ["## How good it is", *_quality(manifest)],
        ["## Where it comes from", manifest.corpus, f"Weights: {manifest.licence}."],
        ["## How to make it again", *_making(manifest)],
    ]
    return "\n\n".join(line for part in parts for line in part) + "\n"


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
    grid = manifest.encoding().grid
    for dimension in manifest.dimensions:
        about = ATTRIBUTES.get(dimension.attribute)
        if about is None:
            yield f"- **{dimension.attribute}**"
            continue
        heard = dimension.calibration.value
        low, high = (about.in_units(value, grid) for value in (heard[0], heard[-1]))
        yield f"- **{about.name}**: {about.sentence} From {low:.2g} to {high:.2g} {about.unit}."


def _quality(manifest: Manifest) -> Iterable[str]:
    card = manifest.quality
    figures = card.get("figures")
    if not figures:
        yield "Nobody has looked: run `glissar-train evaluate` on the run and export it again."
        return
    yield (
        f"On {card['windows']} windows of {card['works']} works that it has never met "
        f"({card['interval']}):"
    )
    rows = [(_FIGURES[name], name) for name in _FIGURES if name in figures]
    rows += [
        (f"**{d.attribute}**: {words}", f"knob/{d.attribute}/{kind}")
        for d in manifest.dimensions
        for kind, words in _KNOB.items()
        if f"knob/{d.attribute}/{kind}" in figures
    ]
    lines = [_row(words, figures[name]) for words, name in rows]
    yield "\n".join(["| figure | | interval |", "|---|--:|---|", *lines])


def _row(words: str, figure: dict[str, float]) -> str:
    value, low, high = (figure[k] for k in ("value", "low", "high"))
    return f"| {words} | {value:.3f} | {low:.3f} to {high:.3f} |"


def _making(manifest: Manifest) -> Iterable[str]:
    made = manifest.provenance
    prepared = made.data.get("command", "glissar-train prepare")
    yield f"```\n{prepared}\n{made.command}\n```"
    versions = ", ".join(f"{name} {number}" for name, number in sorted(made.versions.items()))
    yield f"Seed {made.seed}; {versions}" + (f"; commit {made.commit}." if made.commit else ".")
