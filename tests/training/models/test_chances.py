from __future__ import annotations

import pytest
import torch
from torch import Tensor

from training.models.chances import _bar, _count, chances
from training.models.house import HouseVAE, HouseVAEConfig
from training.models.style import Style

NAMES = ("rhythm", "range", "density", "contour")
WEIGHTS = tuple((torch.arange(8) % 3 + 1.0).tolist())
SMALL = HouseVAEConfig(NAMES, WEIGHTS, 6, 6, 7, z=7, width=16, blocks=1)


@pytest.fixture
def model() -> HouseVAE:
    torch.manual_seed(0)
    model = HouseVAE(SMALL)
    with torch.no_grad():
        model.decoder.times.out.weight.mul_(10)
        model.decoder.line.out.weight.mul_(10)
    return model.eval()


def decoded(model: HouseVAE, z: Tensor) -> Tensor:
    with torch.no_grad():
        return model.decode(z, torch.zeros(1, *model.noise_shape))[0]


def test_of_every_step_they_sum_to_one(model: HouseVAE) -> None:
    found = chances(model, torch.randn(5, 7))
    assert found.shape == (5, 8, 8)
    torch.testing.assert_close(found.sum(2), torch.ones(5, 8))
    assert found.min() >= 0


def test_a_step_is_likelier_struck_than_not_where_the_decoder_strikes_it(model: HouseVAE) -> None:
    """At places of density that stand for a whole number of notes."""
    z = torch.randn(40, 7)
    places = model.reader.style("density").places
    z[:, NAMES.index("density")] = places[torch.arange(40) % 9]
    struck = chances(model, z)[..., :6].sum(2) > 0.5
    assert torch.equal(struck, decoded(model, z) < 6)


def test_they_are_smooth_in_every_dimension(model: HouseVAE) -> None:
    z, weights = torch.randn(3, 7).requires_grad_(), torch.randn(3, 8, 8)

    def of(point: Tensor) -> Tensor:
        return (chances(model, point) * weights).sum((1, 2))

    (slope,) = torch.autograd.grad(of(z).sum(), z)
    assert (slope.abs() > 0).all()
    for step in 1e-2 * torch.eye(7):
        with torch.no_grad():
            rise = (of(z + step) - of(z - step)) / 2e-2
        expected = slope @ (step / 1e-2)
        torch.testing.assert_close(rise, expected, rtol=0.05, atol=0.05)


def test_between_two_places_a_part_of_a_note_is_asked_for() -> None:
    style = Style(0.0, 1.0, 4)  # places −3, −1, 1, 3
    place = torch.tensor([[-5.0], [-3.0], [0.0], [2.0], [9.0]])
    assert _count(style, place)[:, 0].tolist() == [0.0, 0.0, 1.5, 2.5, 3.0]


def test_the_bar_lies_halfway_between_the_last_struck_and_the_next() -> None:
    logits = torch.tensor([[1.0, 5.0, 3.0]]).expand(4, -1)
    bar = _bar(logits, torch.tensor([[0.0], [1.0], [1.5], [3.0]]))
    assert bar[:, 0].tolist() == [7.0, 4.0, 3.0, -1.0]
