"""A card in lines that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

KINDS = ("decoded", "heard")
STILL = 0.5  # a share of bars that move, below which it is said
BESIDE = ("AR-VAE Bach", "AR-VAE Folk")  # the published columns
PRIOR = {
    "unusable": "cannot be used (no note, or an attribute beyond all training windows)",
    "distinct": "are distinct, whatever their key",
    "known": "of those that sound stand in a work that was learnt from or chosen by",
    "known by chance": "of the bars of unseen works do, too",
}


def lines(card: dict[str, Any]) -> Iterable[str]:
    """Figures with their intervals, then what has none."""
    yield (
        f"{card['windows']} windows of {card['works']} works, {card['learnt']:.1%} of them learnt "
        f"({card['protocol']} protocol); [95 % interval by work]"
    )
    for name, figure in card["figures"].items():
        yield f"{name:34} {figure['value']:.4f} [{figure['low']:.4f}, {figure['high']:.4f}]"
    yield _encodings(card["encodings"])
    yield from _dead(card)
    if card["knobs"]:
        yield from _measures(card)
        yield from _knobs(card["knobs"])
    if "steering" in card:
        yield from _steering(card["steering"])
    for name, found in card.get("asked", {}).items():
        yield f"\n{name} asked for: heard {found['reached']:.1%}"
        told = (f"{value}: {share:.0%}" for value, share in found["by value"].items())
        yield ", ".join(told)
        if "kept" in found:
            yield f"one note more or less keeps {found['kept']:.1%} of the others"
    prior = card["prior"]
    yield f"\nof {prior['windows']} windows drawn from the prior"
    yield from (f"{prior[name]:8.1%} {words}" for name, words in PRIOR.items())


def _encodings(found: dict[str, Any]) -> str:
    return (
        f"encodings say {found['kl']:.1f} nats; of {found['dimensions']} dimensions they pin down "
        f"{found['pinned']} to less than half of the prior's deviation"
    )


def _dead(card: dict[str, Any]) -> Iterable[str]:
    """Knobs that leave most bars as they are: what never moves is never wrong."""
    for name in card["knobs"]:
        for kind in KINDS:
            found = card["figures"].get(f"knob/{name}/{kind} moves at all", {"value": 1.0})
            if found["value"] < STILL:
                still = f"{1 - found['value']:.1%} of the bars"
                yield (
                    f"{kind}, the knob {name} moves nothing in {still}; "
                    "that they never move the wrong way is no merit"
                )


def _measures(card: dict[str, Any]) -> Iterable[str]:
    """By attribute and their mean, the paper's beside them."""
    measures, published = card["disentanglement"], card["published"]
    names = list(card["knobs"])
    rows = [["", *names, "mean", "perfect", *BESIDE]]
    for measure, found in measures.items():
        ours = [*found["attributes"].values(), found["mean"], card["perfect"][measure]["mean"]]
        rows.append([measure, *(f"{value:.3f}" for value in ours), *_theirs(published, measure)])
    tokens = f"{card['figures']['tokens']['value']:.3f}"
    rows.append(["tokens", *["" for _ in names], tokens, "", *_theirs(published, "tokens")])
    yield ""
    yield from table(rows)
    yield "perfect: codes that are the attributes themselves, beside noise in the free dimensions."
    yield f"AR-VAE: mean and deviation of ten seeds, as published. {published['protocol']}"


def _theirs(published: dict[str, Any], measure: str) -> list[str]:
    models = published["measures"].get(measure, {})
    found = [models.get(model) for model in BESIDE]
    return [f"{figure['mean']:.3f} ± {figure['sd']:.3f}" if figure else "–" for figure in found]


def _knobs(knobs: dict[str, Any]) -> Iterable[str]:
    names = list(knobs)
    for kind in KINDS:
        rows = [["knob", *names, "span reached", "notes kept", "in key", "by chance"]]
        for name, found in knobs.items():
            of = found[kind]
            moves = [f"{of['moves'][other]:.2f}" for other in names]
            shares = (of[share] for share in ("reached", "kept", "in key", "in key by chance"))
            rows.append([name, *moves, *(f"{share:.1%}" for share in shares)])
        yield f"\n{kind}: a knob's sweep moves each attribute by so many standard deviations"
        yield from table(rows)
    yield "\nheard: mean change of each attribute while a knob turns, over that of its own"
    yield from table([["knob", *names], *([name, *_talk(knobs, name)] for name in names)])


def _talk(knobs: dict[str, Any], name: str) -> list[str]:
    shifts = knobs[name]["heard"]["shifts"]
    return [f"{shift / shifts[name]:.2f}" if shifts[name] else "–" for shift in shifts.values()]


def _steering(found: dict[str, Any]) -> Iterable[str]:
    """The number of notes along each direction, and what a regularised run should reach."""
    ways = found["along"]
    rows = [["", *ways, "wanted" if found["regularised"] else "of a regularised run"]]
    for name, (low, high) in found["wanted"].items():
        rows.append([name, *(f"{w[name]:.3f}" for w in ways.values()), f"{low:g} to {high:g}"])
    for name in ("still", "jump"):
        rows.append([name, *(f"{way[name]:.3f}" for way in ways.values()), ""])
    for name, music in found["beside"].items():
        tied = [f"{way['beside'][name]:.3f}" for way in ways.values()]
        rows.append([f"|ρ| of {name}", *tied, f"{music:.3f} in the music"])
    yield f"\nsteering the number of notes; asked for: {found['slope wanted']:.3g} a unit"
    yield from table(rows)


def table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Columns as wide as their cells; the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([first.ljust(widths[0]), *cells])
