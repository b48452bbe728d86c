"""Who is connected to our virtual ports, where JACK tells, and who was when it was unplugged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from realtime.ports.jack import Graph
from realtime.ports.systems import quiet

LIMIT = 64  # connections that are remembered while their other ends are away

Cord = tuple[str, str]  # (source, destination), by their full names


class Cords:
    """A connection whose other end goes away is made again when that comes back by its name.

    One that somebody takes out, while both ends are there, stays out.
    """

    def __init__(self, graph: Graph, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        self._graph = graph
        self._inputs, self._outputs = inputs, outputs
        self._known: dict[Cord, bool] = {}  # whether it is there

    @property
    def known(self) -> list[Cord]:
        """Those that are there, and those that are to be."""
        return sorted(self._known)

    def restore(self, cords: Iterable[Cord]) -> None:
        """Connect what is not connected, now or whenever its other end comes."""
        own = {*self._inputs, *self._outputs}
        self._known |= {cord: False for cord in cords if own & {*cord}}
        self.look()

    def look(self) -> list[tuple[str, bool]]:
        """(our port, whether it has a connection again) of each that went or came back."""
        there, changes = self._there(), list[tuple[str, bool]]()
        for cord, was in list(self._known.items()):
            if was and cord not in there:
                changes.append((self._own(cord), False))
                self._gone(cord)
            elif not was and (cord in there or self._connect(cord)):
                changes.append((self._own(cord), True))
                self._known[cord] = True
        for cord in there:
            self._known[cord] = True
        self._forget()
        return changes

    def _there(self) -> list[Cord]:
        ins = [(source, own) for own in self._inputs for source in self._graph.connections(own)]
        outs = [(own, sink) for own in self._outputs for sink in self._graph.connections(own)]
        return ins + outs

    def _gone(self, cord: Cord) -> None:
        if self._graph.has(self._other(cord)):
            del self._known[cord]  # by somebody's hand
        else:
            self._known[cord] = False

    def _connect(self, cord: Cord) -> bool:
        if not self._graph.has(self._other(cord)):
            return False
        with quiet():
            return self._graph.connect(*cord)

    def _own(self, cord: Cord) -> str:
        return cord[1] if cord[1] in self._inputs else cord[0]

    def _other(self, cord: Cord) -> str:
        return cord[0] if cord[1] in self._inputs else cord[1]

    def _forget(self) -> None:
        """Of too many that are away, the one known longest."""
        while len(self._known) > LIMIT:
            away = next((cord for cord, there in self._known.items() if not there), None)
            if away is None:
                return
            del self._known[away]
