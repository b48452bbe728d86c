"""Inference on its own thread: in order, one at a time, and a failure is an answer too."""

from __future__ import annotations

from pathlib import Path
from queue import Queue

import pytest

from presets import preset
from presets.errors import PresetError
from realtime.events import Decoded, Join, Look, Placed, Request, Work
from realtime.model import Model
from realtime.state import Curve
from realtime.worker import Worker

PATIENCE = 10.0  # seconds; only a failing test waits so long
HOLD = 30
MELODY = (5, *[HOLD] * 5, 9, *[HOLD] * 5, 12, *[HOLD] * 5, 5, *[HOLD] * 5)
OTHER = (12, *[HOLD] * 11, 5, *[HOLD] * 11)
NO_WINDOW = (5, 6, 7)  # a graph of 24 steps cannot run it

Done = tuple[int, Decoded | None, str, Curve | None]


@pytest.fixture(scope="module")
def model(tiny_preset: Path) -> Model:
    return Model(preset.read(tiny_preset))


@pytest.fixture
def done() -> Queue[Done]:
    return Queue()


@pytest.fixture
def worker(model: Model, done: Queue[Done]) -> Worker:
    return Worker(model, lambda *answer: done.put(answer), print)


def test_requests_are_answered_in_order(worker: Worker, done: Queue[Done], model: Model) -> None:
    works = [Work(MELODY, {"contour": ("offset", i / 20)}) for i in range(20)]
    for number, work in enumerate(works):
        worker.ask(Request(number, work))
    answers = [done.get(timeout=PATIENCE) for _ in works]
    assert answers == [(i, model.answer(work), "", None) for i, work in enumerate(works)]


def test_after_a_failure_the_next_request_is_answered(worker: Worker, done: Queue[Done]) -> None:
    worker.ask(Request(1, Work(NO_WINDOW, {})))
    worker.ask(Request(2, Work(MELODY, {})))
    number, decided, sentence, _ = done.get(timeout=PATIENCE)
    assert (number, decided) == (1, None)
    assert sentence.startswith("a window stays as played: ")
    assert done.get(timeout=PATIENCE) == (2, Decoded(MELODY, MELODY), "", None)


def test_a_path_is_found_and_failing_to_is_a_sentence(
    worker: Worker, done: Queue[Done], model: Model
) -> None:
    worker.ask(Request(1, Join(MELODY, OTHER)))
    worker.ask(Request(2, Join(NO_WINDOW, NO_WINDOW)))
    assert done.get(timeout=PATIENCE) == (1, None, "", model.join(Join(MELODY, OTHER)))
    number, decided, sentence, path = done.get(timeout=PATIENCE)
    assert (number, decided, path) == (2, None, None)
    assert sentence.startswith("a morph goes straight: ")


def test_time_in_the_model_is_of_windows_and_not_of_paths(
    worker: Worker, done: Queue[Done]
) -> None:
    assert worker.counts()["inference_p99"] == 0
    worker.ask(Request(1, Join(MELODY, OTHER)))
    done.get(timeout=PATIENCE)
    assert worker.counts()["inference_p99"] == 0
    worker.ask(Request(2, Work(MELODY, {"contour": ("offset", 0.5)})))
    done.get(timeout=PATIENCE)
    counts = worker.counts()
    assert 0 < counts["inference_p50"] <= counts["inference_p99"] < PATIENCE * 1e3
    assert (counts["queue_worker"], counts["dropped"]) == (1, 0)
    assert worker.counts()["queue_worker"] == 0  # since then


def test_the_same_failure_is_an_error_for_who_asks_the_model_itself(model: Model) -> None:
    with pytest.raises(PresetError):
        model.answer(Work(NO_WINDOW, {}))


# --- where a window lies on the map ---------------------------------------------------------------


@pytest.fixture
def said() -> Queue[object]:
    """All that a worker says, in order."""
    return Queue()


@pytest.fixture
def mapper(mapped_preset: Path, said: Queue[object]) -> Worker:
    return Worker(Model(preset.read(mapped_preset)), lambda *answer: said.put(answer), said.put)


def test_where_an_answer_lies_is_told_after_it(mapper: Worker, said: Queue[object]) -> None:
    mapper.ask(Request(1, Work(MELODY, {"contour": ("target", 0.25)})))
    answer, placed = said.get(timeout=PATIENCE), said.get(timeout=PATIENCE)
    assert isinstance(answer, tuple)
    assert isinstance(placed, Placed)
    assert placed.at["contour"][0] == pytest.approx(0.25)


def test_of_a_sweep_the_last_place_is_told(mapper: Worker, said: Queue[object]) -> None:
    for number in range(50):
        mapper.ask(Request(number, Work(MELODY, {}, free={"contour": ("target", number / 49)})))
    answers = places = 0
    placed = None
    while not (isinstance(placed, Placed) and placed.at["contour"][1] == pytest.approx(1)):
        placed = said.get(timeout=PATIENCE)
        answers += isinstance(placed, tuple)
        places += isinstance(placed, Placed)
    assert (answers, 1 <= places <= 50) == (50, True)


def test_a_window_that_nothing_moves_is_placed_and_one_that_cannot_be_is_not(
    mapper: Worker, said: Queue[object], mapped_preset: Path
) -> None:
    mapper.ask(Look(NO_WINDOW))
    mapper.ask(Look(MELODY))
    placed = said.get(timeout=PATIENCE)
    assert isinstance(placed, Placed)
    assert placed.at == Model(preset.read(mapped_preset)).places(MELODY)


def test_without_a_map_nothing_is_placed(model: Model, done: Queue[Done]) -> None:
    assert model.places(MELODY) == {}
    worker = Worker(model, lambda *answer: done.put(answer), pytest.fail)
    worker.ask(Look(MELODY))
    worker.ask(Request(1, Work(MELODY, {})))
    assert done.get(timeout=PATIENCE)[0] == 1
