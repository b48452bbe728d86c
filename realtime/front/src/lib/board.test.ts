import { beforeEach, describe, expect, it, vi } from "vitest";
import { Board } from "./board.svelte.ts";
import { decode, type Message } from "./osc.ts";
import type { Node } from "./tree.ts";

const DENSITY = "/glissar/knob/density";
const TARGET = `${DENSITY}/target`;
const ERROR = "/glissar/error";

const leaf = (FULL_PATH: string, more: Partial<Node> = {}): Node => ({ FULL_PATH, ACCESS: 3, TYPE: "f", ...more });
const tree = (...leaves: Node[]): Node => ({
  FULL_PATH: "/",
  CONTENTS: Object.fromEntries(leaves.map((one) => [one.FULL_PATH, one])),
});
const KNOB = leaf(DENSITY, { RANGE: [{ MIN: -1, MAX: 1 }], CONTENTS: { target: leaf(TARGET) } });

let board: Board;
let sent: Message[];
let frame: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  frame = () => {};
  board = new Board(
    (packet) => sent.push(...decode(packet)),
    (call) => (frame = call),
    () => Date.now(),
  );
  board.show(tree(KNOB, leaf("/glissar/delay", { TYPE: "i" }), leaf("/glissar/panic", { TYPE: "N" })));
});

describe("the tree", () => {
  it("is a table of rows, and the names below a path are in its order", () => {
    expect(board.row(DENSITY)).toMatchObject({ low: -1, high: 1, types: "f", writable: true });
    board.show(tree(KNOB, leaf("/glissar/knob/contour")));
    expect(board.below("/glissar/knob")).toEqual(["density", "contour"]);
  });

  it("of another preset takes what it does not have along", () => {
    board.hear(DENSITY, [0.5]);
    board.show(tree(leaf("/glissar/delay", { VALUE: [2] })));
    expect([board.has(DENSITY), board.args(DENSITY), board.number("/glissar/delay")]).toEqual([false, [], 2]);
  });
});

describe("what is set", () => {
  it("is seen at once and sent once a frame, the first at once and then the latest", () => {
    for (const value of [1, 2, 3]) board.set("/glissar/delay", value);
    board.set(DENSITY, 0.5);
    expect(board.number("/glissar/delay")).toBe(3);
    expect(sent.map(({ args }) => args)).toEqual([[1], [0.5]]);
    for (let k = 0; k < 3; k++) frame();
    expect(sent.map(({ args }) => args)).toEqual([[1], [0.5], [3]]);
    board.set("/glissar/delay", 4);
    expect(sent.at(-1)).toEqual({ address: "/glissar/delay", args: [4] });
  });

  it("has the tree's type", () => {
    const packets: string[] = [];
    const other = new Board((packet) => packets.push(String.fromCharCode(...packet)), () => {});
    other.show(tree(leaf("/i", { TYPE: "i" }), leaf("/f")));
    other.set("/i", 2);
    other.set("/f", 2);
    expect(packets).toEqual(["/i\0\0,i\0\0\0\0\0\x02", "/f\0\0,f\0\0@\0\0\0"]);
  });

  it("goes before a trigger that is pulled after it, and each pull goes", () => {
    board.set(DENSITY, 0.5);
    board.set(DENSITY, 0.6);
    board.pull("/glissar/panic");
    board.pull("/glissar/panic");
    frame();
    const told = sent.map(({ address, args }) => [address, ...args]);
    expect(told).toEqual([[DENSITY, 0.5], [DENSITY, 0.6], ["/glissar/panic"], ["/glissar/panic"]]);
  });
});

describe("two hands", () => {
  it("do not fight: what others say waits for the hand here, and then holds", () => {
    board.hold(DENSITY);
    board.set(DENSITY, 0.5);
    board.hear(DENSITY, [-0.8]);
    vi.advanceTimersByTime(10_000);
    expect(board.number(DENSITY)).toBe(0.5);
    board.release(DENSITY);
    expect(board.number(DENSITY)).toBe(0.5);
    vi.advanceTimersByTime(400);
    expect(board.number(DENSITY)).toBe(-0.8);
  });

  it("settle on the echo that came last", () => {
    board.set(DENSITY, 0.5);
    board.hear(DENSITY, [0.1]);
    board.hear(DENSITY, [0.5]);
    vi.advanceTimersByTime(200);
    board.set(DENSITY, 0.6);
    board.hear(DENSITY, [0.6]);
    vi.advanceTimersByTime(200);
    board.hear(DENSITY, [0.7]);
    expect(board.number(DENSITY)).toBe(0.6);
    vi.advanceTimersByTime(200);
    expect(board.number(DENSITY)).toBe(0.7);
    board.hear(DENSITY, [0.2]);
    expect(board.number(DENSITY)).toBe(0.2);
  });

  it("are asked of at the start, where there are knobs: a preset may have none", () => {
    board.meet();
    expect(sent).toEqual([{ address: "/glissar/query", args: ["/glissar/knob"] }]);
    board.show(tree(leaf("/glissar/delay")));
    board.meet();
    expect(sent.length).toBe(1);
  });

  it("leave the reading that was told last", () => {
    board.hear(DENSITY, [0.5]);
    expect(board.latest(DENSITY, TARGET)).toBe(DENSITY);
    board.hear(TARGET, [0.8]);
    expect(board.latest(DENSITY, TARGET)).toBe(TARGET);
  });
});

describe("a listener", () => {
  it("hears every message, but not again what the tree has told", () => {
    const heard: unknown[] = [];
    board.show(tree(leaf(ERROR, { TYPE: "ss", VALUE: ["midi", "Old."] })));
    const end = board.on(ERROR, (args) => heard.push(args[1]));
    board.meet();
    board.hear(ERROR, ["midi", "Old."]);
    board.hear(ERROR, ["midi", "Old."]);
    board.hear(ERROR, ["midi", "New."]);
    end();
    board.hear(ERROR, ["midi", "Newer."]);
    expect(heard).toEqual(["Old.", "New."]);
  });
});
