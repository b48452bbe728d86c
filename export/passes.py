"""Parts of a window decoded side by side, though each hears the last token of the one before it.

A beat, or a bar, depends on the one before it through one token alone, and that is nearly always a
hold. So it is taken for one, and the pass is repeated with the tokens that came out until they
agree with those that went in. The first part is right after one pass, the second after two at the
latest: the result is that of going step by step, after at most as many passes as there are parts.

Shapes: B batch, K parts, S steps of a part, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

# The token that each part hears first [B · K] → its tokens [B · K, S] and logits [B · K, S · V].
OnePass = Callable[[Tensor], tuple[Tensor, Tensor]]


class Parts(NamedTuple):
    count: int  # K
    steps: int  # S
    vocabulary: int  # V, which is heard before the first token, too
    hold: int


def side_by_side(one_pass: OnePass, size: int, parts: Parts) -> tuple[Tensor, Tensor]:
    """tokens int64 [B, K · S], logits [B, K · S, V] of `size` windows."""

    def unsettled(passes: Tensor, settled: Tensor, *_: Tensor) -> Tensor:
        return (passes < parts.count) & ~settled

    def once_more(passes: Tensor, _: Tensor, heard: Tensor, *__: Tensor) -> tuple[Tensor, ...]:
        tokens, logits = one_pass(heard.flatten())
        last = tokens[:, -1].view(-1, parts.count)
        now = torch.cat([heard[:, :1], last[:, :-1]], 1)
        return passes + 1, (now == heard).all(), now, tokens, logits

    tokens, logits = torch.while_loop(unsettled, once_more, _nothing_yet(size, parts))[-2:]
    steps = parts.count * parts.steps
    return tokens.view(-1, steps), logits.view(-1, steps, parts.vocabulary)


def _nothing_yet(size: int, parts: Parts) -> tuple[Tensor, ...]:
    """Before the first pass: passes, settled, the token that each part hears first [B, K], …"""
    first = torch.full((size, 1), parts.vocabulary)
    heard = torch.cat([first, torch.full((size, parts.count - 1), parts.hold)], 1)
    rows = size * parts.count
    tokens = torch.zeros((rows, parts.steps), dtype=torch.int64)
    logits = torch.zeros((rows, parts.steps * parts.vocabulary))
    return torch.tensor(0), torch.tensor(False), heard, tokens, logits
