from __future__ import annotations

import subprocess
import sys

import pytest

LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 16, 1 << 16))
from realtime.priority import _above_limits, prefer
print(prefer().locked is _above_limits())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_memory_is_not_locked_under_a_limit():
    """What is locked now may be all that may be: the next allocation would fail. No limit binds
    who has the capability."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"
