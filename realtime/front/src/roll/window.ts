// The window that sounds, as /glissar/window/played and /heard tell it, and what changed in it.

import { QUARTER } from "../lib/meter.ts";
import type { Argument } from "../lib/osc.ts";

const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const NEAR = QUARTER; // ticks within which a note that comes at another time is the same one
const AIR = 2; // semitones above and below what is shown
const LEAST = 12; // semitones that are shown
const SPARE = 7; // semitones too many, for which the keys stay as they were

export interface Note {
  onset: number; // ticks from the window's line
  length: number;
  pitch: number;
  velocity: number;
}

export interface Window {
  start: number; // the tick of the song
  length: number;
  notes: Note[];
}

/** Undefined where it is no such list. */
export function read(args: readonly Argument[]): Window | undefined {
  if (args.length < 2 || args.length % 4 !== 2 || !args.every(Number.isFinite)) return undefined;
  const [start, length, ...rest] = args as number[];
  const notes: Note[] = [];
  for (let k = 0; k < rest.length; k += 4) {
    const [onset, long, pitch, velocity] = rest.slice(k, k + 4) as [number, number, number, number];
    notes.push({ onset, length: long, pitch, velocity });
  }
  return { start: start!, length: length!, notes };
}

type Pair = [played: Note, heard: Note];

export interface Changes {
  kept: Pair[]; // it may be another length that is heard
  moved: Pair[];
  added: Note[];
  dropped: Note[];
}

/** What became of each note: of two that are struck at once, or near each other at one pitch, one is
 * the other. */
export function compare(played: readonly Note[], heard: readonly Note[]): Changes {
  const left = [...played];
  const found = new Map<Note, Note>(); // heard, played
  const take = (is: (old: Note, now: Note) => boolean) => {
    for (const now of heard) {
      if (found.has(now)) continue;
      const at = left.findIndex((old) => is(old, now));
      if (at >= 0) found.set(now, left.splice(at, 1)[0]!);
    }
  };
  take((old, now) => old.onset === now.onset && old.pitch === now.pitch);
  take((old, now) => old.onset === now.onset);
  take((old, now) => old.pitch === now.pitch && Math.abs(old.onset - now.onset) < NEAR);
  const same = (old: Note, now: Note) => old.onset === now.onset && old.pitch === now.pitch;
  const pairs = heard.filter((n) => found.has(n)).map((n): Pair => [found.get(n)!, n]);
  return {
    kept: pairs.filter(([old, now]) => same(old, now)),
    moved: pairs.filter(([old, now]) => !same(old, now)),
    added: heard.filter((n) => !found.has(n)),
    dropped: left,
  };
}

export function nameOf(pitch: number): string {
  return `${NAMES[((pitch % 12) + 12) % 12]}${Math.floor(pitch / 12) - 1}`;
}

export function isBlack(pitch: number): boolean {
  return [1, 3, 6, 8, 10].includes(((pitch % 12) + 12) % 12);
}

/** "heard: 7 notes, D4 to A5, 2 changed". */
export function describe(name: string, notes: readonly Note[], changed?: number): string {
  if (notes.length === 0) return `${name}: no notes`;
  const pitches = notes.map((n) => n.pitch);
  const [low, high] = [Math.min(...pitches), Math.max(...pitches)];
  const range = low === high ? nameOf(low) : `${nameOf(low)} to ${nameOf(high)}`;
  const many = notes.length === 1 ? "1 note" : `${notes.length} notes`;
  return [`${name}: ${many}`, range, ...(changed === undefined ? [] : [`${changed} changed`])].join(", ");
}

export type Keys = [low: number, high: number];

/** The keys to show: those that were shown, as long as they do. */
export function keysFor(notes: readonly Note[], before: Keys): Keys {
  if (notes.length === 0) return before;
  const pitches = notes.map((n) => n.pitch);
  let [low, high] = [Math.min(...pitches) - AIR, Math.max(...pitches) + AIR];
  const missing = Math.max(0, LEAST - (high - low));
  low -= Math.floor(missing / 2);
  high += Math.ceil(missing / 2);
  const covered = before[0] <= low + AIR && before[1] >= high - AIR;
  return covered && before[1] - before[0] <= high - low + SPARE ? before : [low, high];
}
