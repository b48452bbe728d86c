import { expect, it } from "vitest";
import { readMeter } from "./meter.ts";

it("reads how many beats a bar has, and how long they are", () => {
  expect(readMeter("3/4")).toEqual({ beats: 3, beat: 960 });
  expect(readMeter("6/8")).toEqual({ beats: 6, beat: 480 });
});

it("takes what is no meter for 4/4", () => {
  expect(readMeter("")).toEqual({ beats: 4, beat: 960 });
});
