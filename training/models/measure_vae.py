"""MeasureVAE (Pati, Lerch & Hadjeres 2019; AR-VAE's Appendix B and Table 1): one bar, beat by beat.

Shapes: B batch, T = beats · steps, Z latent, V vocabulary, H hidden, L layers, E embedding.
One thing differs from the published sizes: the logits pass through no ReLU, which would leave most
of them at zero without a gradient and put a floor under every probability.
"""

from __future__ import annotations

import torch
from msgspec import Struct
from torch import Tensor, nn
from torch.nn import functional as F

from training.models.latent_model import LatentModel, Pass


class MeasureVAEConfig(Struct, frozen=True, forbid_unknown_fields=True):
    vocabulary: int = 32  # V
    beats: int = 4
    steps: int = 6  # of a beat
    z: int = 32
    embedding: int = 10
    hidden: int = 128
    layers: int = 2
    mlp: int = 256
    dropout: float = 0.5  # between the layers of every GRU


class MeasureVAE(LatentModel):
    config: MeasureVAEConfig

    def __init__(self, config: MeasureVAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        for name, parameter in self.named_parameters():
            if "weight" in name:
                nn.init.xavier_normal_(parameter)

    @property
    def noise_shape(self) -> tuple[int, int]:
        return self.config.beats * self.config.steps, self.config.vocabulary

    def encode(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        return self.encoder(tokens)

    def decode(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """As every model; every token is fed back. The loop unrolls: T is fixed."""
        return self.decoder(z, noise)

    def forward(self, tokens: Tensor, forced: bool = True) -> Pass:
        """The training pass. `forced`: the true tokens are fed back, else the model's own."""
        mu, log_sigma = (each.float() for each in self.encode(tokens))  # under bf16, z stays fine
        z = mu + log_sigma.exp() * torch.randn_like(mu)
        return Pass(self.decoder.teach(z, tokens if forced else None), z, mu, log_sigma)


class Encoder(nn.Module):
    """Two layers of bidirectional GRU; the last states of all four, L·2·H numbers, give q(z|x)."""

    def __init__(self, c: MeasureVAEConfig) -> None:
        super().__init__()
        self.embed = nn.Embedding(c.vocabulary, c.embedding)
        self.rnn = nn.GRU(
            c.embedding,
            c.hidden,
            c.layers,
            bidirectional=True,
            batch_first=True,
            dropout=c.dropout if c.layers > 1 else 0.0,
        )
        states = 2 * c.layers * c.hidden
        self.mu = nn.Sequential(nn.Linear(states, c.mlp), nn.SELU(), nn.Linear(c.mlp, c.z))
        self.log_sigma = nn.Sequential(nn.Linear(states, c.mlp), nn.SELU(), nn.Linear(c.mlp, c.z))

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        _, last = self.rnn(self.embed(tokens))  # [2L, B, H]
        states = last.transpose(0, 1).flatten(1)
        return self.mu(states), self.log_sigma(states)


class Decoder(nn.Module):
    """z starts a GRU over beats; each beat starts a GRU over its steps, which hears every token."""

    def __init__(self, c: MeasureVAEConfig) -> None:
        super().__init__()
        self.config = c
        self.embed = nn.Embedding(c.vocabulary, c.embedding)
        self.first = nn.Parameter(torch.zeros(c.embedding))  # what is heard before the first token
        self.pulse = nn.Parameter(torch.zeros(1))  # the beat GRU's constant input
        self.start = nn.Linear(c.z, c.layers * c.hidden)
        self.beat_rnn = Gru(1, c.hidden, c.layers, c.dropout)
        self.beat_start = nn.Linear(c.hidden, c.layers * c.hidden)
        self.beat_embed = nn.Linear(c.hidden, c.hidden)
        self.step_rnn = Gru(c.embedding + c.hidden, c.hidden, c.layers, c.dropout)
        self.out = nn.Linear(c.hidden, c.vocabulary)

    def forward(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Free-running: z [B, Z], noise [B, T, V] → tokens [B, T], logits [B, T, V]."""
        starts, beats = self._beats(z)
        heard = self.first.expand(z.shape[0], -1)
        tokens: list[Tensor] = []
        logits: list[Tensor] = []
        for t in range(self.config.beats * self.config.steps):
            beat = t // self.config.steps
            if t % self.config.steps == 0:
                state = list(starts[:, :, beat].unbind(0))
            state = self.step_rnn.step(torch.cat([heard, beats[:, beat]], 1), state)
            logits.append(self.out(state[-1]))
            tokens.append((logits[-1] + noise[:, t]).argmax(1))
            heard = self.embed(tokens[-1])
        return torch.stack(tokens, 1), torch.stack(logits, 1)

    def teach(self, z: Tensor, given: Tensor | None) -> Tensor:
        """Logits [B, T, V] with tokens fed back: those `given`, or the model's own choices.

        No gradient flows through a choice, so the model's own tokens are found first and then
        heard like given ones: all beats run side by side either way.
        """
        tokens = self._choices(z) if given is None else given
        size, steps = z.shape[0], self.config.steps
        starts, beats = self._beats(z)  # [L, B, beats, H], [B, beats, H]
        first = self.first.expand(size, 1, -1)
        heard = torch.cat([first, self.embed(tokens[:, :-1])], 1)  # [B, T, E]
        inputs = torch.cat([heard, beats.repeat_interleave(steps, 1)], 2)
        hidden, _ = self.step_rnn(
            inputs.view(size * self.config.beats, steps, -1), starts.flatten(1, 2).contiguous()
        )
        return self.out(hidden).view(size, -1, self.config.vocabulary)

    @torch.no_grad()
    def _choices(self, z: Tensor) -> Tensor:
        tokens, _ = self(z, z.new_zeros(1, self.config.beats * self.config.steps, 1))
        return tokens

    def _beats(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """The step GRU's first states [L, B, beats, H] and the beats' embeddings [B, beats, H]."""
        state = list(F.selu(self.start(z)).chunk(self.config.layers, 1))
        pulse, found = self.pulse.expand(z.shape[0], 1), []
        for _ in range(self.config.beats):
            state = self.beat_rnn.step(pulse, state)
            found.append(state[-1])
        beats = torch.stack(found, 1)
        starts = F.selu(self.beat_start(beats)).chunk(self.config.layers, 2)
        return torch.stack(starts), F.selu(self.beat_embed(beats))


class Gru(nn.GRU):
    """A GRU that can also be taken one step at a time, in plain products that export unrolled."""

    def __init__(self, inputs: int, hidden: int, layers: int, dropout: float) -> None:
        between = dropout if layers > 1 else 0.0
        super().__init__(inputs, hidden, layers, batch_first=True, dropout=between)

    def step(self, x: Tensor, state: list[Tensor]) -> list[Tensor]:
        """x [B, inputs], state L × [B, H] → the new state; the last layer's is the output."""
        after: list[Tensor] = []
        for layer, h in enumerate(state):
            if layer:
                x = F.dropout(x, self.dropout, self.training)
            names = (
                f"{kind}_l{layer}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            w_i, w_h, b_i, b_h = (getattr(self, name) for name in names)
            reset_x, update_x, new_x = F.linear(x, w_i, b_i).chunk(3, 1)
            reset_h, update_h, new_h = F.linear(h, w_h, b_h).chunk(3, 1)
            new = torch.tanh(new_x + torch.sigmoid(reset_x + reset_h) * new_h)
            update = torch.sigmoid(update_x + update_h)
            x = new + update * (h - new)
            after.append(x)
        return after
