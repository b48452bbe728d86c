"""A constraint of a preset: what may be asked, who moves a point to where it holds, who judges.

`actors/<name>.onnx` moves; each `critics/<critic>.onnx` judges one thing. All of them take the same
y: for every entry of every menu a 1 where it is chosen. Without menus they take none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from presets.rules import RULES, Menu, Rule, Y, row

MOST = 64  # entries of a menu
LONG = 40  # characters of one
REALISM = "realism"  # the constraint, and the critic, that know where the style lies

NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
Name = Annotated[str, Meta(pattern=NAME)]


class Constraint(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    critics: Annotated[list[Name], Meta(min_length=1, max_length=8)]
    menus: Annotated[list[Menu], Meta(max_length=8)] = []

    @property
    def files(self) -> list[str]:
        return [f"actors/{self.name}.onnx", *(f"critics/{name}.onnx" for name in self.critics)]

    def asks(self, choices: Mapping[str, str]) -> bool:
        """Whether any of its menus, or the constraint itself where it has none, is chosen from."""
        names = [menu.name for menu in self.menus] or [self.name]
        return any(name in choices for name in names)

    def row(self, choices: Mapping[str, str]) -> Y:
        """y [1, Y] of the entry chosen in each menu."""
        return row(self.menus, choices)

    def rules(self) -> list[Rule]:
        """Those of its critics that are rules known here, which a window itself can be asked."""
        menus = {menu.name: menu for menu in self.menus}
        return [RULES[critic](menus) for critic in self.critics if critic in RULES]

    def asked(self, y: Y) -> list[str]:
        """Its critics under y [1, Y], without rules known here of which that asks nothing."""
        menus = {menu.name: menu for menu in self.menus}
        known = {critic: RULES[critic](menus) for critic in self.critics if critic in RULES}
        idle = {critic for critic, rule in known.items() if not self.part(rule, y).any()}
        return [critic for critic in self.critics if critic not in idle]

    def part(self, rule: Rule, y: Y) -> Y:
        """What of y [N, Y] is that rule's."""
        splits = np.cumsum([len(menu.entries) for menu in self.menus])[:-1].tolist()
        parts = zip(self.menus, np.split(y, splits, 1), strict=True)
        of = {menu.name: part for menu, part in parts}
        return np.concatenate([of[menu.name] for menu in rule.menus], 1)


def problems(constraints: Sequence[Constraint], files: Mapping[str, str]) -> Iterator[str]:
    """What makes no sense about a manifest's constraints, which nobody vouches for."""
    yield from _namesakes(constraints)
    for menu in (menu for c in constraints for menu in c.menus):
        if not re.fullmatch(NAME, menu.name):
            yield f"{menu.name[:LONG]!r} is no name of a menu"
        sizes = {len(entry) for entry in menu.entries}
        if not 1 <= len(menu.entries) <= MOST or not sizes <= set(range(1, LONG + 1)):
            yield f"menu {menu.name[:LONG]} needs 1 to {MOST} entries of 1 to {LONG} characters"
        if len(set(menu.entries)) != len(menu.entries):
            yield f"menu {menu.name[:LONG]} has an entry twice"
    for constraint in constraints:
        for path in constraint.files:
            if path not in files:
                yield f"constraint {constraint.name} needs {path}"
        yield from _unruly(constraint)


def _namesakes(constraints: Sequence[Constraint]) -> Iterator[str]:
    names = [c.name for c in constraints]
    menus = [menu.name for c in constraints for menu in c.menus]
    asked = [*menus, *(c.name for c in constraints if not c.menus)]
    critics = [critic for c in constraints for critic in c.critics]
    if len(set(names)) != len(names) or len(set(asked)) != len(asked):
        yield "two constraints, or two of their menus, have one name"
    if len(set(critics)) != len(critics):
        yield "a critic has two constraints, or one twice"
    own = Constraint(REALISM, [REALISM])
    if any(REALISM in (c.name, *c.critics) and c != own for c in constraints):
        yield f"{REALISM} is a constraint of its own, with one critic and no menus"


def _unruly(constraint: Constraint) -> Iterator[str]:
    """A critic with the name of a rule has that rule's menus."""
    try:
        wanted = [menu for rule in constraint.rules() for menu in rule.menus]
    except (KeyError, ValueError):
        wanted = None
    if wanted is None or any(menu not in constraint.menus for menu in wanted):
        yield f"the menus of constraint {constraint.name} are not those of its rules"
