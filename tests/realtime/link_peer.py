"""A program in a Link session, which says fifty times a second where the session is.

    python link_peer.py peer|glissar BPM

`peer` knows aalink alone, `glissar` joins as the player does. Lines of stdin, as `tempo 133`,
`playing 1` and `leave`, are asked of the session.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from typing import Any

import aalink

from realtime.events import Trouble
from realtime.linked import Beat, JoinSession, LeaveSession, SetPlaying, SetSessionTempo
from realtime.ports.link import LinkPort


def say(beat: Beat) -> None:
    line = [beat.time, beat.beat, beat.bpm, int(beat.playing), beat.peers]
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()


async def make(bpm: float) -> Any:
    return aalink.Link(bpm)


def peer(bpm: float) -> None:
    link = asyncio.run(make(bpm))
    link.quantum, link.start_stop_sync_enabled, link.enabled = 4, True, True
    threading.Thread(target=obey, args=(link,), daemon=True).start()
    while link.enabled:
        say(Beat(time.monotonic(), link.beat, link.tempo, link.playing, link.num_peers))
        time.sleep(0.02)


def obey(link: Any) -> None:
    for order, number in orders():
        match order:
            case "tempo":
                link.tempo = number
            case "playing":
                link.playing = bool(number)
            case _:
                break
    link.enabled = False


def glissar(bpm: float) -> None:
    def fail(trouble: Trouble) -> None:
        sys.exit(trouble.sentence)

    port = LinkPort(say, fail)
    port.say(JoinSession(bpm, 4))
    for order, number in orders():
        match order:
            case "tempo":
                port.say(SetSessionTempo(number))
            case "playing":
                port.say(SetPlaying(bool(number)))
            case _:
                port.say(LeaveSession())


def orders() -> Any:
    for line in sys.stdin:
        order, *number = line.split()
        yield order, float(*number)


if __name__ == "__main__":
    {"peer": peer, "glissar": glissar}[sys.argv[1]](float(sys.argv[2]))
    os._exit(0)  # as the player does: threads of the library may be there still
