"""Surfaces to write devices from: one that has everything, and any that a manifest may make."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from hypothesis import strategies as st

from presets.attributes import ATTRIBUTES
from presets.constraint import REALISM, Constraint
from presets.manifest import Dimension, Manifest
from presets.preset import read_named
from presets.rules import Menu
from realtime.devices.surface import PLAIN, TAKEN, Surface, is_number, surface

PORT = 9010
WORDS = st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True)
ENTRIES = (
    st.from_regex(PLAIN, fullmatch=True).filter(lambda e: e not in TAKEN and not is_number(e))
    | st.integers(0, 200).map(str)
)  # fmt: skip
MENUS = st.builds(Menu, WORDS, st.lists(ENTRIES, min_size=1, max_size=20, unique=True).map(tuple))
CONSTRAINTS = st.builds(
    Constraint,
    WORDS.filter(lambda name: name != REALISM),
    st.just(["critic"]),
    st.lists(MENUS, max_size=3, unique_by=lambda menu: menu.name),
)


def changed(facts: Manifest, knobs: Iterable[str], constraints: Iterable[Constraint]) -> Manifest:
    """The same preset with other knobs and constraints."""
    one = facts.dimensions[0]
    dimensions = [Dimension(knob, k, one.calibration) for k, knob in enumerate(knobs)]
    return msgspec.structs.replace(facts, dimensions=dimensions, constraints=list(constraints))


@pytest.fixture(scope="session")
def facts(tiny_preset: Path) -> Manifest:
    """Of a preset with knobs, a menu of words, one of numbers, and realism."""
    menus = [Menu("scale", ("major", "blues")), Menu("density", ("4", "6", "8"))]
    constraints = [Constraint("scale", ["scale"], menus), Constraint(REALISM, [REALISM])]
    tiny = read_named(str(tiny_preset)).manifest
    return changed(tiny, ["density", "contour"], constraints)


@pytest.fixture(scope="session")
def whole(facts: Manifest) -> Surface:
    return surface(facts, ["bach", "session-2"], PORT)


@pytest.fixture(scope="session")
def surfaces(facts: Manifest) -> st.SearchStrategy[Surface]:
    knobs = st.lists(st.sampled_from(sorted(ATTRIBUTES)), unique=True)
    constraints = st.lists(
        CONSTRAINTS | st.just(Constraint(REALISM, [REALISM])),
        max_size=3,
        unique_by=lambda c: c.name,
    ).filter(_has_no_namesakes)
    presets = st.lists(WORDS, max_size=5, unique=True)
    made = st.builds(lambda k, c: changed(facts, k, c), knobs, constraints)
    return st.builds(surface, made, presets, st.integers(1, 65535))


def _has_no_namesakes(constraints: list[Constraint]) -> bool:
    menus = [menu.name for c in constraints for menu in c.menus or [Menu(c.name, ("on",))]]
    return len(set(menus)) == len(menus)
