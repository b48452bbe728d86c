from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime import ledger as ledgers
from realtime.ledger import FRESH, SIZE, Ledger


@pytest.fixture
def path() -> Iterator[str]:
    made = Ledger.create()
    yield made
    Path(made).unlink()


def test_it_begins_silent_and_keeps_what_sounds(path: str):
    ledger = Ledger(path)
    assert Path(path).stat().st_size == SIZE
    assert ledger.sounding() == []
    ledger.mark(0, 60)
    ledger.mark(15, 127)
    ledger.mark(1, 0)
    ledger.unmark(0, 60)
    assert ledger.sounding() == [(1, 0), (15, 127)]
    ledger.close()


def test_another_process_reads_it_after_a_kill(path: str):
    script = (
        "import sys, time; from realtime.ledger import Ledger\n"
        "ledger = Ledger(sys.argv[1]); ledger.mark(1, 60); print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        os.kill(child.pid, signal.SIGKILL)
    assert Ledger(path).sounding() == [(1, 60)]


def test_a_file_of_another_size_is_refused(tmp_path: Path):
    (tmp_path / "short").write_bytes(b"x")
    with pytest.raises(ValueError, match="mmap"):
        Ledger(tmp_path / "short")


def test_ledgers_of_killed_households_are_cleared_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old = time.time() - FRESH - 1
    left, short, elsewhere = (tmp_path / f"glissar-{name}.ledger" for name in ("a", "b", "c"))
    kept = tmp_path / "keep"
    for path, size in ((left, SIZE), (short, SIZE - 1), (kept, SIZE)):
        path.write_bytes(bytes(size))
        os.utime(path, (old, old))
    elsewhere.symlink_to(kept)
    fresh = Path(Ledger.create())
    with ledgers.kept() as living:
        os.utime(living, (old, old))
        assert not left.exists()
        with ledgers.kept() as other:
            assert Path(living).exists()  # it is held, however old
            assert other != living
        assert not Path(other).exists()
    assert sorted(tmp_path.iterdir()) == sorted([short, kept, elsewhere, fresh])
