"""What a measurement was made on: a figure without it says little."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import threading
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from realtime import priority

PACKAGES = "glissar", "python-rtmidi", "mido", "isobar", "JACK-Client", "onnxruntime-gpu"


def facts() -> list[tuple[str, str]]:
    """(what, value), now: ask before anything is measured."""
    load = os.getloadavg() if hasattr(os, "getloadavg") else ()
    return [
        ("date", datetime.now().astimezone().isoformat(timespec="minutes")),
        ("processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("real-time priority", "permitted" if _real_time() else "refused"),
        ("load before (1, 5, 15 minutes)", ", ".join(f"{each:.2f}" for each in load)),
        ("versions", ", ".join([f"Python {platform.python_version()}", *_versions()])),
    ]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _real_time() -> bool:
    """Asked in a thread of its own, which is then gone: priority is a thread's."""
    granted: list[bool] = []
    thread = threading.Thread(target=lambda: granted.append(priority.real_time()))
    thread.start()
    thread.join()
    return granted[0]


def _versions() -> list[str]:
    found: list[str] = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue  # onnxruntime has other names elsewhere
    if shutil.which("jackd"):
        said = subprocess.run(["jackd", "--version"], capture_output=True, text=True).stdout
        found += [line.partition(" ")[0] + " " + line.split()[2] for line in _first(said)]
    return found


def _first(said: str) -> list[str]:
    """The line that says "jackdmp version 1.9.21 …", if one does."""
    return [x for x in said.splitlines() if x.startswith("jackd") and len(x.split()) > 2][:1]
