from __future__ import annotations

import pytest

from presets.errors import GlissarError
from realtime import choices

MENUS = {"key": ["C", "D"], "no-leaps": ["on"]}


def test_entries_and_names_alone() -> None:
    found = choices.read(["key=D", "no-leaps"])
    assert found == {"key": "D", "no-leaps": "on"}
    choices.check(found, MENUS, "mine")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("scale=major", "there is no constraint scale; mine has key, no-leaps"),
        ("key", "key is not to be on"),
        ("key=H", "with one of C, D"),
        ("no-leaps=off", "with one of on"),
        ("=C", "there is no constraint ;"),
    ],
)
def test_what_a_preset_lacks_is_said(text: str, says: str) -> None:
    with pytest.raises(GlissarError, match=says):
        choices.check(choices.read([text]), MENUS, "mine")


def test_a_preset_without_constraints_has_none() -> None:
    with pytest.raises(GlissarError, match="plain has none"):
        choices.check({"key": "C"}, {}, "plain")
