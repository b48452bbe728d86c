import { describe, expect, it } from "vitest";
import { clamped, extent, valueAt, type Plane } from "./chart.ts";
import { colour, share, type Colour } from "./ramp.ts";

const PLANE: Plane = {
  knob: "density",
  says: "How many notes are struck.",
  unit: "notes",
  ends: [2, 9],
  across: { dimension: 4, changes: 0.2 },
  rows: [
    [1, 5, 9],
    [2, 6, 12],
  ],
};

describe("a plane", () => {
  it("has its first row below", () => {
    expect(valueAt(PLANE, { x: 0, y: 0 })).toBe(1);
    expect(valueAt(PLANE, { x: 1, y: 1 })).toBe(12);
    expect(valueAt(PLANE, { x: 0.5, y: 0.2 })).toBe(5);
  });

  it("goes from its least to its most", () => {
    expect(extent(PLANE)).toEqual([1, 12]);
  });

  it("is not left by a hand", () => {
    expect(clamped({ x: -3, y: 1.2 })).toEqual({ x: 0, y: 1 });
    expect(clamped({ x: 0.12345, y: 0.5 })).toEqual({ x: 0.123, y: 0.5 });
  });
});

/** What an eye makes of a colour: the L* of CIE. */
function lightness(shown: Colour): number {
  const [red, green, blue] = shown.map((part) => {
    const c = part / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as Colour;
  return 116 * Math.cbrt(0.2126 * red + 0.7152 * green + 0.0722 * blue) - 16;
}

describe("the ramp", () => {
  it("grows lighter at every step, and evenly", () => {
    const light = Array.from({ length: 17 }, (_, k) => lightness(colour(k / 16)));
    const steps = light.slice(1).map((at, k) => at - light[k]!);
    expect(Math.min(...steps)).toBeGreaterThan(0.5 * Math.max(...steps));
  });

  it("ends where it ends", () => {
    expect(colour(-1)).toEqual(colour(0));
    expect(colour(2)).toEqual(colour(1));
  });

  it("has its middle for a plane of one value", () => {
    expect(share(3, 3, 3)).toBe(0.5);
    expect(share(3, 1, 5)).toBe(0.5);
  });
});
