import { describe as group, expect, it } from "vitest";
import { Playhead } from "./playhead.ts";
import { compare, describe, isBlack, keysFor, nameOf, read, type Note } from "./window.ts";

const note = (onset: number, pitch: number): Note => ({ onset, length: 480, pitch, velocity: 64 });

group("a window", () => {
  it("is read from a flat list", () => {
    expect(read([3840, 1920, 0, 480, 60, 64])).toEqual({ start: 3840, length: 1920, notes: [note(0, 60)] });
    expect(read([3840, 1920])?.notes).toEqual([]);
    for (const none of [[], [1], [1, 2, 3], ["a", 2], [1, 2, 3, 4, 5, null]]) expect(read(none)).toBeUndefined();
  });

  it("knows what was moved, added and dropped", () => {
    const played = [note(0, 60), note(960, 62), note(1920, 64), note(2880, 65)];
    const heard = [note(0, 60), note(960, 67), note(2400, 64), note(1440, 50)];
    const changes = compare(played, heard);
    expect(changes.kept).toEqual([[note(0, 60), note(0, 60)]]);
    expect(changes.moved).toEqual([
      [note(960, 62), note(960, 67)],
      [note(1920, 64), note(2400, 64)],
    ]);
    expect(changes.added).toEqual([note(1440, 50)]);
    expect(changes.dropped).toEqual([note(2880, 65)]);
  });

  it("that is heard as it was played has no changes, whatever chords are in it", () => {
    const chords = [note(0, 60), note(0, 64), note(0, 67), note(960, 64)];
    expect(compare(chords, [...chords].reverse())).toMatchObject({ moved: [], added: [], dropped: [] });
    expect(compare([], chords).added).toEqual(chords);
  });

  it("is said in words", () => {
    expect(describe("heard", [note(0, 62), note(0, 81)], 2)).toBe("heard: 2 notes, D4 to A5, 2 changed");
    expect(describe("played", [note(0, 60)])).toBe("played: 1 note, C4");
    expect(describe("played", [])).toBe("played: no notes");
    expect([nameOf(61), nameOf(0), isBlack(61), isBlack(60)]).toEqual(["C♯4", "C-1", true, false]);
  });

  it("is shown on the same keys as the one before, if they do", () => {
    const keys = keysFor([note(0, 60), note(0, 72)], [0, 127]);
    expect(keys).toEqual([58, 74]);
    expect(keysFor([note(0, 62), note(0, 70)], keys)).toEqual(keys);
    expect(keysFor([note(0, 40)], keys)).toEqual([34, 46]);
    expect(keysFor([], keys)).toEqual(keys);
  });
});

group("the playhead", () => {
  it("goes by the tempo, and believes what came earliest", () => {
    const head = new Playhead();
    head.go(true, 120, 0);
    head.hear(0, 30); // 30 ms late
    expect(head.at(530)).toBe(960);
    head.hear(960, 505);
    expect(head.at(505)).toBe(960); // this one was less so
    head.hear(1920, 1035); // later again
    expect(head.at(1035)).toBeGreaterThan(1960);
  });

  it("jumps where the song does, and stands where it stands", () => {
    const head = new Playhead();
    head.go(true, 120, 0);
    head.hear(0, 0);
    head.hear(9600, 100);
    expect(head.at(100)).toBe(9600);
    head.go(false, 120, 100);
    expect(head.at(5000)).toBe(9600);
  });
});
