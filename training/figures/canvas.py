"""One look for all figures, and a file that is the same bytes for the same figure."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from presets.errors import GlissarError
from presets.whole import write_whole

# Okabe & Ito's, told apart also without red and green.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = (
    "#000000",
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#f0e442",
    "#0072b2",
    "#d55e00",
    "#cc79a7",
)
GREY, PALE = "#767676", "#d9d9d9"
SURFACE = "viridis"  # low is purple, high is yellow, as in the papers
WIDTH = 9.0  # inches, of a figure as wide as a page
DOTS = 150  # an inch, of .png and of what lies as dots in .svg

_LOOK: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib; a list would stand at every word
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "image.cmap": SURFACE,
    "figure.dpi": DOTS,
    "savefig.dpi": DOTS,
    "svg.fonttype": "none",  # letters stay letters: smaller, and they can be searched
    "svg.hashsalt": "glissar",
}
_DATES = {".svg": {"Date": None}, ".png": {"Software": None}}  # what would differ between two days


def look() -> AbstractContextManager[None]:
    """Figures are made and saved under it."""
    return matplotlib.rc_context(_LOOK)


def page(height: float, width: float = WIDTH) -> Figure:
    """An empty figure, in inches; use subplots or subfigures. No state of pyplot is touched."""
    return Figure(figsize=(width, height), layout="constrained")


def kind(path: Path) -> str:
    """ ".svg" or ".png". Raises GlissarError."""
    if path.suffix not in _DATES:
        raise GlissarError(f"{path} is no figure's name; give one that ends in .svg or .png.")
    return path.suffix


def save(figure: Figure, path: Path) -> None:
    """Write it whole, the same bytes on every day. Raises GlissarError."""
    suffix, content = kind(path), io.BytesIO()
    with look():
        figure.savefig(content, format=suffix[1:], metadata=_DATES[suffix])
    write_whole(path, content.getvalue())
