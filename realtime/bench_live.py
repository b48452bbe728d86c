"""What `glissar play` costs before a note is played: time to be ready, memory, idle processor time.

Read from /proc, so on Linux only.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from presets.errors import GlissarError

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
READY = "is ready"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of all processes together."""

    ready_s: float
    resident_mb: float  # pages shared between processes are counted in each
    idle_percent: float  # of one core


def bench_live(preset: str, idle_s: float) -> Cost:
    """Launch `glissar play`, wait until it is ready, and watch it idle. Raises GlissarError."""
    if not PROC.is_dir():
        raise GlissarError("memory and idle time are read from /proc, which only Linux has.")
    command = [sys.executable, "-m", "realtime", "play", "--preset", preset, "--osc-port", "9310"]
    command += ["--web-port", "9312"]
    start = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        _wait_until_ready(process)
        ready = time.monotonic() - start
        family = [process.pid, *_children(process.pid)]
        before, since = _spent(family), time.monotonic()
        time.sleep(idle_s)
        idle = 100 * (_spent(family) - before) / (time.monotonic() - since)
        household = [process.pid, *_children(process.pid)]  # with the spares, which came later
        return Cost(ready, sum(map(_resident, household)) / 1024, idle)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line.strip())
        if READY in line:
            return
    raise GlissarError(f"glissar play did not start: {' '.join(said)}")


def _children(pid: int) -> list[int]:
    return [int(p) for p in (PROC / f"{pid}/task/{pid}/children").read_text().split()]


def _spent(pids: list[int]) -> float:
    """Seconds of processor time."""
    fields = [(PROC / f"{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(f[11]) + int(f[12]) for f in fields) / TICKS_PER_SECOND


def _resident(pid: int) -> int:
    """Kilobytes."""
    for line in (PROC / f"{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
