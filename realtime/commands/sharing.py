"""`glissar presets pack`, `install` and `remove`: presets that travel."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click

from presets import archive, install
from presets.archive import Package
from presets.errors import GlissarError, PresetError
from presets.folders import MANIFEST
from presets.preset import digest, read_named
from realtime.midifile import save

LONGEST = 4000  # characters of a line that is shown
PROOF = 120.0  # s that the golden windows may take; the largest preset shipped needs three


@click.command("pack")
@click.argument("name")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="The zip to write.  [default: NAME.zip]"
)
def pack(name: str, out: Path | None) -> None:
    """Put a preset into one file, to give it away."""
    preset = read_named(name)
    _prove(preset.folder, str(preset.folder))
    content = archive.pack(preset)
    out = out or Path(f"{preset.name}.zip")
    save(out, content)
    click.echo(f"{out} written: {len(preset.files) + 1} files, sha256 {digest(content)}.")


@click.command("install")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default=None, help="Install it under another name than its own.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def install_(file: Path, name: str | None, yes: bool) -> None:
    """Look at what a zip of `pack` holds, and install it after a yes."""
    package = archive.unpack(file)
    name = name or package.manifest.name
    install.check_name(name)
    for line in _facts(package):
        click.echo(line)
    if not yes:
        if not sys.stdin.isatty():
            raise GlissarError(f"{file} is not installed unasked; if you want it so, say --yes.")
        click.confirm(f"Install it as {name}?", abort=True)
    folder = install.install(package, name, partial(_prove, where=str(file)))
    click.echo(f"{name} is sound, and installed in {folder}: glissar play --preset {name}")


@click.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Remove an installed preset."""
    click.echo(f"{install.remove(name)} is removed.")


def _facts(package: Package) -> Iterator[str]:
    """What a person should know of a stranger's preset, before anything of it is used."""
    manifest, files = package.manifest, package.files
    made = manifest.provenance
    size = sum(map(len, files.values()))
    for label, text in (
        ("name", manifest.name),
        ("plays", manifest.plays),
        ("corpus", manifest.corpus),
        ("licence", manifest.licence),
        ("made by", f"{made.command} (seed {made.seed}, commit {made.commit or 'not told'})"),
        ("with", ", ".join(f"{what} {version}" for what, version in made.versions.items())),
        ("size", f"{len(files)} files, {size / 1e6:.1f} MB"),
    ):
        yield f"{label:8} {_printable(text)}"
    hashes = {MANIFEST: package.sha256, **manifest.files}
    for path, sha256 in hashes.items():
        yield f"  {sha256}  {len(files[path]):>9}  {path}"


def _printable(text: str) -> str:
    """A stranger's text without what could move a terminal's cursor, or turn its lines round."""
    line = "; ".join(text.splitlines())[:LONGEST]
    return "".join(character if character.isprintable() else "�" for character in line)


def _prove(folder: Path, where: str) -> None:
    """`glissar presets verify`, in a process of its own: a stranger's graphs may never end, or
    bring down whoever runs them. Raises PresetError of `where`."""
    command = [sys.executable, "-m", "realtime", "presets", "verify", str(folder.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROOF)
    except subprocess.TimeoutExpired as error:
        raise PresetError(
            f"{where} takes over {PROOF:.0f} s for its golden windows; do not use it."
        ) from error
    if done.returncode < 0:
        killed = signal.Signals(-done.returncode).name
        raise PresetError(f"{where} brings down ONNX Runtime ({killed}); do not use it.")
    if done.returncode:
        said = done.stderr.strip().removeprefix("glissar: ").splitlines() or ["it is not sound."]
        raise PresetError(_printable(said[-1]).replace(str(folder.resolve()), where))
