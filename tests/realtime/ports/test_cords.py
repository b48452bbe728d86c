"""Connections that go with a device and come back with it, on a graph of names alone."""

from __future__ import annotations

from typing import Any, cast

from realtime.ports.cords import LIMIT, Cord, Cords

IN, OUT = "glissar-in:in", "glissar-out:out"


class Graph:
    """As JACK has it: ports, and cords between those that are there."""

    def __init__(self) -> None:
        self.ports = {IN, OUT, "keys:a", "synth:b"}
        self.cords: set[Cord] = set()

    def has(self, *ports: str) -> bool:
        return any(port in self.ports for port in ports)

    def connections(self, port: str) -> list[str]:
        ends = [pair for pair in self.cords if port in pair]
        return [source if sink == port else sink for source, sink in ends]

    def connect(self, source: str, sink: str) -> bool:
        self.cords.add((source, sink))
        return True

    def unplug(self, port: str) -> None:
        self.ports.discard(port)
        self.cords = {cord for cord in self.cords if port not in cord}


def cords_of(graph: Graph) -> Cords:
    return Cords(cast("Any", graph), [IN], [OUT])


def test_a_device_that_comes_back_is_connected_again():
    graph = Graph()
    cords = cords_of(graph)
    graph.cords = {("keys:a", IN), (OUT, "synth:b")}
    assert cords.look() == []
    graph.unplug("keys:a")
    assert cords.look() == [(IN, False)]
    assert cords.look() == []
    graph.unplug("synth:b")
    assert cords.look() == [(OUT, False)]
    assert cords.known == [(OUT, "synth:b"), ("keys:a", IN)]  # it is to come back
    graph.ports |= {"keys:a", "synth:b"}
    assert sorted(cords.look()) == [(IN, True), (OUT, True)]
    assert graph.cords == {("keys:a", IN), (OUT, "synth:b")}


def test_what_somebody_takes_out_stays_out():
    graph = Graph()
    cords = cords_of(graph)
    graph.cords = {("keys:a", IN)}
    cords.look()
    graph.cords.clear()
    assert cords.look() == [(IN, False)]
    assert cords.look() == []
    assert graph.cords == set()
    assert cords.known == []


def test_the_next_player_waits_for_the_connections_of_the_last():
    graph = Graph()
    graph.unplug("keys:a")
    cords = cords_of(graph)
    cords.restore([("keys:a", IN), (OUT, "synth:b"), ("other:x", "other:y")])
    assert graph.cords == {(OUT, "synth:b")}
    graph.ports.add("keys:a")
    assert cords.look() == [(IN, True)]
    assert cords.known == [(OUT, "synth:b"), ("keys:a", IN)]


def test_names_that_never_come_back_are_forgotten_in_the_end():
    graph = Graph()
    cords = cords_of(graph)
    graph.cords.add((OUT, "synth:b"))
    for number in range(LIMIT + 10):
        name = f"pd-{number}:out"
        graph.ports.add(name)
        graph.connect(name, IN)
        cords.look()
        graph.unplug(name)
        cords.look()
    assert len(cords.known) == LIMIT
    assert (OUT, "synth:b") in cords.known
