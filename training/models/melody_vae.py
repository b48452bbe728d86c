"""The melody VAE of Engel, Hoffman & Roberts 2018 (appendix 9.2.3): sixteen bars from one point.

z starts an LSTM that goes from bar to bar; each bar it gives starts another, which goes from step
to step of that bar and hears the bar and its own last token at every one of them. So a bar knows of
the others by z, and of the one before it by its last token besides.

What the paper leaves open: tokens are heard through a learnt embedding; the LSTM over bars hears
nothing; σ is small at first, so that z can be told from noise, and LSTMs forget little, since
what happened 256 steps ago is to be in z and what is in z is heard for sixteen.

As published the encoder reads all steps in a row, and the LSTM over bars hears z once, before the
first. What is learnt from then has a long way to go; a small net on a small corpus learns ten times
faster by short ones (`reads_bars`, `says`): bars are read side by side, and z speaks to every bar.

Shapes: B batch, K bars, S steps of a bar, T = K · S, Z latent, V vocabulary, E embedding, H hidden,
L layers, D embedding of a bar.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from msgspec import Struct
from torch import Tensor, nn
from torch.nn import functional as F

from training.models.latent_model import LatentModel, Pass

TINY = 1e-8  # added to σ, whose logarithm is asked for
FIRST_SIGMA = -2.0  # softplus⁻¹ of σ at first, .13
REMEMBER = 3.0  # added to the forget gates' first biases: 95 % of a state is kept


class MelodyVAEConfig(Struct, frozen=True, forbid_unknown_fields=True):
    vocabulary: int = 32  # V
    bars: int = 16  # K
    steps: int = 16  # S
    z: int = 512
    embedding: int = 32  # E; with one number a token it can say all that a one-hot vector can
    encoder: int = 2048  # units of its LSTM, each way
    hidden: int = 1024  # H, of both LSTMs of the decoder
    layers: int = 2  # L, likewise
    bar: int = 512  # D
    reads_bars: bool = False  # the encoder reads bars, and then the row of bars
    says: int = 0  # numbers that z says to each bar besides; as published, none
    dropout: float = 0.0  # between the decoder's layers


class State(NamedTuple):
    """What an LSTM remembers."""

    h: Tensor  # [L, N, H]
    c: Tensor  # [L, N, H]


class MelodyVAE(LatentModel):
    config: MelodyVAEConfig

    def __init__(self, config: MelodyVAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = BarEncoder(config) if config.reads_bars else Encoder(config)
        self.decoder = Decoder(config)

    @property
    def noise_shape(self) -> tuple[int, int]:
        return self.config.bars * self.config.steps, self.config.vocabulary

    def encode(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        return self.encoder(tokens)

    def decode(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """As every model; every token is fed back, one step after the other."""
        return self.decoder(z, noise)

    def forward(self, tokens: Tensor) -> Pass:
        """The training pass: each step hears the true token before it."""
        mu, log_sigma = (each.float() for each in self.encode(tokens))  # under bf16, z stays fine
        z = mu + log_sigma.exp() * torch.randn_like(mu)
        return Pass(self.decoder.teach(z, tokens), z, mu, log_sigma)


class Encoder(nn.Module):
    """A bidirectional LSTM; the last outputs of both directions give μ, and σ by softplus."""

    def __init__(self, c: MelodyVAEConfig) -> None:
        super().__init__()
        self.embed = nn.Embedding(c.vocabulary, c.embedding)
        self.rnn = nn.LSTM(c.embedding, c.encoder, bidirectional=True, batch_first=True)
        _remember(self.rnn)
        self.out = nn.Linear(2 * c.encoder, 2 * c.z)
        nn.init.constant_(self.out.bias[c.z :], FIRST_SIGMA)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        _, (last, _) = self.rnn(self.embed(tokens))  # [2, B, units]
        return _distribution(self.out(last.transpose(0, 1).flatten(1)))


class BarEncoder(nn.Module):
    """One bidirectional LSTM reads each bar, another the bars; μ and σ are of all that they say."""

    def __init__(self, c: MelodyVAEConfig) -> None:
        super().__init__()
        self.config = c
        both = 2 * c.encoder  # directions
        self.embed = nn.Embedding(c.vocabulary, c.embedding)
        self.step_rnn = nn.LSTM(c.embedding, c.encoder, bidirectional=True, batch_first=True)
        self.bar_rnn = nn.LSTM(both, c.encoder, bidirectional=True, batch_first=True)
        _remember(self.step_rnn)
        self.out = nn.Linear(c.bars * 2 * both, 2 * c.z)
        nn.init.constant_(self.out.bias[c.z :], FIRST_SIGMA)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        c = self.config
        _, (last, _) = self.step_rnn(self.embed(tokens.reshape(-1, c.steps)))  # [2, B · K, units]
        bars = last.transpose(0, 1).reshape(-1, c.bars, 2 * c.encoder)
        row, _ = self.bar_rnn(bars)
        return _distribution(self.out(torch.cat([bars, row], 2).flatten(1)))


def _distribution(numbers: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers [B, 2 · Z] of a linear layer → μ and log σ [B, Z]."""
    mu, scale = numbers.chunk(2, 1)
    return mu, (F.softplus(scale) + TINY).log()


class Decoder(nn.Module):
    def __init__(self, c: MelodyVAEConfig) -> None:
        super().__init__()
        self.config = c
        self.embed = nn.Embedding(c.vocabulary, c.embedding)
        self.first = nn.Parameter(torch.zeros(c.embedding))  # what is heard before the first token
        self.start = nn.Linear(c.z, 2 * c.layers * c.hidden)
        self.say = nn.Linear(c.z, c.bars * c.says) if c.says else None
        self.bar_rnn = Lstm(c.says or 1, c.hidden, c.layers, c.dropout)
        self.bar = nn.Linear(c.hidden, c.bar)
        self.bar_start = nn.Linear(c.bar, 2 * c.layers * c.hidden)
        self.step_rnn = Lstm(c.embedding + c.bar, c.hidden, c.layers, c.dropout)
        self.out = nn.Linear(c.hidden, c.vocabulary)

    def forward(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Free-running: z [B, Z], noise [B, T, V] → tokens [B, T], logits [B, T, V]."""
        heard = self.first.expand(z.shape[0], -1)
        tokens: list[Tensor] = []
        logits: list[Tensor] = []
        noises = noise.split(self.config.steps, 1)
        for bar, noise_of_bar in zip(self.bars(z).unbind(1), noises, strict=True):
            state = self.starts(bar)
            for noise_now in noise_of_bar.unbind(1):
                state = self.step_rnn.step(torch.cat([heard, bar], 1), state)
                logits.append(self.out(state.h[-1]))
                tokens.append((logits[-1] + noise_now).argmax(1))
                heard = self.embed(tokens[-1])
        return torch.stack(tokens, 1), torch.stack(logits, 1)

    def teach(self, z: Tensor, tokens: Tensor) -> Tensor:
        """Logits [B, T, V] of steps that hear the tokens [B, T], all bars side by side."""
        steps, bars = self.config.steps, self.bars(z)
        first = self.first.expand(z.shape[0], 1, -1)
        heard = torch.cat([first, self.embed(tokens[:, :-1])], 1)  # [B, T, E]
        inputs = torch.cat([heard, bars.repeat_interleave(steps, 1)], 2)
        starts = self.starts(bars.flatten(0, 1))
        hidden, _ = self.step_rnn(inputs.view(-1, steps, inputs.shape[2]), starts)
        return self.out(hidden).view(z.shape[0], -1, self.config.vocabulary)

    def bars(self, z: Tensor) -> Tensor:
        """z [B, Z] → the bars' embeddings [B, K, D]."""
        hidden, _ = self.bar_rnn(self.said(z), self._state(self.start(z)))
        return self.bar(hidden)

    def said(self, z: Tensor) -> Tensor:
        """What the LSTM over bars hears at each of them, [B, K, says]: of z, or only that it is."""
        if self.say is None:
            return z.new_ones(z.shape[0], self.config.bars, 1)
        return self.say(z).view(-1, self.config.bars, self.config.says)

    def starts(self, bars: Tensor) -> State:
        """Embeddings [N, D] → the step LSTM's first state in each of those bars."""
        return self._state(self.bar_start(bars))

    def _state(self, numbers: Tensor) -> State:
        """Numbers [N, 2 · L · H] of a linear layer."""
        sides = numbers.view(numbers.shape[0], 2, self.config.layers, -1).permute(1, 2, 0, 3)
        return State(*sides.contiguous().unbind(0))


class Lstm(nn.LSTM):
    """An LSTM that can also be taken one step at a time."""

    def __init__(self, inputs: int, hidden: int, layers: int, dropout: float) -> None:
        between = dropout if layers > 1 else 0.0
        super().__init__(inputs, hidden, layers, batch_first=True, dropout=between)
        _remember(self)

    def step(self, x: Tensor, state: State) -> State:
        """x [N, inputs] → the new state; the last layer's h is the output. Without dropout."""
        after: list[tuple[Tensor, Tensor]] = []
        for layer, (h, c) in enumerate(zip(*state, strict=True)):
            kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            w_x, w_h, b_x, b_h = (self.get_parameter(f"{kind}_l{layer}") for kind in kinds)
            enter, keep, new, leave = (F.linear(x, w_x, b_x) + F.linear(h, w_h, b_h)).chunk(4, 1)
            c = torch.sigmoid(keep) * c + torch.sigmoid(enter) * torch.tanh(new)
            x = torch.sigmoid(leave) * torch.tanh(c)
            after.append((x, c))
        return State(*(torch.stack(part) for part in zip(*after, strict=True)))


def _remember(lstm: nn.LSTM) -> None:
    forget = slice(lstm.hidden_size, 2 * lstm.hidden_size)  # torch's order: input, forget, …
    with torch.no_grad():
        for name, parameter in lstm.named_parameters():
            if name.startswith("bias_ih"):
                parameter[forget] += REMEMBER
