"""A constraint's folder: what was learnt, of which preset, and what is needed to use it. Nothing
in it is pickled.

constraint.json     name, menus, critics, rules as typed, preset and its hash, fit, seed, command
model.safetensors   the actor's weights and the critic's
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from safetensors import SafetensorError
from safetensors.torch import load as from_safetensors
from safetensors.torch import save as to_safetensors

from presets.constraint import Constraint
from presets.errors import GlissarError
from presets.whole import write_whole
from training.constraints.fit import Fit, Pair, Seen, pair

FACTS, MODEL = "constraint.json", "model.safetensors"


class Facts(Struct, frozen=True, forbid_unknown_fields=True):
    constraint: Constraint
    preset: str
    decoder: str  # its sha256: a rule holds in the space that this one decodes
    z: Annotated[int, Meta(ge=1, le=4096)]
    fit: Fit
    seed: int
    command: str
    versions: dict[str, str] = {}
    figures: dict[str, float] = {}
    history: list[Seen] = []

    @property
    def conditions(self) -> int:
        return sum(len(menu.entries) for menu in self.constraint.menus)

    def pair(self) -> Pair:
        """Untrained nets of its sizes."""
        return pair(self.fit.net, self.z, self.conditions, len(self.constraint.critics))


def write(run: Path, facts: Facts, made: Pair) -> None:
    nets = {"actor": made.actor, "critic": made.critic}
    tensors = {
        f"{part}.{name}": tensor.contiguous()
        for part, net in nets.items()
        for name, tensor in net.state_dict().items()
    }
    write_whole(run / MODEL, to_safetensors(tensors))
    write_whole(run / FACTS, msgspec.json.format(msgspec.json.encode(facts), indent=1))


def read(run: Path) -> tuple[Facts, Pair]:
    """Raises GlissarError."""
    try:
        facts = msgspec.json.decode((run / FACTS).read_bytes(), type=Facts)
        tensors = from_safetensors((run / MODEL).read_bytes())
        made = facts.pair()
        for part, net in (("actor", made.actor), ("critic", made.critic)):
            head = f"{part}."
            own = {k.removeprefix(head): v for k, v in tensors.items() if k.startswith(head)}
            net.load_state_dict(own)
    except FileNotFoundError as error:
        raise GlissarError(
            f"{run} holds no constraint (it has no {Path(error.filename).name}); "
            "make one with glissar-train rule."
        ) from error
    except (OSError, RuntimeError, SafetensorError, msgspec.DecodeError) as error:
        raise GlissarError(
            f"{run} is no constraint of this version ({error}); train it again."
        ) from error
    return facts, Pair(made.actor.eval(), made.critic.eval())
