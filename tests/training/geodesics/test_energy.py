from __future__ import annotations

import pytest
import torch
from torch import Tensor

from training.geodesics.curve import Ends, line
from training.geodesics.energy import anew, energy, metric, squared
from training.geodesics.moons import Trained

PATH = torch.tensor([[[0.0], [1.0], [3.0]]])  # one path of two steps along one dimension


def gaussian(z: Tensor) -> Tensor:
    """μ = (z, 2 z), σ = (1 + z, 0)."""
    return torch.cat([z, 2 * z, 1 + z, 0 * z], 1)


def two_words(z: Tensor) -> Tensor:
    """How likely each of two words is: the first at 0, the second at 1."""
    return torch.cat([1 - z, z], 1)


def test_both_readings_by_hand() -> None:
    """Δμ is (1, 2) and (2, 4), so 5 + 20; Δσ is 1 and 2, so 1 + 4; σ² is 1, 4 and 16."""
    assert energy(gaussian, squared)(PATH).tolist() == [(25 + 5) / 2]
    assert energy(gaussian, anew)(PATH).tolist() == [(25 + (1 + 4) + (4 + 16)) / 2]


def test_each_path_of_a_batch_is_its_own() -> None:
    paths = torch.randn(5, 9, 1)
    for cost in (squared, anew):
        of = energy(gaussian, cost)
        alone = torch.cat([of(path[None]) for path in paths])
        torch.testing.assert_close(of(paths), alone)


def test_any_decoder_can_be_embedded() -> None:
    """From one word to the other for sure: |2√p − 2√q|² = 8, and two draws are apart as 2 (1 − p·q)
    = 2 says."""
    path = torch.tensor([[[0.0], [1.0]]])
    assert energy(lambda z: 2 * two_words(z).sqrt(), squared)(path).tolist() == [4]

    def apart(p: Tensor, q: Tensor) -> Tensor:
        return 2 * (1 - (p * q).sum(-1))

    assert energy(two_words, apart)(path).tolist() == [1]


@pytest.mark.parametrize("steps", [8, 32])
def test_n_matters_to_noise_that_is_drawn_anew(steps: int) -> None:
    """A flat embedding and a constant σ: ½ 2²/N of the one, σ² N besides of the other."""
    paths = line(Ends(torch.zeros(1, 1), torch.full((1, 1), 2.0)), steps)

    def flat(z: Tensor) -> Tensor:
        return torch.cat([z, torch.full_like(z, 0.5)], 1)

    assert energy(flat, squared)(paths).item() == pytest.approx(2 / steps)
    assert energy(flat, anew)(paths).item() == pytest.approx(2 / steps + 0.25 * steps)


def test_the_metric_by_hand() -> None:
    """Jμ is (1, 2) and Jσ (1, 0): 1 + 4 + 1."""
    assert metric(gaussian, torch.randn(3, 1)).flatten().tolist() == pytest.approx([6, 6, 6])
    matrix = torch.randn(4, 2)
    found = metric(lambda z: z @ matrix.T, torch.randn(5, 2))
    torch.testing.assert_close(found, (matrix.T @ matrix).expand(5, 2, 2))


def test_many_short_steps_come_to_the_energy_under_the_metric(trained: Trained) -> None:
    """½ ∫ ċᵀ M ċ dt along a line (eq. 3) is N times the sum."""
    ends = Ends(trained.encodings[:1], trained.encodings[1:2])
    paths, speed = line(ends, 512), (ends.stop - ends.start)[0]
    middles = (paths[0, 1:] + paths[0, :-1]) / 2
    integral = (speed @ metric(trained.decoder, middles) @ speed).mean() / 2
    found = 512 * energy(trained.decoder, squared)(paths)[0]
    torch.testing.assert_close(found, integral, rtol=1e-3, atol=0)
