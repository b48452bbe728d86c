"""How a critic and an actor learnt (Engel et al. 2018, Fig. 11)."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from training.constraints.fit import Seen
from training.figures import canvas


def training(history: Sequence[Seen]) -> Figure:
    """Both losses, and how far the actor moves draws from the prior, along its steps."""
    page = canvas.page(2.2)
    steps = [seen.step for seen in history]
    curves = {
        "the critic's loss": ([seen.critic for seen in history], canvas.BLUE),
        "the actor's loss": ([seen.actor for seen in history], canvas.ORANGE),
        "mean (z′ − z)²": ([seen.moved for seen in history], canvas.GREEN),
    }
    for ax, (title, (values, colour)) in zip(page.subplots(1, 3), curves.items(), strict=True):
        ax.plot(steps, values, color=colour)
        ax.set_title(title)
        ax.set_xlabel("steps of the actor")
        ax.set_ylim(bottom=0)
    return page
