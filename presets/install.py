"""Installed presets: folders in the user's data folder, found by name beside the shipped ones."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from presets.archive import Package
from presets.constraint import NAME
from presets.errors import GlissarError
from presets.folders import home, installed, shipped
from presets.write import place

LEFT = 3600.0  # s after which nobody installs any more what an install that was cut off has left


def check_name(name: str) -> None:
    """Raises GlissarError where nothing can be installed under `name`."""
    if not re.fullmatch(NAME, name):
        raise GlissarError(
            f"{name[:100]!r} is no name for a preset; give --name with small letters, digits, - "
            "and _ alone, at most 64 of them."
        )
    if name in shipped():
        raise GlissarError(
            f"{name} is the name of a preset that glissar ships; install it under another, with "
            "--name."
        )
    if (home() / name).exists():
        raise GlissarError(
            f"{name} is installed already; `glissar presets remove {name}` first, or give it "
            "another name with --name."
        )


def install(package: Package, name: str, prove: Callable[[Path], object]) -> Path:
    """Have a preset that `prove` finds nothing against, in a folder beside it, appear under `name`
    at once. What is cut off leaves nothing that can be found. Raises GlissarError, nothing changed.
    """
    check_name(name)
    folder = home() / name
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep()
        place(folder, package.files, prove)
    except OSError as error:
        raise GlissarError(
            f"{name} cannot be installed in {folder.parent} ({error.strerror}); make room or allow "
            "it there."
        ) from error
    return folder


def remove(name: str) -> Path:
    """Remove an installed preset; its folder. Raises GlissarError, with nothing changed."""
    if name in shipped():
        raise GlissarError(f"{name} comes with glissar; only installed presets can be removed.")
    if name not in installed():
        have = ", ".join(installed()) or "none"
        raise GlissarError(f"there is no installed preset {name}; there are: {have}.")
    folder = home() / name
    gone = folder.with_name(f".{name}-removed-{time.time_ns()}")
    try:
        folder.rename(gone)
    except OSError as error:
        raise GlissarError(f"{folder} cannot be removed ({error.strerror}).") from error
    shutil.rmtree(gone, ignore_errors=True)
    return folder


def _sweep() -> None:
    for left in home().glob(".*"):
        if left.is_dir() and time.time() - left.stat().st_mtime > LEFT:
            shutil.rmtree(left, ignore_errors=True)
