"""Devices that are unplugged and plugged in again, and servers that are restarted in between.

A device is a port of the peer's, which `glissar play` has by name. A key that is held when its
keyboard goes must not sound on; and what was let go while a synthesizer was away must be silent
when it is back.
"""

from __future__ import annotations

import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from realtime.stage import rig
from realtime.stage.hearing import RATE, Peer
from realtime.stage.household import PLAYER, Household, files, memory
from realtime.stage.peer import Score
from realtime.stage.rig import Jack
from realtime.stage.scenario import Figure, Finding
from realtime.stage.waiting import JackWedgedError, end

CYCLES = 1000
BLOCK = 100  # cycles on one server; then it is restarted
AWAY = 0.5  # s at the most
DRY = 0  # the channel of thru
FLAGS = ("--input", "peer:keys", "--output", "peer-ear:input", "--wait")
MUST = 2000.0  # ms to come back in


@dataclass
class Tally:
    """What the cycles came to."""

    back: list[float] = field(default_factory=list[float])  # ms, of a port
    restarted: list[float] = field(default_factory=list[float])  # ms, of all, with the server
    hung: int = 0
    wedged: int = 0
    files: list[int] = field(default_factory=list[int])  # added by each block to the player
    memory: list[float] = field(default_factory=list[float])  # MiB, as well
    clients: int = 0  # the most that glissar had on a server


def measure(share: float) -> Finding:
    """1,000 cycles at a share of 1."""
    tally = Tally()
    with rig.alone(), tempfile.TemporaryDirectory() as name:
        cycle(Path(name), max(1, round(CYCLES * share)), tally)
    return _found(tally)


def lose_keys(peer: Peer, pitch: int, away: float) -> float:
    """A key is held while the keyboard goes. Milliseconds from its coming back to its first note.

    Raises TimeoutError where the key sounds on, or the keyboard is never heard again.
    """
    _hold(peer, pitch)
    peer.plug("keys", there=False)
    time.sleep(away)
    frame = peer.plug("keys", there=True)
    peer.wait_for_silence(DRY)
    return _heard_again(peer, pitch + 1, frame)


def lose_ear(peer: Peer, pitch: int, away: float) -> float:
    """The synthesizer goes while a key is held, which is let go before it is back. Milliseconds
    until it hears so. Raises TimeoutError."""
    _hold(peer, pitch)
    peer.plug("input", there=False)
    peer.begin(Score("keys", ((0, bytes((0x80, pitch, 64))),)))
    time.sleep(away)
    back = _first(peer, bytes((0x80, pitch)), peer.plug("input", there=True))
    peer.wait_for_silence(DRY)
    return back


def cycle(folder: Path, cycles: int, tally: Tally) -> None:
    """One household, on one server after another."""
    house: Household | None = None
    chance = random.Random(0)
    try:
        while len(tally.back) < cycles and not tally.hung:
            with rig.serve(folder) as jack:
                peer = jack.peer()
                left = min(BLOCK, cycles - len(tally.back))
                try:
                    if house:
                        tally.restarted.append(_all_heard_again(peer))
                    house = house or Household.play(folder, *FLAGS)
                    _block(jack, peer, house, left, chance, tally)
                except JackWedgedError:
                    tally.wedged += 1
                end(peer.process)
                if jack.server:
                    end(jack.server)
    finally:
        if house:
            house.end()


def _block(
    jack: Jack, peer: Peer, house: Household, cycles: int, chance: random.Random, tally: Tally
) -> None:
    [player] = house.pids(PLAYER)
    before = files(player), memory(player)
    for number in range(cycles):
        lose, pitch = chance.choice((lose_keys, lose_ear)), chance.randrange(30, 90)
        try:
            tally.back.append(lose(peer, pitch, chance.uniform(0, AWAY)))
        except TimeoutError:
            tally.hung += 1
            return
        if number == 0:  # the first threads have their stacks by then
            before = files(player), memory(player)
    tally.files.append(files(player) - before[0])
    tally.memory.append(memory(player) - before[1])
    tally.clients = max(tally.clients, _clients(jack))


def _hold(peer: Peer, pitch: int) -> None:
    peer.forget()
    peer.begin(Score("keys", ((0, bytes((0x90, pitch, 64))),)))
    peer.wait(lambda: pitch in peer.sounding(DRY), f"key {pitch} is not heard")


def _heard_again(peer: Peer, pitch: int, since: int) -> float:
    """Milliseconds from the frame `since` to when a key is heard that is struck all the time."""
    peer.strike(960, (0, pitch, 480))  # every 20 ms
    first = _first(peer, bytes((0x90, pitch)), since)
    peer.begin(Score("keys", ((0, bytes((0x80, pitch, 64))),)))
    peer.wait_for_silence(DRY)
    return first


def _all_heard_again(peer: Peer) -> float:
    """Milliseconds from when both ports are there, on a new server."""
    peer.plug("keys", there=False)
    return _heard_again(peer, 60, peer.plug("keys", there=True))


def _first(peer: Peer, data: bytes, since: int) -> float:
    """Milliseconds from the frame `since` to the first message that begins so."""

    def found() -> list[int]:
        return [h.frame for h in peer.heard() if h.frame >= since and h.data.startswith(data)]

    peer.wait(found, f"{data.hex()} does not come back")
    return (found()[0] - since) / RATE * 1e3


def _clients(jack: Jack) -> int:
    """How many clients glissar has that have ports."""
    return len({port.partition(":")[0] for port in jack.ports() if port.startswith("glissar")})


def _found(tally: Tally) -> Finding:
    back, restarted = sorted(tally.back) or [float("inf")], sorted(tally.restarted)
    figures = [
        Figure("cycles", len(tally.back), ""),
        Figure("hung notes", tally.hung, "", must=0),
        Figure("a port back, p50", back[len(back) // 2], "ms"),
        Figure("a port back, at most", back[-1], "ms", must=MUST),
        Figure("files left open in a block", max(tally.files, default=0), "", must=0),
        Figure("memory grown in a block", max(tally.memory, default=0), "MiB", must=0.5),
        Figure("JACK clients", tally.clients, "", must=2),
    ]
    if restarted:
        figures += [
            Figure("restarts of the server", len(restarted), ""),
            Figure("all back, p50", restarted[len(restarted) // 2], "ms"),
            Figure("all back, at most", restarted[-1], "ms", must=MUST),
        ]
    notes = [
        f"A block is up to {BLOCK} cycles on one server, with one player; growth is the most of "
        "any. Back is counted from when a port is there again, or all ports on a new server.",
    ]
    if tally.wedged:
        notes.append(f"{tally.wedged} servers wedged themselves, and others took their places.")
    return Finding(figures, {"a port": tally.back, "the server": tally.restarted}, notes=notes)
