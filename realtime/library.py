"""What an engine has at hand beside what it plays: presets that are loaded, snapshots kept."""

from __future__ import annotations

from collections.abc import Iterator

from presets.errors import GlissarError
from presets.folders import known
from realtime.events import Action, Answer, Fetch, Offer, Recalled, Trouble
from realtime.loader import Loaded, Loader
from realtime.models import Models
from realtime.session import Session
from realtime.snapshots import Shelf
from realtime.surfaces import Surfaces


class Library:
    """It belongs to the engine's thread, and reads no clock. What it yields is to be done at once,
    and all of it: surfaces are told in between how it went."""

    def __init__(
        self, models: Models, loader: Loader, shelf: Shelf, session: Session, surfaces: Surfaces
    ) -> None:
        self._models, self._loader, self._shelf = models, loader, shelf
        self._session, self._surfaces = session, surfaces

    def begin(self) -> None:
        """Say what there is."""
        self._surfaces.tell("preset/state", "idle")
        self._surfaces.tell("preset/entries", *known())
        self._surfaces.tell("snapshot/entries", *self._shelf.names)

    def close(self) -> None:
        self._shelf.close()

    # --- presets ----------------------------------------------------------------------------------

    def load(self, name: str) -> None:
        self._surfaces.tell("preset/state", "loading")
        self._loader.ask(name)

    def take_up(self, loaded: Loaded, tick: int) -> Iterator[Action | Offer]:
        """Another preset is ready, or it is not and the old one plays on."""
        self._surfaces.tell("preset/entries", *known())  # some came or went meanwhile
        if loaded.model is None:
            self._surfaces.tell("preset/state", "failed")
            yield Trouble("preset", loaded.sentence)
        else:
            self._surfaces.tell("preset/state", "ready")
            yield from self._offer(loaded, tick)

    def judge(self, answer: Answer) -> Iterator[Action | Offer]:
        """A preset whose very first answer fails makes room for the one before it."""
        if before := self._models.judge(answer):
            yield from self._offer(before, answer.tick)
            self._surfaces.tell("preset/state", "failed")

    def _offer(self, loaded: Loaded, tick: int) -> Iterator[Action | Offer]:
        assert loaded.model
        preset = loaded.model.preset
        self._models.offer(loaded)
        yield from self._session.offer(preset.manifest, loaded.name)
        yield Offer(tick, loaded.name, preset.sha256)

    # --- snapshots --------------------------------------------------------------------------------

    def store(self, name: str) -> Iterator[Trouble]:
        """All that is set."""
        try:
            self._shelf.save(name, self._session.state)
        except GlissarError as error:
            yield Trouble("snapshot", str(error))
        else:
            self._surfaces.tell("snapshot/entries", *self._shelf.names)

    def fetch(self, wish: Fetch, tick: int, time: float) -> Iterator[Recalled | Trouble]:
        try:
            yield Recalled(tick, self._shelf.fetch(wish), wish.bars, time)
        except GlissarError as error:
            yield Trouble("snapshot", str(error))
