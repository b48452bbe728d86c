from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from presets import preset as presets
from presets.encoding import Encoding
from presets.errors import GlissarError
from training.constraints import user

RULES = """
calls = 0

def few_notes(window):
    global calls
    calls += 1
    return 1 / max(1, len(window.notes))

def raises(window):
    raise KeyError("oh")

def too_much(window):
    return 1.5

def nothing(window):
    return None

def not_a_number(window):
    return float("nan")

seven = 7
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "my_rules.py"
    path.write_text(RULES)
    return path


@pytest.fixture
def encoding(tiny_preset: Path) -> Encoding:
    return presets.read(tiny_preset).encoding


def windows(encoding: Encoding, *notes: int) -> np.ndarray:
    hold = encoding.vocabulary.hold
    rows = [[5] * n + [hold] * (encoding.grid.steps - n) for n in notes]
    return np.array(rows, np.int64)


def test_a_function_scores_windows_of_notes(file: Path, encoding: Encoding) -> None:
    rule = user.load(f"{file}:few_notes")
    y = np.zeros((3, 0), np.float32)
    assert rule.judge(windows(encoding, 1, 2, 4), encoding, y).tolist() == [1, 0.5, 0.25]
    assert rule.menus == ()
    assert rule.drawn(3, np.random.default_rng(0)).shape == (3, 0)


def test_it_is_asked_once_of_a_window(file: Path, encoding: Encoding) -> None:
    rule = user.load(f"{file}:few_notes")
    for _ in range(3):
        rule.judge(windows(encoding, 2, 2, 3), encoding, np.zeros((3, 0), np.float32))
    assert rule._function.__globals__["calls"] == 2


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("raises", "raises raises KeyError ('oh') on the window with"),
        ("too_much", "too_much gives 1.5 on the window with"),
        ("nothing", "nothing raises TypeError"),
        ("not_a_number", "gives nan on the window with"),
    ],
)
def test_what_is_no_score_is_a_sentence_that_names_the_window(
    file: Path, encoding: Encoding, name: str, says: str
) -> None:
    rule = user.load(f"{file}:{name}")
    with pytest.raises(GlissarError, match=r".*") as caught:
        rule.judge(windows(encoding, 2), encoding, np.zeros((1, 0), np.float32))
    assert says in str(caught.value)
    assert "@0" in str(caught.value)


def test_a_window_without_a_note_is_named_too(file: Path, encoding: Encoding) -> None:
    with pytest.raises(GlissarError, match="a window without a note"):
        user.load(f"{file}:raises").judge(
            windows(encoding, 0), encoding, np.zeros((1, 0), np.float32)
        )


@pytest.mark.parametrize("where", ["gone.py:f", "my_rules.py", "{file}", "{file}:1x", "{file}:"])
def test_what_names_no_function_is_refused(file: Path, where: str) -> None:
    with pytest.raises(GlissarError, match="is no rule"):
        user.load(where.format(file=file))


@pytest.mark.parametrize("name", ["gone", "seven"])
def test_what_is_no_function_is_refused(file: Path, name: str) -> None:
    with pytest.raises(GlissarError, match=f"has no function {name}"):
        user.load(f"{file}:{name}")


def test_a_file_that_is_not_python_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def (")
    with pytest.raises(GlissarError, match="cannot be read as Python: SyntaxError"):
        user.load(f"{tmp_path / 'bad.py'}:f")
