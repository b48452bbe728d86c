from __future__ import annotations

from pathlib import Path

import pytest

import training
from presets.errors import GlissarError
from training import config
from training.config import RunConfig

CONFIGS = sorted((Path(training.__file__).parent / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_every_config_reads_and_says_only_what_differs(path: Path) -> None:
    assert isinstance(config.read(path), RunConfig)
    for line in path.read_text().splitlines():
        assert not line or line.startswith(("#", "[")) or "#" in line  # a reason on every line


def test_the_paper_is_the_defaults() -> None:
    (paper,) = (p for p in CONFIGS if p.stem == "ar-vae-bach-paper")
    assert config.read(paper) == RunConfig()
    assert (RunConfig().lr, RunConfig().batch, RunConfig().model.dropout) == (1e-4, 256, 0.5)
    assert (RunConfig().weights.kl, RunConfig().delta) == (0.001, 10.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epocs = 3", "epocs"),
        ("epochs = 0", "epochs"),
        ("[model]\nlatent = 3", "latent"),
        ("[weights]\nkld = 3.0", "kld"),
        ("epochs = ", "correct it"),
        ('attributes = ["loudness"]', "loudness"),
        ("attributes = []", "give 1 to"),
    ],
)
def test_a_wrong_config_is_refused_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(GlissarError, match=said):
        config.read(path)


def test_a_missing_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GlissarError, match="no config"):
        config.read(tmp_path / "none.toml")
