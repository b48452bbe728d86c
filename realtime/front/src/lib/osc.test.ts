import { describe, expect, it } from "vitest";
import { decode, encode } from "./osc.ts";

const ascii = (bytes: Uint8Array) => String.fromCharCode(...bytes);

describe("a message", () => {
  it("is bytes in whole fours, as OSC 1.0 has them", () => {
    expect(ascii(encode("/a", [1, "hi"], "is"))).toBe("/a\0\0,is\0\0\0\0\x01hi\0\0");
    expect(ascii(encode("/abc", []))).toBe("/abc\0\0\0\0,\0\0\0");
  });

  it("comes back as it was", () => {
    const args = [0.5, -7, "pentatonic ♯", true, false, null];
    expect(decode(encode("/glissar/x", args, "fi"))).toEqual([{ address: "/glissar/x", args }]);
  });

  it("may have no types at all", () => {
    expect(decode(encode("/a", []).slice(0, 4))).toEqual([{ address: "/a", args: [] }]);
  });
});

describe("a bundle", () => {
  const bundle = (...packets: Uint8Array[]) => {
    const sized = packets.map((packet) => [0, 0, 0, packet.length, ...packet]);
    return new Uint8Array([...encode("#bundle", []).slice(0, 8), 0, 0, 0, 0, 0, 0, 0, 1, ...sized.flat()]);
  };

  it("is its messages in their order, those of bundles within it too", () => {
    const inner = bundle(encode("/b", [2]), encode("/c", ["x"]));
    const messages = decode(bundle(encode("/a", [1]), inner).buffer);
    expect(messages.map(({ address }) => address)).toEqual(["/a", "/b", "/c"]);
  });

  it("is refused where it is nested without end", () => {
    let packet = encode("/a", []) as Uint8Array;
    for (let k = 0; k < 6; k++) packet = bundle(packet);
    expect(() => decode(packet)).toThrow(RangeError);
  });
});

describe("garbage", () => {
  const whole = encode("/glissar/knob/density", [0.5, "x"], "fs");

  it.each([...whole.keys()])("of the first %i bytes of a packet is refused, or is less of it", (many) => {
    try {
      expect(decode(whole.slice(0, many))[0]?.args).toEqual([]);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
  });

  it("of an unknown type is refused", () => {
    const odd = encode("/a", [1]);
    odd[odd.indexOf(0x66)] = 0x62; // f becomes b
    expect(() => decode(odd)).toThrow(RangeError);
  });
});
