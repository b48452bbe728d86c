"""The page says in words what the manifest says in numbers."""

from __future__ import annotations

from msgspec.structs import replace

from export.readme import page
from presets.preset import Preset


def test_a_player_learns_what_it_plays_and_how_it_was_made(preset: Preset) -> None:
    text = preset.files["README.md"].decode()
    assert text == page(preset.manifest)
    assert text.startswith("# invented\n\nOne bar of 4/4")
    assert "24 steps, at 0 1/4 1/3 1/2 2/3 3/4 of every beat; 30 keys from G3 to C6" in text
    assert "- **density**: How many notes are struck" in text
    assert "glissar-train run invented.toml -o runs/invented\nglissar-export " in text


def test_a_preset_without_a_card_says_so(preset: Preset) -> None:
    assert "Nobody has looked" in page(preset.manifest)


def test_figures_come_with_their_intervals(preset: Preset) -> None:
    figures = {
        "tokens": {"value": 0.9511, "low": 0.94, "high": 0.96},
        "knob/density/heard spearman": {"value": 0.8, "low": 0.7, "high": 0.9},
        "some other figure": {"value": 1.0, "low": 1.0, "high": 1.0},
    }
    card = {"windows": 12, "works": 3, "interval": "95 %, drawing works again", "figures": figures}
    text = page(replace(preset.manifest, quality=card))
    assert "On 12 windows of 3 works that it has never met (95 %, drawing works again):" in text
    assert "| of the steps come back as they went in | 0.951 | 0.940 to 0.960 |" in text
    assert "| **density**: the same for what is heard (residual edit) | 0.800 |" in text
    assert "some other figure" not in text
