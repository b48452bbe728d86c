"""Who may import what, what a small process may load, and whose import names these are."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, packages_distributions
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import pytest

PACKAGES = ("presets", "training", "export", "realtime")
STDLIB = sys.stdlib_module_names

# export → training → presets ← realtime
MAY_IMPORT: dict[str, set[str]] = {
    "presets": {"presets", "numpy", "msgspec", "platformdirs"},
    "realtime": {
        *("realtime", "presets"),
        *(
            "numpy",
            "msgspec",
            "click",
            "onnxruntime",
            "mido",
            "rtmidi",
            "pythonosc",
            "platformdirs",
        ),
    },
    "training": {
        *("training", "presets"),
        *("numpy", "msgspec", "click", "torch", "lightning", "lightning_fabric"),
        *("sklearn", "scipy", "matplotlib", "tqdm", "safetensors"),
    },
    "export": {
        *("export", "training", "presets"),
        *("numpy", "msgspec", "click", "torch", "onnx", "onnxscript", "onnxruntime"),
    },
}
# Only the readers of a corpus need what reads it, so that training runs where music21 is absent.
ALSO = {
    "training/corpora/bach.py": {"music21"},
    "training/corpora/folk.py": {"music21"},
    "training/corpora/midifile.py": {"mido"},
    "training/comparing/listening.py": {"mido"},  # … and what writes one
    "training/constraints/of_preset.py": {"onnxruntime"},  # rules are learnt of any preset
    "realtime/picture.py": {"rich"},  # `glissar top`, never a process that plays
    "realtime/commands/top.py": {"rich"},
    "realtime/ports/link.py": {"aalink"},  # an extra, loaded where a Link session is joined
    # The web server's libraries are loaded by its thread, those of an extra where it is wanted.
    "realtime/ports/web_server.py": {"starlette", "uvicorn"},
    "realtime/ports/web_clients.py": {"starlette"},
    "realtime/ports/web_files.py": {"starlette"},
    "realtime/ports/web_limits.py": {"uvicorn"},
    "realtime/ports/web_invite.py": {"segno"},
    "realtime/ports/web_announce.py": {"zeroconf"},
    "realtime/stage/peer.py": {"jack"},  # a process of its own, which plays beside glissar
    "realtime/stage/browser.py": {"playwright"},  # a real one, on the panel
    "realtime/stage/panel.py": {"playwright"},
    "realtime/stage/pictures.py": {"playwright"},
    "realtime/stage/panels.py": {"websockets"},  # what pages do, without one
    "realtime/stage/rivals.py": {"isobar"},  # … and others, which play what it plays
    "training/geodesics/oracle.py": {"stochman"},  # to compare with, where somebody asks for it
}

LARGE = {"torch", "lightning", "lightning_fabric", "onnx", "music21", "sklearn", "matplotlib"}
NUMERIC = {"numpy", "onnxruntime"}


def folder(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def modules() -> list[tuple[str, Path]]:
    """Every source file as its path from the packages' parent: "presets/bar.py"."""
    return [
        (file.relative_to(folder(package).parent).as_posix(), file)
        for package in PACKAGES
        for file in sorted(folder(package).rglob("*.py"))
    ]


def imports(tree: ast.AST) -> Iterator[str]:
    """What a file imports, anywhere in it, also by `import_module("name")`."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, level=0):
                yield module or ""
            case ast.ImportFrom():
                yield "."  # relative: none are written here
            case (
                ast.Call(func=ast.Name("import_module" | "__import__"), args=[name, *_])
                | ast.Call(func=ast.Attribute(attr="import_module"), args=[name, *_])
            ):
                yield _start(name)
            case _:
                pass


def _start(name: ast.expr) -> str:
    """The constant beginning of an imported name, "?" where it has none."""
    if isinstance(name, ast.JoinedStr):
        name = name.values[0]
    return str(name.value) if isinstance(name, ast.Constant) else "?"


def test_the_walk_sees_every_kind_of_import() -> None:
    text = """
import a.b, c
def f():
    from d.e import g
    import_module("h.i")
    importlib.import_module(f"j.{name}")
    __import__(name)
    from . import k
"""
    assert list(imports(ast.parse(text))) == ["a.b", "c", "d.e", ".", "h.i", "j.", "?"]


@pytest.mark.parametrize(("name", "file"), modules(), ids=[name for name, _ in modules()])
def test_imports_follow_the_table(name: str, file: Path) -> None:
    allowed = MAY_IMPORT[name.split("/")[0]] | ALSO.get(name, set()) | STDLIB
    found = {path.split(".")[0] for path in imports(ast.parse(file.read_text("utf-8")))}
    assert found <= allowed, f"{name} may not import {sorted(found - allowed)}"


def test_the_table_is_the_house() -> None:
    users = {of: {p for p in PACKAGES if of in MAY_IMPORT[p]} for of in PACKAGES}
    assert users == {
        "presets": set(PACKAGES),
        "training": {"training", "export"},
        "export": {"export"},
        "realtime": {"realtime"},
    }
    assert not MAY_IMPORT["presets"] & (LARGE | {"onnxruntime"})
    assert not MAY_IMPORT["realtime"] & LARGE


def loaded(program: str) -> set[str]:
    """Top-level modules in memory after `program` ran in a fresh interpreter."""
    report = "import sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{report}"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return {name.split(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_help_costs_neither_torch_nor_numpy() -> None:
    program = """
import sys
from realtime.__main__ import main
sys.argv = ["glissar", "--help"]
try:
    main()
except SystemExit as left:
    assert not left.code
"""
    found = loaded(program)
    assert "click" in found  # the command did run
    assert not found & (LARGE | NUMERIC)


@pytest.mark.parametrize("module", ["realtime.supervisor", "realtime.player"])
def test_the_processes_that_must_not_stumble_stay_small(module: str) -> None:
    found = loaded(f"import {module}")
    assert "realtime" in found
    assert not found & (LARGE | NUMERIC)
    assert "aalink" not in found


@pytest.mark.parametrize("module", ["realtime.supervisor", "realtime.player", "realtime.service"])
def test_what_draws_is_in_no_process_that_plays(module: str) -> None:
    assert "rich" not in loaded(f"import {module}")


def test_top_starts_without_what_computes() -> None:
    found = loaded("import realtime.commands.top")
    assert "rich" in found
    assert not found & (LARGE | NUMERIC)


@pytest.mark.parametrize("module", ["realtime.service", "realtime.render", "presets.preset"])
def test_playing_never_loads_what_trains(module: str) -> None:
    found = loaded(f"import {module}")
    assert "numpy" in found
    assert not found & LARGE


def test_devices_are_written_without_what_plays_or_trains() -> None:
    found = loaded("import realtime.commands.device")
    assert "msgspec" in found
    assert not found & (LARGE | {"onnxruntime"})


def test_no_start_waits_for_the_web_server() -> None:
    """It is a quarter of the time to be ready; a thread loads it, when the engine is up."""
    assert {"uvicorn", "starlette"} <= loaded("import realtime.ports.web_server")
    found = loaded("import realtime.service, realtime.ports.web")
    assert not found & {"uvicorn", "starlette", "websockets", "asyncio"}


# The import names


def source_tree(dist: Distribution) -> Path | None:
    """Where an editable install points; None for an installed copy."""
    facts = json.loads(dist.read_text("direct_url.json") or "{}")
    if not facts.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(unquote(urlsplit(facts["url"]).path)))


@pytest.mark.parametrize("package", PACKAGES)
def test_this_distribution_owns_its_import_names(package: str) -> None:
    dist = distribution("glissar")
    tree = source_tree(dist)
    if tree is None:
        listed = {file.as_posix() for file in dist.files or ()}
        assert f"{package}/__init__.py" in listed
        home = Path(str(dist.locate_file(package)))
    else:
        home = tree / package
    assert folder(package).resolve() == home.resolve()
    others = set(packages_distributions().get(package, [])) - {"glissar"}
    assert not others, f"{others} installs another {package}; give glissar a venv of its own"
