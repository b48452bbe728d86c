"""`--constrain`: what must hold, as a person writes it: scale=major, key=D, no-leaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from presets.errors import GlissarError

ON = "on"  # the one entry of a constraint without menus


def read(texts: Iterable[str]) -> dict[str, str]:
    """NAME=ENTRY, or NAME alone."""
    parts = (text.partition("=") for text in texts)
    return {name: entry or ON for name, _, entry in parts}


def check(choices: Mapping[str, str], menus: Mapping[str, Sequence[str]], preset: str) -> None:
    """Raises GlissarError where a preset has no such menu, or the menu no such entry."""
    for name, entry in choices.items():
        if name not in menus:
            known = ", ".join(menus) or "none"
            raise GlissarError(f"there is no constraint {name}; {preset} has {known}.")
        if entry not in menus[name]:
            raise GlissarError(
                f"{name} is not to be {entry}; write --constrain {name}=… with one of "
                f"{', '.join(menus[name])}."
            )
