import { expect, it } from "vitest";
import { percent, plain, signed, unitOf } from "./words.ts";

it("says numbers in as many figures as one reads, with a real minus", () => {
  expect([8, 0.1364, 120.5, -3, -0.25, 1234.5].map(plain)).toEqual(["8", "0.14", "120.5", "−3", "−0.25", "1235"]);
});

it("gives an offset its sign, and neutral none", () => {
  expect([0.5, -0.6, 0].map(signed)).toEqual(["+0.50", "−0.60", "0.00"]);
});

it("says parts in percent, and units as people do", () => {
  expect([percent(0.805), unitOf("time.bpm"), unitOf("semitones")]).toEqual(["81 %", "BPM", "semitones"]);
});
