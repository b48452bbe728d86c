"""The melody VAE as the modules that its preset's graphs are made from.

The encoder and the LSTM over bars stay as they are. The LSTM over steps hears its own tokens, so
that its cells are written out: once for the steps of one bar, for all bars side by side (`passes`),
which are sixteen steps in the graph and not 256. As in `wrappers`, the token's share of what a cell
takes in is a row of a table, and the bar's is worked out once a bar.

Shapes: B batch, K bars, S steps of a bar, Z latent, V vocabulary, E embedding, D embedding of a
bar, H hidden, L layers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.passes import Parts, side_by_side
from export.wrappers import frozen
from training.models.melody_vae import Decoder, Lstm, MelodyVAE


def modules(model: MelodyVAE, hold: int) -> dict[str, nn.Module]:
    """The modules of a preset's graphs, by path; `hold` is the vocabulary's token for a hold."""
    return {
        "encoder.onnx": model.encoder.eval(),
        "decoder.onnx": DecoderGraph(model.decoder, hold).eval(),
    }


class DecoderGraph(nn.Module):
    def __init__(self, decoder: Decoder, hold: int) -> None:
        super().__init__()
        c = decoder.config
        self.parts, self.layers = Parts(c.bars, c.steps, c.vocabulary, hold), c.layers
        self.decoder = decoder
        self.bar_share = Share(decoder.step_rnn, 0, skip=c.embedding)
        self.cells = Cells(decoder.step_rnn)
        heard = torch.cat([decoder.embed.weight, decoder.first[None]])  # row V: nothing yet
        by_token = _gates(decoder.step_rnn.get_parameter("weight_ih_l0"))[:, : c.embedding]
        self.token_share = frozen(heard @ by_token.T)

    def forward(self, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """z [B, Z], noise [B, T, V] → tokens int64 [B, T], logits [B, T, V]."""
        bars = self.decoder.bars(z).flatten(0, 1)
        starts, share = self.decoder.bar_start(bars), self.bar_share(bars)
        noises = noise.reshape(-1, self.parts.steps * self.parts.vocabulary)

        def one_pass(heard: Tensor) -> tuple[Tensor, Tensor]:
            return self._pass(heard, starts, share, noises)

        return side_by_side(one_pass, z.shape[0], self.parts)

    def _pass(
        self, heard: Tensor, starts: Tensor, bar: Tensor, noises: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The steps of all bars, from the token heard first [B·K] → [B·K, S], [B·K, S·V]."""
        states = list(starts.chunk(2 * self.layers, 1))
        h, c = states[: self.layers], states[self.layers :]
        tokens: list[Tensor] = []
        logits: list[Tensor] = []
        for noise_now in noises.split(self.parts.vocabulary, 1):
            h, c = self.cells(F.embedding(heard, self.token_share) + bar, h, c)
            logits.append(self.decoder.out(h[-1]))
            heard = (logits[-1] + noise_now).argmax(1)
            tokens.append(heard[:, None])
        return torch.cat(tokens, 1), torch.cat(logits, 1)


class Share(nn.Module):
    """What its input gives an LSTM layer's gates [N, 4 · H], both biases in it.

    `skip` leaves out the input's first columns: their share is added elsewhere.
    """

    def __init__(self, lstm: Lstm, layer: int, skip: int = 0) -> None:
        super().__init__()
        biases = (lstm.get_parameter(f"bias_{kind}_l{layer}") for kind in ("ih", "hh"))
        self.weight = frozen(_gates(lstm.get_parameter(f"weight_ih_l{layer}"))[:, skip:].T)
        self.bias = frozen(_gates(sum(biases, torch.zeros(()))))

    def forward(self, x: Tensor) -> Tensor:
        return torch.addmm(self.bias, x, self.weight)


class Cells(nn.Module):
    """One step of all layers of an LSTM, given the first layer's share."""

    def __init__(self, lstm: Lstm) -> None:
        super().__init__()
        layers = range(lstm.num_layers)
        weights = (lstm.get_parameter(f"weight_hh_l{layer}") for layer in layers)
        self.weights = nn.ParameterList(frozen(_gates(weight).T) for weight in weights)
        self.between = nn.ModuleList(Share(lstm, layer) for layer in layers[1:])

    def forward(
        self, share: Tensor, h: list[Tensor], c: list[Tensor]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """share [N, 4 · H], h and c L × [N, H] → the new ones."""
        after: list[Tensor] = []
        kept: list[Tensor] = []
        for layer, weight in enumerate(self.weights):
            taken = self.between[layer - 1](after[-1]) if layer else share
            size = h[layer].shape[1]
            gates = torch.addmm(taken, h[layer], weight)
            enter, keep, leave = torch.sigmoid(gates[:, : 3 * size]).chunk(3, 1)
            kept.append(keep * c[layer] + enter * torch.tanh(gates[:, 3 * size :]))
            after.append(leave * torch.tanh(kept[-1]))
        return after, kept


def _gates(rows: Tensor) -> Tensor:
    """An LSTM's rows [4 · H, …] with the three gates that a sigmoid opens in front."""
    enter, keep, new, leave = rows.chunk(4)
    return torch.cat([enter, keep, leave, new])
