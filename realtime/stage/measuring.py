"""Runs scenarios one after another, each on a server of its own."""

from __future__ import annotations

from importlib import import_module

from realtime.stage.scenario import Finding, Scenario
from realtime.stage.waiting import JackWedgedError

TAKES = 3  # of a scenario whose server has wedged itself


def measure(scenario: Scenario, share: float) -> Finding:
    """What it finds; without figures where it could not be measured. Raises GlissarError."""
    module = import_module(f"realtime.stage.{scenario.module}")
    notes: list[str] = []
    for take in range(TAKES):
        try:
            finding: Finding = module.measure(share)
        except JackWedgedError:
            notes.append(f"The JACK server of take {take + 1} wedged itself: it shows nothing.")
            continue
        except TimeoutError as error:
            return Finding((), notes=[*notes, f"Not measured: {error}."])
        return Finding(finding.figures, finding.samples, finding.unit, [*finding.notes, *notes])
    return Finding((), notes=[*notes, "Not measured: try again on a machine with less to do."])
