"""A JACK server or a network for a test, and tests run again whose server has wedged itself."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from presets.errors import GlissarError
from realtime.stage import rig
from realtime.stage.free import free_port
from realtime.stage.hearing import clocks
from realtime.stage.rig import Jack
from realtime.stage.waiting import JackWedgedError, wedged

LONGEST = 300  # s of a test on ports; the longest takes a minute


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[Any]:
    jack = pyfuncitem.funcargs.get("jack")
    try:
        return (yield)
    except Exception as error:
        if isinstance(jack, Jack) and wedged(jack.log):
            raise JackWedgedError(str(error)[:200]) from error
        raise


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test whose server has wedged is run again on another; no other failure is."""
    for item in items:
        if item.get_closest_marker("ports"):
            item.add_marker(pytest.mark.flaky(reruns=6, only_rerun=["JackWedgedError"]))


@contextlib.contextmanager
def within(seconds: int) -> Iterator[None]:
    """Whatever stands still for longer is a failure that says where, not a run that never ends."""

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"the test took over {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def jack(tmp_path: Path) -> Iterator[Jack]:
    """A server for one test, one test at a time; what it starts in it is stopped after it."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(rig.alone())
        except GlissarError as error:
            pytest.skip(str(error))
        stack.enter_context(within(LONGEST))
        yield stack.enter_context(rig.serve(tmp_path))


@pytest.fixture(name="clocks")
def clocks_of_a_song() -> Callable[..., list[tuple[int, bytes]]]:
    return clocks


@pytest.fixture
def free_udp_port() -> int:
    """A loopback port that nobody had a moment ago, and the one after it."""
    return min(free_port(), 65_000)


@pytest.fixture
def net() -> Iterator[list[str]]:
    """A network that no other machine is in, with loopback alone: how a command in it begins.

    Ableton Link speaks to whomever it can reach.
    """
    root = os.geteuid() == 0
    rights = [] if root else ["--map-root-user"]
    hold = ["unshare", "--net", *rights, "sh", "-c", "ip link set lo up && echo up && read end"]
    pipe = subprocess.PIPE
    try:
        holder = subprocess.Popen(hold, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT)
    except FileNotFoundError:
        pytest.skip("no unshare here: apt install util-linux iproute2.")
    with holder:
        said = holder.stdout.readline().decode()
        if said != "up\n":
            pytest.skip(f"no network of a test's own here: {said.strip()}.")
        rights = [] if root else ["--user", "--preserve-credentials"]
        yield ["nsenter", "--target", str(holder.pid), "--net", *rights]
