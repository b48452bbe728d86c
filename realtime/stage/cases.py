"""Datagrams and MIDI messages that make no sense, made from whole ones by their number.

They are cut, spliced, doubled, and have other bytes and sizes in them. `osc_cases(7, 1000)` are
always the same.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from random import Random

from realtime.controls import MODES, ROOT
from realtime.ports.osc import BUNDLE, HERE, encode

SIZES = (0, 1, 4, 16, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFEC)
NOW = bytes(7) + b"\x01"
LONGEST = 8000  # bytes


def osc_cases(number: int, count: int) -> Iterator[bytes]:
    chance = Random(f"osc {number}")
    whole = [
        encode(f"{ROOT}/knob/density", (0.5,)),
        encode(f"{ROOT}/transport/tempo", (120.0, 8)),
        encode(f"{ROOT}/transport/play", (1,)),
        encode(f"{ROOT}/morph/a", ()),
        encode(f"{ROOT}/query", (f"{ROOT}/mode",)),
        encode(f"{ROOT}/unlisten", (HERE, 9999)),
        *(encode(f"{ROOT}/mode", (mode,)) for mode in MODES),
        b"/x\0\0,[TFNimrtb]\0\0" + bytes(40),
    ]
    whole += [_bundle(chance.sample(whole, 3)) for _ in range(4)]
    whole += [_bundle(chance.sample(whole, 2)) for _ in range(4)]
    for _ in range(count):
        yield mutated(chance, whole)


def _bundle(elements: list[bytes]) -> bytes:
    return BUNDLE + NOW + b"".join(struct.pack(">i", len(each)) + each for each in elements)


def midi_cases(number: int, count: int) -> Iterator[bytes]:
    chance = Random(f"midi {number}")
    names = (
        "903c40 803c40 904000 b04000 b0407f b07b00 e00040 c005 d040 a03c10 f8 fa fb fc f20400 fe"
    )
    whole = [bytes.fromhex(name) for name in names.split()]
    whole.append(b"\xf0" + chance.randbytes(3000).translate(bytes(n & 0x7F for n in range(256))))
    for _ in range(count):
        yield mutated(chance, whole) if chance.random() < 0.7 else chance.choice(whole[:-1])


def mutated(chance: Random, whole: list[bytes]) -> bytes:
    """One of them, or none, after up to four changes."""
    data = bytearray(chance.choice(whole) if chance.random() < 0.95 else chance.randbytes(24))
    for _ in range(chance.randint(0, 4)):
        at = chance.randint(0, len(data))
        match chance.randrange(7):
            case 0:
                data[at : at + 1] = chance.randbytes(1)
            case 1:
                del data[at : at + chance.choice((1, 4, 100))]
            case 2:
                data[at:at] = chance.randbytes(chance.choice((1, 4)))
            case 3:
                data[at : at + 4] = struct.pack(">I", chance.choice(SIZES))
            case 4:
                data[at // 4 * 4 : at // 4 * 4 + 4] = struct.pack(">I", chance.choice(SIZES))
            case 5:
                other = chance.choice(whole)
                data[at:] = other[chance.randint(0, len(other)) :]
            case _:
                data += data[at:] * chance.choice((1, 8))
    return bytes(data[:LONGEST])
