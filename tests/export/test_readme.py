"""The page says in words what the manifest says in numbers."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from export.readme import CREDITED, page
from presets.manifest import Manifest
from presets.preset import Preset


def told(manifest: Manifest, **card: Any) -> str:
    measured = {"windows": 12, "works": 3, "interval": "95 %, drawing works again", "figures": {}}
    return page(replace(manifest, quality=measured | card))


def test_a_player_learns_what_it_plays_and_how_it_was_made(preset: Preset) -> None:
    text = preset.files["README.md"].decode()
    assert text == page(preset.manifest)
    assert text.startswith("# invented\n\nOne bar of 4/4")
    assert "24 steps, at 0 1/4 1/3 1/2 2/3 3/4 of every beat; 30 keys from G3 to C6" in text
    assert "| **density** | How many notes are struck" in text
    assert "glissar-train again FOLDER -o runs/invented" in text
    assert "\nglissar-export " in text


def test_a_page_is_short(preset: Preset) -> None:
    assert len(page(preset.manifest).splitlines()) <= 25


def test_a_preset_without_a_card_says_so(preset: Preset) -> None:
    assert "Nobody has looked" in page(preset.manifest)


def test_figures_come_with_their_intervals(preset: Preset) -> None:
    figures = {
        "tokens": {"value": 0.9511, "low": 0.94, "high": 0.96},
        "knob/density/heard spearman": {"value": 0.8, "low": 0.7, "high": 0.9},
        "some other figure": {"value": 1.0, "low": 1.0, "high": 1.0},
    }
    text = told(preset.manifest, figures=figures)
    assert "Measured on 12 windows of 3 works" in text
    assert "95.1% [94.0%, 96.0%] of the steps come back" in text
    (density,) = (line for line in text.splitlines() if line.startswith("| **density**"))
    assert density.endswith("| – | 0.80 | – |")
    assert "some other figure" not in text


def test_codes_and_draws_from_the_prior_are_told(preset: Preset) -> None:
    figures = {"tokens": {"value": 0.9, "low": 0.8, "high": 1.0}}
    codes = {"mig": {"mean": 0.25}, "xmig": {"mean": 0.5}}
    text = told(preset.manifest, figures=figures, disentanglement=codes, prior={"unusable": 0.125})
    assert "Codes: mig 0.250." in text
    assert "12.5% cannot be used" in text


def test_transcribers_are_credited(preset: Preset) -> None:
    names = {f"Ann {n}": 9 - n for n in range(CREDITED + 2)}
    made = replace(preset.manifest.provenance, data={"transcribers": names})
    text = page(replace(preset.manifest, provenance=made))
    assert "Transcribed by Ann 0, Ann 1, " in text
    assert f"Ann {CREDITED - 1} and 2 more, all named in preset.json." in text
    assert "Transcribed" not in page(preset.manifest)
