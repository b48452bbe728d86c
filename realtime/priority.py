"""What a process asks of the system so that it runs when it must: before others, and from memory.

Both are asked for and may be refused; nothing depends on them but how exactly things are in time.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path

FIFO_PRIORITY = 5  # above every ordinary process, below the sound server
NICENESS = -11  # as sound servers ask for
_CURRENT, _FUTURE = 1, 2  # mlockall's flags, on Linux and macOS alike
_IPC_LOCK = 14  # the capability's number


@dataclass(frozen=True, slots=True)
class Granted:
    real_time: bool
    locked: bool


def prefer() -> Granted:
    """Ask for both, for this process and the threads that it starts."""
    return Granted(real_time(), lock_memory())


def real_time() -> bool:
    """Ask for SCHED_FIFO, for this thread and those it starts; whether it was granted."""
    if sys.platform != "linux":
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(FIFO_PRIORITY))
    except OSError:
        return False
    return True


def nice() -> None:
    """Before other ordinary programs, for this process, where that is permitted."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, NICENESS)


def lock_memory() -> bool:
    """Keep all memory of this process in place, so that no send waits for a disk; whether it is.

    It is not asked for under a limit: what is locked now may be all that may be, and the next
    allocation would fail.
    """
    if sys.platform == "win32" or not _unlimited():
        return False
    lock = getattr(ctypes.CDLL(None), "mlockall", None)
    return lock is not None and lock(_CURRENT | _FUTURE) == 0


def unlock_memory() -> None:
    """For whoever only wanted to know."""
    if sys.platform != "win32" and (unlock := getattr(ctypes.CDLL(None), "munlockall", None)):
        unlock()


def _unlimited() -> bool:
    import resource  # Windows has none

    soft, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    return soft == resource.RLIM_INFINITY or _above_limits()


def _above_limits() -> bool:
    """Whether this process has Linux's CAP_IPC_LOCK, which no limit of locked memory binds."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    effective = next((line.split()[1] for line in lines if line.startswith("CapEff")), "0")
    return bool(int(effective, 16) >> _IPC_LOCK & 1)
