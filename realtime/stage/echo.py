"""A bare echo, to compare thru with: what comes in goes out in the driver's callback.

    python -m realtime.stage.echo CHANNEL

Client `echo-in` and client `echo-out`, as glissar has two. It puts what it echoes on CHANNEL (0 to
15), which is all it does: whoever hears both is to know whose it is. It leaves at the end of stdin.
"""

from __future__ import annotations

import sys
from typing import Any

from realtime.ports.systems import APIS, open_clients

IN, OUT = "echo-in:in", "echo-out:out"


def main() -> None:
    channel = int(sys.argv[1])
    source, sink = open_clients(APIS["jack"], "echo-in", "echo-out")
    sink.open_virtual_port("out")

    def callback(event: tuple[list[int], float], _: Any) -> None:
        status, *rest = event[0]
        sink.send_message(bytes((status & 0xF0 | channel, *rest)))

    source.set_callback(callback)
    source.open_virtual_port("in")
    sys.stdin.read()
    for client in (source, sink):
        client.close_port()
        client.delete()


if __name__ == "__main__":
    main()
