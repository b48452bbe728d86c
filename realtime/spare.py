"""A process that is started before it is needed, so that no one waits for its imports."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

Process = subprocess.Popen[bytes]


class Spare:
    """The next process of one command. Until its first frame comes it does nothing but import and
    wait: it has no port, no file and no priority, and leaves at the end of its stdin."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: Process | None = None

    def make(self) -> None:
        """See that there is one."""
        if self._process and self._process.poll() is not None:
            self.end()
        if self._process is None:
            self._process = self._start()

    def take(self) -> Process:
        """The one that waits; where there is none, one that is started now."""
        if self._process and self._process.poll() is not None:
            self.end()
        process, self._process = self._process, None
        return process or self._start()

    def end(self) -> None:
        """It is not needed any more."""
        process, self._process = self._process, None
        if process:
            with process:  # closes its pipes and waits
                process.kill()

    def _start(self) -> Process:
        """In a process session of its own, where no Ctrl-C reaches it."""
        pipe = subprocess.PIPE
        return subprocess.Popen(self._command, stdin=pipe, stdout=pipe, start_new_session=True)
