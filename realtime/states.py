"""What is told at /glissar/state/…: a row for each, of which addresses, their table and
`glissar top` are made. No numpy here: `top` starts at once.
"""

from __future__ import annotations

from dataclasses import dataclass

ROOT = "/glissar"
STATE = f"{ROOT}/state"


@dataclass(frozen=True, slots=True)
class Gauge:
    """One row. `most` is the mark that it should stay under or at; None: any number is fine."""

    group: str  # under which `glissar top` shows it
    says: str
    most: float | None = None

    @property
    def unit(self) -> str:
        """OSCQuery's name for it; empty for a count."""
        return "time.ms" if self.group == "ms" else ""


# The marks of times are those that glissar is made for; a count of losses should be 0.
STATES = {
    "bar": Gauge("music", "the bar that sounds, from 0"),
    "notes": Gauge("music", "notes in the window heard"),
    "offgrid": Gauge("music", "mean distance of your onsets from the grid, in beats"),
    "folded": Gauge("music", "notes of your window outside the model's range"),
    "recorded": Gauge("music", "seconds recorded so far, where a recording is made"),
    "thru": Gauge("music", "messages passed on"),
    "clocks": Gauge("music", "MIDI clocks followed"),
    "link_peers": Gauge("music", "others in the Ableton Link session"),
    "feedback": Gauge("music", "messages of our own that came back"),
    "cc_echoes": Gauge("music", "values told to a controller that came back as if turned"),
    "latency_ms": Gauge("ms", "from asking the model to its answer planned, in ms", 30),
    "inference_p50": Gauge("ms", "in the model, in ms: the median of the last 1,024 answers"),
    "inference_p99": Gauge("ms", "the same, the 99th percentile", 30),
    "thru_p50": Gauge("ms", "from a message's arrival to its way out, in ms: the median", 0.2),
    "thru_p99": Gauge("ms", "the same, the 99th percentile", 1),
    "jitter_p50": Gauge("ms", "lateness of the last 1,024 sends, in ms: the median", 1),
    "jitter_p99": Gauge("ms", "the same, the 99th percentile", 2),
    "jitter_max": Gauge("ms", "the same, the latest", 5),
    "queue_player": Gauge("waiting", "the most that waited for the player since this was told", 64),
    "queue_engine": Gauge("waiting", "the most that waited for the engine", 256),
    "queue_worker": Gauge("waiting", "the most windows that waited for the model", 8),
    "outbox_player": Gauge("waiting", "the most that waited on the way from the player", 64),
    "outbox_engine": Gauge("waiting", "the most that waited on the way from the engine", 64),
    "real_time": Gauge("music", "1 where the player has real-time priority"),
    "locked": Gauge("music", "1 where the player's memory is locked"),
    "unsent": Gauge("lost", "messages that an output did not take", 0),
    "late": Gauge("lost", "messages sent over 5 ms after their time", 0),
    "failed": Gauge("lost", "windows the model could not answer", 0),
    "dropped": Gauge("lost", "messages between processes and threads that were too many", 0),
    "dropped_plans": Gauge("lost", "plans that were too many", 0),
    "dropped_wakes": Gauge("lost", "wakes that were too many", 0),
    "malformed": Gauge("lost", "MIDI messages that were not whole", 0),
    "stalls": Gauge("lost", "times the MIDI clock fell silent", 0),
    "osc_rejected": Gauge("lost", "OSC datagrams that made no sense", 0),
    "osc_late": Gauge("lost", "OSC bundles dated in the past", 0),
    "osc_dropped": Gauge("lost", "OSC bundles dated ahead that were too many", 0),
    "osc_overflow": Gauge("lost", "OSC datagrams the kernel had no room for (told on Linux)", 0),
    "echoes_lost": Gauge("lost", "echoes that could not be sent to a listener", 0),
    "web_clients": Gauge("music", "panels and tools that are connected"),
    "web_rejected": Gauge("lost", "what was asked of the web server and refused", 0),
    "web_dropped": Gauge("lost", "web clients that did not read what they were told", 0),
    "log_lost": Gauge("lost", "lines that did not get into the log", 0),
    "reconnects": Gauge("back", "times the MIDI ports were gone and came back", 0),
    "stood": Gauge("back", "times the player had stood still for over a quarter of a second", 0),
    "player_restarts": Gauge("back", "times the player died and came back", 0),
    "engine_restarts": Gauge("back", "times the engine died and came back", 0),
}


def is_at(address: str, asked: str) -> bool:
    """Whether an address is the one that is asked for, or lies beneath it."""
    return address == asked or (asked.startswith(ROOT) and address.startswith(f"{asked}/"))


def is_out(name: str, value: float) -> bool:
    """Whether a number at /glissar/state/`name` is over its mark."""
    row = STATES.get(name)
    return row is not None and row.most is not None and value > row.most
