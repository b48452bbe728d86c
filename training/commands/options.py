"""What several commands take."""

from __future__ import annotations

from pathlib import Path

import click

PATH = click.Path(path_type=Path)
SEED = click.IntRange(0, 2**32 - 1)
ANY, MANY = click.IntRange(0), click.IntRange(1)
