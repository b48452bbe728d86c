from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

import training
from presets.errors import GlissarError
from training import config
from training.config import GlsrRun, MelodyRun, Run, RunConfig

CONFIGS = sorted((Path(training.__file__).parent / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_every_config_reads_and_says_only_what_differs(path: Path) -> None:
    assert isinstance(config.read(path), Run)
    for line in path.read_text().splitlines():  # a reason on every line that is a choice
        assert not line or line.startswith(("#", "[", "data", "method")) or "#" in line


def test_the_paper_is_the_defaults() -> None:
    (paper,) = (p for p in CONFIGS if p.stem == "ar-vae-bach-paper")
    assert config.read(paper) == RunConfig()
    assert (RunConfig().lr, RunConfig().batch, RunConfig().model.dropout) == (1e-4, 256, 0.5)
    assert (RunConfig().weights.kl, RunConfig().delta) == (0.001, 10.0)


def test_glsr_vae_is_published_but_for_what_the_paper_leaves_open() -> None:
    (paper,) = (p for p in CONFIGS if p.stem == "glsr-vae-paper")
    found = config.read(paper)
    assert found == GlsrRun(data=found.data, clip=found.clip)
    assert isinstance(found, GlsrRun)
    assert (found.slope, found.sigma, found.sigma_is) == (2.0, 0.1, "deviation")
    assert (found.weights.kl, found.weights.regularisation) == (1.0, 1.0)
    assert (found.model.hidden, found.model.layers, found.model.z) == (512, 2, 12)
    assert found.anneal > 0
    assert found.patience > 0


def test_the_melody_vae_is_published_and_follows_nothing() -> None:
    (paper,) = (p for p in CONFIGS if p.stem == "melody-vae-paper")
    found = config.read(paper)
    assert found == MelodyRun(precision=found.precision)
    assert isinstance(found, MelodyRun)
    assert (found.attributes, found.CAN_FOLLOW) == ((), ())
    assert (found.lr, found.model.z, found.model.encoder) == (3e-4, 512, 2048)
    assert found.weights.kl < 1


def test_a_config_comes_back_from_plain_values() -> None:
    for made in (RunConfig(seed=3), GlsrRun(slope="data"), MelodyRun(ramp=0.5)):
        assert config.convert(msgspec.to_builtins(made)) == made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epocs = 3", "epocs"),
        ("epochs = 0", "epochs"),
        ("batch = 16756", "<= 4096"),
        ("[model]\nlatent = 3", "latent"),
        ("[weights]\nkld = 3.0", "kld"),
        ("epochs = ", "correct it"),
        ('attributes = ["loudness"]', "loudness"),
        ("attributes = []", "give 1 to"),
        ('method = "vae"', "no method 'vae'"),
        ('method = "glsr-vae"\nattributes = ["contour"]', "give 1 to 1 of density"),
        ('method = "glsr-vae"\nslope = "steep"', "slope"),
        ('method = "melody-vae"\nattributes = ["density"]', "follows none; leave"),
        ('method = "glsr-vae"\nforced = 0.5', "forced"),
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


def test_changes_are_made_to_what_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text("epochs = 3\n[weights]\nkl = 0.5\n")
    changes = ("seed=4", "weights.regularisation = 0.0", "data=other.npz", "model.hidden=16")
    found = config.read(path, changes)
    assert isinstance(found, RunConfig)
    assert (found.epochs, found.seed, found.data) == (3, 4, "other.npz")
    assert (found.weights.kl, found.weights.regularisation) == (0.5, 0.0)
    assert found.model.hidden == 16


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("seed", "NAME=VALUE"),
        ("=3", "NAME=VALUE"),
        ("epochs.first=3", "epochs has no values"),
        ("seed=often", "correct it"),
        ("weights.kld=3.0", "kld"),
    ],
)
def test_a_change_that_means_nothing_is_a_sentence(tmp_path: Path, change: str, said: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text("epochs = 3\n")
    with pytest.raises(GlissarError, match=said):
        config.read(path, (change,))


def test_the_house_model_follows_all_that_its_decoder_writes_by(tmp_path: Path) -> None:
    path = tmp_path / "house.toml"
    path.write_text('method = "house"\nattributes = ["contour"]\n')
    with pytest.raises(GlissarError, match="name them all"):
        config.read(path)
