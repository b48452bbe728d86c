"""A trained model as the modules that a preset's graphs are made from.

They speak the names of `presets.graphs` and compute what the model computes, arranged for ONNX
Runtime on one thread, where a node costs a third of a microsecond and a product of one row costs
what reading its weights costs:

- the token's share of the step GRU's input is a row of a table: looked up, not multiplied;
- the products of every gate stand apart, each with its sum inside it (`addmm`), so that nothing is
  split and the sigmoids fuse into the products;
- all beats of a window are decoded side by side (`passes`).

Shapes: B batch, K beats, S steps of a beat, T = K · S, Z latent, V vocabulary, H hidden,
L layers.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.passes import Parts, side_by_side
from training.models.measure_vae import Decoder, MeasureVAE

Shares = list[Tensor]  # what its input gives a GRU's reset, update and new state: 3 × [B, H]


def modules(model: MeasureVAE, hold: int) -> dict[str, nn.Module]:
    """The modules of a preset's graphs, by path; `hold` is the vocabulary's token for a hold."""
    return {
        "encoder.onnx": EncoderGraph(model).eval(),
        "decoder.onnx": DecoderGraph(model.decoder, hold).eval(),
    }


class EncoderGraph(nn.Module):
    def __init__(self, model: MeasureVAE) -> None:
        super().__init__()
        self.encoder = model.encoder

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """tokens int64 [B, T] → mu, log_sigma [B, Z]."""
        return self.encoder(tokens)


class DecoderGraph(nn.Module):
    def __init__(self, decoder: Decoder, hold: int) -> None:
        super().__init__()
        c = decoder.config
        self.parts, self.layers = Parts(c.beats, c.steps, c.vocabulary, hold), c.layers
        self.pulse, self.start, self.out = decoder.pulse, decoder.start, decoder.out
        self.beat_start, self.beat_embed = decoder.beat_start, decoder.beat_embed
        self.beat_input, self.beat_cells = Products(decoder.beat_rnn, 0), Cells(decoder.beat_rnn)
        self.step_input = Products(decoder.step_rnn, 0, skip=c.embedding)
        self.step_cells = Cells(decoder.step_rnn)
        heard = torch.cat([decoder.embed.weight, decoder.first[None]])  # row V: nothing yet
        by_token = decoder.step_rnn.get_parameter("weight_ih_l0")[:, : c.embedding]
        self.token_shares = _frozen(heard @ weight for weight in _gates(by_token))

    def forward(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """z [B, Z], noise [B, T, V] → tokens int64 [B, T], logits [B, T, V]."""
        starts, shares = self._beats(z)
        noises = noise.reshape(-1, self.parts.steps * self.parts.vocabulary)

        def one_pass(heard: Tensor) -> tuple[Tensor, Tensor]:
            return self._pass(heard, starts, shares, noises)

        return side_by_side(one_pass, z.shape[0], self.parts)

    def _beats(self, z: Tensor) -> tuple[Tensor, Shares]:
        """Every beat's first states [B·K, L·H], and its shares of the steps' input, [B·K, H]."""
        state = list(F.selu(self.start(z)).chunk(self.layers, 1))
        pulse, found = self.beat_input(self.pulse[None]), []
        for _ in range(self.parts.count):
            state = self.beat_cells(pulse, state)
            found.append(state[-1])
        beats = torch.stack(found, 1).flatten(0, 1)
        shares = self.step_input(F.selu(self.beat_embed(beats)))
        return F.selu(self.beat_start(beats)), shares

    def _pass(
        self, heard: Tensor, starts: Tensor, beat: Shares, noises: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The steps of all beats, from the token heard first [B·K] → [B·K, S], [B·K, S·V]."""
        state = list(starts.chunk(self.layers, 1))
        tokens: list[Tensor] = []
        logits: list[Tensor] = []
        for noise_now in noises.split(self.parts.vocabulary, 1):
            token = [F.embedding(heard, table) for table in self.token_shares]
            state = self.step_cells([a + b for a, b in zip(token, beat, strict=True)], state)
            logits.append(self.out(state[-1]))
            heard = (logits[-1] + noise_now).argmax(1)
            tokens.append(heard[:, None])
        return torch.cat(tokens, 1), torch.cat(logits, 1)


class Products(nn.Module):
    """The shares that a GRU layer's input gives its gates, all biases but one folded in.

    `skip` leaves out the input's first columns: their shares are added elsewhere.
    """

    def __init__(self, gru: nn.GRU, layer: int, skip: int = 0) -> None:
        super().__init__()
        weight = gru.get_parameter(f"weight_ih_l{layer}")[:, skip:]
        reset, update, new = gru.get_parameter(f"bias_ih_l{layer}").chunk(3)
        reset_h, update_h, _ = gru.get_parameter(f"bias_hh_l{layer}").chunk(3)
        self.weights = _frozen(_gates(weight))
        self.biases = _frozen([reset + reset_h, update + update_h, new])

    def forward(self, x: Tensor) -> Shares:
        pairs = zip(self.weights, self.biases, strict=True)
        return [torch.addmm(bias, x, weight) for weight, bias in pairs]


class Cell(nn.Module):
    """One step of one GRU layer, given its input's shares."""

    def __init__(self, gru: nn.GRU, layer: int) -> None:
        super().__init__()
        self.weights = _frozen(_gates(gru.get_parameter(f"weight_hh_l{layer}")))
        self.biases = _frozen([gru.get_parameter(f"bias_hh_l{layer}").chunk(3)[2]])

    def forward(self, shares: Shares, h: Tensor) -> Tensor:
        reset, update, new = self.weights
        r = torch.sigmoid(torch.addmm(shares[0], h, reset))
        u = torch.sigmoid(torch.addmm(shares[1], h, update))
        n = torch.tanh(shares[2] + r * torch.addmm(self.biases[0], h, new))
        return n + u * (h - n)


class Cells(nn.Module):
    """One step of all layers of a GRU, given the first layer's shares."""

    def __init__(self, gru: nn.GRU) -> None:
        super().__init__()
        self.cells = nn.ModuleList(Cell(gru, layer) for layer in range(gru.num_layers))
        self.between = nn.ModuleList(Products(gru, layer) for layer in range(1, gru.num_layers))

    def forward(self, shares: Shares, state: list[Tensor]) -> list[Tensor]:
        after = [self.cells[0](shares, state[0])]
        for products, cell, h in zip(self.between, self.cells[1:], state[1:], strict=True):
            after.append(cell(products(after[-1]), h))
        return after


def _gates(weight: Tensor) -> list[Tensor]:
    """A GRU's weight [3H, I] as what multiplies a row from the right: 3 × [I, H]."""
    return [part.T for part in weight.chunk(3)]


def _frozen(tensors: Iterable[Tensor]) -> nn.ParameterList:
    return nn.ParameterList(frozen(tensor) for tensor in tensors)


def frozen(tensor: Tensor) -> nn.Parameter:
    """A weight of a graph's own, which nothing trains."""
    copy = tensor.detach().clone(memory_format=torch.contiguous_format)
    return nn.Parameter(copy, requires_grad=False)
