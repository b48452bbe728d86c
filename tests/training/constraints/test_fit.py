"""A toy space of two dimensions: z_0 says how many of eight steps are struck, z_1 which pitch."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from msgspec import structs
from torch import Tensor

from presets.bar import Meter
from presets.encoding import Encoding, Grid, Tokens, Vocabulary
from presets.rules import AtLeast, Scale
from training.constraints.fit import Fit, Fitting, pair
from training.constraints.space import Space
from training.constraints.tasks import Act, Labels, Lesson, Realism, Rules, Task
from training.models.latent_constraints import Net

GRID = Grid((Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)), meter=Meter(2, 4))
WORDS = Vocabulary.midi(60, 71)
NET = Net(width=32, layers=2)
QUICK = Fit(NET, first=0, steps=60, critic_steps=3, batch=64, lr=3e-3, nearness=0.02)


def decode(z: Tensor) -> Tokens:
    notes = (4 + 2 * z[:, :1]).round().clamp(0, 8)
    pitch = (6 + 3 * z[:, 1:]).round().clamp(0, 11)
    return torch.where(torch.arange(8) < notes, pitch, WORDS.hold).long().numpy()


def space(*, encoded: bool = False) -> Space:
    mu = np.random.default_rng(0).standard_normal((200, 2)).astype(np.float32) * 0.3 + [2, -2]
    mu, scale = mu.astype(np.float32), np.full((200, 2), 0.1, np.float32)
    known = (decode(torch.from_numpy(mu)), (mu, scale)) if encoded else ()
    return Space(Encoding(GRID, WORDS), decode, torch.tensor([0.5, 0.5]), *known)


def labelled() -> Labels:
    """Of windows with few notes and with many: eight are asked for of one in so many."""
    mu = np.random.default_rng(0).standard_normal((400, 2)).astype(np.float32)
    mu[:, 1] = -2
    known = decode(torch.from_numpy(mu)), (mu, np.full((400, 2), 0.05, np.float32))
    toy = replace(space(), windows=known[0], posterior=known[1])
    return Labels(toy, (AtLeast((5, 7)),), np.random.default_rng(0))


def fitted(task: Task, fit: Fit = QUICK) -> Fitting:
    torch.manual_seed(0)
    fitting = Fitting(pair(fit.net, 2, task.conditions, task.judges), task, fit)
    for _ in fitting.steps():
        pass
    return fitting


def test_a_lesson_says_what_is_true_of_its_points() -> None:
    rules = Rules(space(), (AtLeast((6,)), Scale()), np.random.default_rng(0))
    points, y, truth, others = rules.lesson(lambda z, _: z + 1, 40, prior=False)
    assert y.shape == (40, 1 + 16)
    torch.testing.assert_close(points, others + 1)
    assert torch.equal(truth, rules.scores(points, y))
    notes = torch.tensor((decode(points) < WORDS.hold).sum(1))
    wants = y[:, 0] > 0
    assert torch.equal(truth[wants, 0], (notes[wants] / 6).clamp(max=1).float())
    assert (truth[~wants, 0] == 1).all()


def test_a_rule_is_learnt_and_an_actor_follows_it() -> None:
    rules = Rules(space(), (AtLeast((7,)),), np.random.default_rng(0))
    fitting = fitted(rules)
    z = torch.randn(500, 2)
    dense = torch.ones(500, 1)
    with torch.no_grad():
        moved = fitting.pair.actor(z, dense)
    before, after = (rules.scores(points, dense).mean().item() for points in (z, moved))
    assert before < 0.7
    assert after > 0.95


def test_the_critic_knows_what_holds_where() -> None:
    rules = Rules(space(), (AtLeast((7,)),), np.random.default_rng(0))
    critic = fitted(rules).pair.critic
    z = torch.tensor([[-1.5, 0.0], [1.5, 0.0]])
    with torch.no_grad():
        poor, rich = critic(z, torch.ones(2, 1)).sigmoid().flatten().tolist()
    assert poor < 0.5 < 0.8 < rich


def test_realism_knows_encodings_from_the_prior() -> None:
    task = Realism(space(encoded=True))
    critic = fitted(task).pair.critic
    with torch.no_grad():
        real, prior = critic(task.space.encoded(300)), critic(torch.randn(300, 2))
    assert (real > prior.T).float().mean() > 0.95  # the area under its curve


def test_labels_are_what_a_window_does_itself_and_nothing_else_is_real() -> None:
    torch.manual_seed(0)
    task = labelled()
    points, y, truth, others = task.lesson(lambda z, _: z + 9, 60, prior=False)
    assert y.shape == (120, 2)
    assert torch.equal(y[:60], y[60:])
    assert torch.equal(others, points.roll(60, 0))
    assert (points[60:] > 3).all()
    assert not truth[60:].any()
    windows = decode(points[:60])  # of draws so near to the encoding that they sound as it does
    assert (truth[:60] == (task.judged(windows, y[:60]) >= 1)).float().mean() > 0.9
    assert 0.3 < truth[:60].mean() < 1


def test_a_labelled_critic_knows_where_windows_are_that_do_what_is_asked() -> None:
    task = labelled()
    critic, (z, tokens) = fitted(task).pair.critic, task.space.known(300)
    dense, asked = (tokens < WORDS.hold).sum(1) >= 7, torch.tensor([[0.0, 1.0]])
    with torch.no_grad():
        said = critic(z, asked.repeat(300, 1))[:, 0]
        prior = critic(torch.randn(300, 2), asked.repeat(300, 1))[:, 0]
    assert said[dense].median() > prior.quantile(0.8)
    assert said[dense].min() > said[~dense].median()


def test_nearness_holds_an_actor_back() -> None:
    def moves(nearness: float) -> float:
        rules = Rules(space(), (AtLeast((7,)),), np.random.default_rng(0))
        fit = structs.replace(QUICK, steps=40, nearness=nearness)
        actor, z = fitted(rules, fit).pair.actor, torch.randn(300, 2)
        with torch.no_grad():
            return ((actor(z, torch.ones(300, 1)) - z) ** 2).mean().item()

    assert moves(0.5) < 0.5 * moves(0.0)


def test_every_tenth_lesson_shows_the_prior_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    rules, seen = Rules(space(), (AtLeast((7,)),), np.random.default_rng(0)), list[bool]()
    lesson = Rules.lesson

    def noted(self: Rules, act: Act, count: int, *, prior: bool) -> Lesson:
        seen.append(prior)
        return lesson(self, act, count, prior=prior)

    monkeypatch.setattr(Rules, "lesson", noted)
    fit = Fit(NET, first=4, steps=2, critic_steps=5, batch=4)
    fitting = Fitting(pair(NET, 2, rules.conditions, rules.judges), rules, fit)
    assert [step.step for step in fitting.steps()] == [1, 2]
    assert seen == [True, *[False] * 9] * 3


def test_a_remembered_point_is_not_decoded_again() -> None:
    decoded = list[int]()

    def noted(z: Tensor) -> Tokens:
        decoded.append(len(z))
        return decode(z)

    toy = replace(space(), decode=noted)
    rules = Rules(toy, (AtLeast((7,)),), np.random.default_rng(0), remembered=100)
    for _ in range(3):
        points, y, truth, _ = rules.lesson(lambda z, _: z + 1, 32, prior=False)
        assert torch.equal(truth, Rules(space(), rules.rules, rules.draw).scores(points, y))
    assert decoded == [100, 2, 2, 2]
