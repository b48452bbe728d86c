"""Keys passed on: in the player's process, and at the port beside a bare echo of the same keys."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Sequence

from realtime.settings import MidiSettings, Settings
from realtime.stage import echo
from realtime.stage.hearing import PERIOD, RATE, Heard, Peer
from realtime.stage.house import IN, OUT, House
from realtime.stage.peer import Score
from realtime.stage.rig import Jack, stage
from realtime.stage.scenario import Figure, Finding, percentile
from realtime.stage.stamped import Stamps

NOTES = 3000
STRUCK, PASSED, ECHOED = 0, 2, 3  # channels, 0 to 15
GAP, LENGTH = (60, 140), (20, 50)  # ms from one key to the next, and until it is let go
SETTINGS = Settings(midi=MidiSettings(thru_channel=PASSED + 1, answer_channel=2))


def measure(share: float) -> Finding:
    """Both hear every key, at once; the song rolls, and the keys are answered too."""
    with stage() as jack:
        house = House(jack, SETTINGS)
        peer = _beside(jack)
        score, seconds = _keys(max(20, round(NOTES * share)))
        peer.play(score)
        time.sleep(seconds)
        stamps = house.leave()
        struck, passed, echoed = (peer.notes(each) for each in (STRUCK, PASSED, ECHOED))
    return _finding(_inside(stamps), struck, passed, echoed)


def _beside(jack: Jack) -> Peer:
    """The echo, and the peer that plays to both and hears both, and itself."""
    jack.python("-m", "realtime.stage.echo", str(ECHOED), stdin=subprocess.PIPE)
    jack.wait_for(echo.IN, echo.OUT)
    peer = jack.peer()
    for ear in (IN, echo.IN, peer.port):
        peer.connect(peer.keys, ear)
    for voice in (OUT, echo.OUT):
        peer.connect(voice, peer.port)
    return peer


def _keys(count: int) -> tuple[Score, float]:
    """Notes at irregular frames, none over the next, and the seconds that they take."""
    chance = random.Random(0)
    events: list[tuple[int, bytes]] = []
    frame = RATE // 2
    for number in range(count):
        pitch = 48 + number * 7 % 36
        end = frame + round(chance.uniform(*LENGTH) * RATE / 1e3)
        events += [(frame, bytes((0x90, pitch, 64))), (end, bytes((0x80, pitch, 64)))]
        frame += round(chance.uniform(*GAP) * RATE / 1e3)
    return Score("keys", tuple(events)), frame / RATE + 1


def _inside(stamps: Stamps) -> list[float]:
    """Milliseconds from the callback to the call of send; a key that is not passed on is missing,
    and makes the next one wait."""
    came = [c for c in stamps.came if c.data[0] & 0xE0 == 0x80]
    sent = [s for s in stamps.sent if s.data[0] & 0xEF == 0x80 | PASSED]
    return [(s.time - c.time) * 1e3 for c, s in zip(came, sent, strict=False)]


def _late(struck: Sequence[Heard], heard: Sequence[Heard]) -> list[float]:
    """Milliseconds at the port."""
    return [(h.frame - s.frame) / RATE * 1e3 for s, h in zip(struck, heard, strict=False)]


def _finding(
    inside: Sequence[float],
    struck: Sequence[Heard],
    passed: Sequence[Heard],
    echoed: Sequence[Heard],
) -> Finding:
    ours, bare = _late(struck, passed), _late(struck, echoed)
    figures = [
        Figure("callback to send, p50", percentile(inside, 50), "ms", 0.2),
        Figure("callback to send, p99", percentile(inside, 99), "ms", 1.0),
    ]
    for p, must in ((50, 1.1), (99, 1.5)):
        glissar, other = percentile(ours, p), percentile(bare, p)
        figures += [
            Figure(f"at the port, p{p}", glissar, "ms"),
            Figure(f"the bare echo, p{p}", other, "ms"),
            Figure(f"at the port over the bare echo, p{p}", glissar / other, "×", must),
        ]
    lost = len(struck) - min(len(passed), len(echoed))
    figures.append(Figure("messages that did not come back", lost, "", 0))
    note = (
        f"{len(struck)} messages, at irregular frames, to both at once. What comes in a period "
        f"({PERIOD / RATE * 1e3:.2f} ms) goes out at the beginning of the next, at the earliest."
    )
    samples = {
        "glissar, at the port": ours,
        "the bare echo, at the port": bare,
        "glissar, callback to send": list(inside),
    }
    return Finding(figures, samples, notes=[note])
