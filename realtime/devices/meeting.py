"""How a device and the service find one another; every format does the same.

A device hears on a port of its own, drawn by chance: two programs cannot hear on one. It asks to be
told there, and asks now and then for a value that costs the service nothing. Silence means that
there is no service, or that somebody else has the port: then another one is drawn.
"""

from __future__ import annotations

from realtime.controls import ROOT

HERE = "127.0.0.1"
PORTS = (49152, 65536)  # from … to before: the range that nobody is given
LISTEN = f"{ROOT}/listen"
QUERY = f"{ROOT}/query"
PROOF = f"{ROOT}/preset/state"  # answered by the engine alone, and not logged
AGAIN = 20_000  # milliseconds between two requests to be told; the service forgets after 60 s
BEAT = 2000  # milliseconds between two proofs that it is there
SILENCE = 5000  # milliseconds without a word after which it is not
AWAY = "No answer. Start it: glissar play"
MET = "Connected"
