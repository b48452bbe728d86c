"""A file is there whole, where it was asked for, or what was there stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from presets.errors import GlissarError
from presets.whole import write_whole


def test_folders_on_the_way_are_made_and_what_was_there_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.mid"
    write_whole(path, b"before")
    write_whole(path, b"after")
    assert path.read_bytes() == b"after"
    assert list(path.parent.iterdir()) == [path]


def test_what_a_link_leads_to_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    target.write_bytes(b"before")
    link.symlink_to(target)
    write_whole(link, b"after")
    assert link.is_symlink()
    assert target.read_bytes() == b"after"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes.")
def test_what_is_no_file_is_refused_and_stays(tmp_path: Path) -> None:
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (pipe, folder):
        with pytest.raises(GlissarError, match="it is no file"):
            write_whole(path, b"after")
    assert pipe.is_fifo()
    assert sorted(tmp_path.iterdir()) == [folder, pipe]
