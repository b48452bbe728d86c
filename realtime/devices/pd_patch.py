"""A Pure Data patch as it is written: a line for each object, numbered as they come; cords."""

from __future__ import annotations

import re
from itertools import pairwise

HEAD = "0 50"  # where the window opens
COLOURS = "-262144 -1 -1"  # background, foreground and label, as every Pd since 0.30 reads them
FONT = "0 10"
READ, STATUS = "read", "status"  # names of what only hears
LINE, ACROSS = 24, 180  # pixels between objects that are not placed


class Canvas:
    """One window. Texts of objects are written as a person types them, `$0` and all."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._cords: list[str] = []
        self._row, self._across = 0, 0

    def next_row(self) -> None:
        self._row, self._across = self._row + 1, 0

    def object(self, text: str, x: int | None = None, y: int | None = None) -> int:
        return self._add("obj", text, x, y)

    def message(self, text: str) -> int:
        """`text` is escaped already: a comma in it divides two messages."""
        return self._add("msg", text, None, None)

    def text(self, words: str, x: int, y: int) -> int:
        return self._add("text", escaped(words), x, y)

    def atom(self, kind: str, width: int, hears: str, x: int, y: int) -> int:
        """A box that shows a number or a word; `width` in characters."""
        return self._add(kind, f"{width} 0 0 0 - {_name(hears)} -", x, y)

    def inside(self, canvas: Canvas, name: str, x: int, y: int) -> int:
        """Another window in this one."""
        self._lines.append("\n".join(canvas.lines(f"#N canvas {HEAD} 900 600 {name} 0;")))
        return self._add("restore", f"pd {name}", x, y)

    def join(self, source: int, destination: int, outlet: int = 0, inlet: int = 0) -> None:
        self._cords.append(f"#X connect {source} {outlet} {destination} {inlet};")

    def chain(self, *objects: int) -> None:
        """Each one's first outlet into the next one's first inlet."""
        for source, destination in pairwise(objects):
            self.join(source, destination)

    def lines(self, head: str) -> list[str]:
        return [head, *self._lines, *self._cords]

    def _add(self, kind: str, text: str, x: int | None, y: int | None) -> int:
        if x is None or y is None:
            x, y = 20 + ACROSS * self._across, 20 + LINE * self._row
            self._across += 1
        line = f"#X {kind} {x} {y} {text.replace('$', chr(92) + '$')};"
        if kind == "restore":  # the same object, whose lines came first
            self._lines[-1] += f"\n{line}"
        else:
            self._lines.append(line)
        return len(self._lines) - 1


def file(canvas: Canvas, width: int, height: int) -> bytes:
    return "\n".join([*canvas.lines(f"#N canvas {HEAD} {width} {height} 12;"), ""]).encode()


def escaped(words: str) -> str:
    """As words of a comment or a message; signs that Pd reads have a backslash before them."""
    return re.sub(r"([\\,;])", r" \\\1", words)


def symbol(text: str) -> str:
    """As one word."""
    return re.sub(r"([\\,; ])", r"\\\1", text)


def slider(width: int, low: float, high: float, at: float, name: str) -> str:
    place = round(100 * (width - 1) * (at - low) / (high - low))
    return f"hsl {width} 15 {low:g} {high:g} 0 0 {_ends(name)} -2 -8 {FONT} {COLOURS} {place} 1"


def number(digits: int, low: float, high: float, at: float, name: str) -> str:
    return f"nbx {digits} 15 {low:g} {high:g} 0 0 {_ends(name)} 0 -8 {FONT} {COLOURS} {at:g} 256"


def choice(count: int, at: float, name: str) -> str:
    return f"vradio 15 1 0 {count} {_ends(name)} 0 -8 {FONT} {COLOURS} {at:g}"


def switch(at: float, name: str) -> str:
    return f"tgl 15 0 {_ends(name)} 17 7 {FONT} {COLOURS} {at:g} 1"


def button(name: str) -> str:
    return f"bng 15 250 50 0 {_ends(name)} 17 7 {FONT} {COLOURS}"


def out(name: str) -> str:
    """Where a widget sends what is turned, in this patch alone."""
    return _name(f"out-{name}")


def shown(name: str) -> str:
    """Where it hears what to show; with `set` it does not send it again."""
    return _name(f"in-{name}")


def _ends(name: str) -> str:
    return f"{out(name)} {shown(name)} empty"


def _name(name: str) -> str:
    return f"$0-{name.replace(' ', '-')}"
