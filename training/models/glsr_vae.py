"""GLSR-VAE's network (Hadjeres, Nielsen & Pachet 2017, §3.1 and Appendix A).

Shapes: B batch, T steps, Z latent, V vocabulary, H hidden, L layers, E embedding.
z enters the decoder at its first step and never again; no token is fed back, so that the tokens of
a window are independent given z (eq. 9) and a window costs one pass.
Two things the paper leaves open: tokens enter the encoder through a learnt embedding, and q(z|x) is
read off the last state of its upper layer.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from msgspec import Struct
from torch import Tensor, nn

from training.models import glsr
from training.models.latent_model import LatentModel

REMEMBER = 3.0  # added to the forget gates' first biases: 95 % of a state is kept


class GlsrVAEConfig(Struct, frozen=True, forbid_unknown_fields=True):
    vocabulary: int = 54  # V, of which hold and rest are no notes
    hold: int = 52
    rest: int = 53
    steps: int = 32  # T
    z: int = 12
    embedding: int = 64
    hidden: int = 512
    layers: int = 2
    dropout: float = 0.2  # between the layers of both LSTMs; the paper gives no number


class GlsrPass(NamedTuple):
    """A training pass, and how steeply the expected notes rise along z_1."""

    logits: Tensor  # [B, T, V]
    z: Tensor  # [B, Z], sampled
    mu: Tensor  # [B, Z]
    log_sigma: Tensor  # [B, Z]
    slope: Tensor  # [R], ∂G/∂z_1 of the first R rows, with its graph


class GlsrVAE(LatentModel):
    config: GlsrVAEConfig

    def __init__(self, config: GlsrVAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    def expect(self, tokens: Tensor) -> None:
        """Begin with the tokens' frequencies in windows [N, T] as what is likely at every step.

        Otherwise the first steps, while β is 0, learn these through z: μ runs off to one point far
        out, the encoder saturates, and z tells nothing of the window ever after.
        """
        counts = torch.bincount(tokens.flatten(), minlength=self.config.vocabulary) + 1
        with torch.no_grad():
            self.decoder.out.bias.copy_((counts / counts.sum()).log())
            self.decoder.out.weight.mul_(0.1)

    @property
    def noise_shape(self) -> tuple[int, int]:
        return self.config.steps, self.config.vocabulary

    def encode(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        return self.encoder(tokens)

    def decode(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        return self.decoder(z, noise)

    def expected(self, logits: Tensor) -> Tensor:
        """G(z) [B]: the number of notes to be expected from logits [B, T, V]."""
        return glsr.expected_notes(logits, (self.config.hold, self.config.rest))

    def forward(self, tokens: Tensor, steered: int) -> GlsrPass:
        """The training pass. `steered`: of how many rows, from the first, the slope is asked."""
        mu, log_sigma = self.encode(tokens)
        z = mu + log_sigma.exp() * torch.randn_like(mu)
        if not steered:
            return GlsrPass(self.decoder.logits(z), z, mu, log_sigma, z.new_zeros(0))
        head, tail = z[:steered], z[steered:]
        with glsr.twice_differentiable(z.device):
            logits = self.decoder.logits(head)
        slope = glsr.slope(self.expected(logits), head)
        if len(tail):
            logits = torch.cat([logits, self.decoder.logits(tail)])
        return GlsrPass(logits, z, mu, log_sigma, slope)


class Encoder(nn.Module):
    """Layers of LSTM; the last state of the upper one gives q(z|x)."""

    def __init__(self, c: GlsrVAEConfig) -> None:
        super().__init__()
        self.embed = nn.Embedding(c.vocabulary, c.embedding)
        self.rnn = _lstm(c.embedding, c)
        self.mu = nn.Linear(c.hidden, c.z)
        self.log_sigma = nn.Linear(c.hidden, c.z)
        with torch.no_grad():  # a first z that can be told from noise
            self.log_sigma.bias.fill_(-2.0)
            self.log_sigma.weight.mul_(0.1)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        _, (last, _) = self.rnn(self.embed(tokens))  # [L, B, H]
        return self.mu(last[-1]), self.log_sigma(last[-1])


class Decoder(nn.Module):
    def __init__(self, c: GlsrVAEConfig) -> None:
        super().__init__()
        self.steps = c.steps
        self.rnn = _lstm(c.z + 1, c)
        self.out = nn.Linear(c.hidden, c.vocabulary)

    def forward(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """z [B, Z], noise [B, T, V] → tokens [B, T], logits [B, T, V]."""
        logits = self.logits(z)
        return (logits + noise).argmax(-1), logits

    def logits(self, z: Tensor) -> Tensor:
        return self.read(self.inputs(z))

    def inputs(self, z: Tensor) -> Tensor:
        """(m_i·z, m_i) with m = (1, 0, …, 0), [B, T, Z + 1]: the mask tells z = 0 from no z."""
        first = torch.cat([z, torch.ones_like(z[:, :1])], 1)[:, None]
        return torch.cat([first, torch.zeros_like(first).expand(-1, self.steps - 1, -1)], 1)

    def read(self, inputs: Tensor) -> Tensor:
        """Inputs [B, T, Z + 1] → logits [B, T, V]."""
        return self.out(self.rnn(inputs)[0])


def _lstm(inputs: int, c: GlsrVAEConfig) -> nn.LSTM:
    between = c.dropout if c.layers > 1 else 0.0
    rnn = nn.LSTM(inputs, c.hidden, c.layers, batch_first=True, dropout=between)
    with torch.no_grad():  # remember at first: z comes once and is needed T steps later
        for layer in range(c.layers):
            rnn.get_parameter(f"bias_ih_l{layer}")[c.hidden : 2 * c.hidden] += REMEMBER
    return rnn
