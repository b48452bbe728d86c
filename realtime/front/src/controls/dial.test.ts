import { expect, it } from "vitest";
import { angle, arc, point } from "./dial.ts";

it("turns from seven to five o'clock, with the middle on top", () => {
  expect([-1, 0, 1].map((value) => angle(value, -1, 1))).toEqual([-135, 0, 135]);
  expect(point(0, 10)).toEqual({ x: 0, y: -10 });
  expect(point(90, 10)).toEqual({ x: 10, y: -0 });
});

it("draws from the lesser angle to the greater, the long way round where it is", () => {
  expect(arc(90, 0, 10)).toBe("M0 -10A10 10 0 0 1 10 0");
  expect(arc(-135, 135, 10)).toContain("A10 10 0 1 1");
});
