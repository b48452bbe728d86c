// What the panel knows of the engine, and what is set here: one Board for all components.
//
// The engine tells everyone what anyone sets, so panels stay in step. Only what is in a hand here
// waits with its echo until it is let go: the last hand wins.

import { SvelteMap } from "svelte/reactivity";
import { encode, type Argument } from "./osc.ts";
import { ROOT, rows, type Node, type Row } from "./tree.ts";

export { ROOT };
const SETTLE = 300; // ms after the last turn, in which its own echo has come back

interface Told {
  args: Argument[];
  turn: number; // what was told later has a higher one
}

interface Held {
  hands: number;
  until: number; // ms
}

type Listener = (args: Argument[]) => void;

export class Board {
  /** A row for each address; another preset has others. */
  table: Map<string, Row> = $state.raw(new Map());
  /** Whether the engine is there. */
  here = $state(false);
  /** What was told last of each address, or set here. */
  readonly told = new SvelteMap<string, Told>();

  private turn = 0;
  private readonly sent = new Set<string>(); // addresses, in this frame
  private readonly due = new Map<string, Argument[]>(); // to be sent in the next one
  private readonly held = new Map<string, Held>();
  private readonly later = new Map<string, Told>(); // told of what is held
  private readonly listeners = new Map<string, Set<Listener>>();
  private old = new Set<string>(); // addresses that are going to be told what the tree has told

  /** `post` sends a packet, `frame` calls before the next picture, `now` is in ms. */
  constructor(
    private readonly post: (packet: Uint8Array<ArrayBuffer>) => void,
    private readonly frame: (call: () => void) => unknown = (call) => requestAnimationFrame(call),
    private readonly now: () => number = () => performance.now(),
  ) {}

  // --- what is known ----------------------------------------------------------------------------

  row(address: string): Row | undefined {
    return this.table.get(address);
  }

  has(address: string): boolean {
    return this.table.has(address);
  }

  args(address: string): Argument[] {
    return this.told.get(address)?.args ?? [];
  }

  number(address: string, otherwise = 0): number {
    const [value] = this.args(address);
    return typeof value === "number" ? value : typeof value === "boolean" ? Number(value) : otherwise;
  }

  text(address: string, otherwise = ""): string {
    const [value] = this.args(address);
    return value === undefined || value === null ? otherwise : String(value);
  }

  /** Which of these was told last. */
  latest(...addresses: string[]): string {
    const turn = (address: string) => this.told.get(address)?.turn ?? -1;
    return addresses.reduce((last, address) => (turn(address) > turn(last) ? address : last));
  }

  /** The names right below a path, in the tree's order: `below("/glissar/knob")`. */
  below(path: string): string[] {
    const names = [...this.table.keys()]
      .filter((address) => address.startsWith(`${path}/`))
      .map((address) => address.slice(path.length + 1).split("/")[0]!);
    return [...new Set(names)];
  }

  /** Call with each message to an address, also one that says what was said before. */
  on(address: string, listener: Listener): () => void {
    const all = this.listeners.get(address) ?? new Set();
    this.listeners.set(address, all.add(listener));
    return () => all.delete(listener);
  }

  // --- what is set ------------------------------------------------------------------------------

  /** Set a value: seen here at once, sent once a frame: the first at once, then the latest. */
  set(address: string, ...args: Argument[]): void {
    this.know(address, args);
    this.settleLater(address, this.held.get(address)?.hands ?? 0);
    if (this.sent.has(address)) this.due.set(address, args);
    else this.sendFirst(address, args);
  }

  /** Pull a trigger, or say what is no value: each is sent, at once. */
  pull(address: string, ...args: Argument[]): void {
    this.flush(); // what was set before comes before
    this.send(address, args);
  }

  /** A hand is at a control: what others do with it is shown when it lets go. */
  hold(address: string): void {
    const { hands = 0, until = 0 } = this.held.get(address) ?? {};
    this.held.set(address, { hands: hands + 1, until });
  }

  release(address: string): void {
    const held = this.held.get(address);
    if (held) this.settleLater(address, Math.max(held.hands - 1, 0));
  }

  private settleLater(address: string, hands: number): void {
    this.held.set(address, { hands, until: this.now() + SETTLE });
    setTimeout(() => this.settle(address), SETTLE);
  }

  private settle(address: string): void {
    const held = this.held.get(address);
    if (!held || held.hands > 0 || this.now() < held.until - 1) return; // timers round
    this.held.delete(address);
    const told = this.later.get(address);
    this.later.delete(address);
    if (told) this.told.set(address, told);
  }

  private sendFirst(address: string, args: Argument[]): void {
    if (this.sent.size === 0) this.frame(() => this.begin());
    this.sent.add(address);
    this.send(address, args);
  }

  /** Another frame. */
  private begin(): void {
    const due = [...this.due];
    this.due.clear();
    this.sent.clear();
    for (const [address, args] of due) this.sendFirst(address, args);
  }

  private flush(): void {
    for (const [address, args] of this.due) this.send(address, args);
    this.due.clear();
  }

  private send(address: string, args: Argument[]): void {
    this.post(encode(address, args, this.table.get(address)?.types));
  }

  // --- what is told -----------------------------------------------------------------------------

  /** The engine is there, and is going to tell what it has told before. */
  meet(): void {
    this.here = true;
    this.old = new Set([...this.table.values()].filter((row) => row.value).map((row) => row.address));
    const knobs = `${ROOT}/knob`; // which of a knob's readings holds is told last if it is asked
    if (this.below(knobs).length > 0) this.pull(`${ROOT}/query`, knobs);
  }

  hear(address: string, args: Argument[]): void {
    const again = this.old.delete(address) && same(args, this.row(address)?.value);
    if (this.held.has(address)) this.later.set(address, { args, turn: ++this.turn });
    else this.know(address, args);
    if (!again) this.listeners.get(address)?.forEach((listener) => listener(args));
  }

  private know(address: string, args: Argument[]): void {
    this.told.set(address, { args, turn: ++this.turn });
  }

  /** The engine's addresses, which may be others than before. */
  show(tree: Node): void {
    this.table = rows(tree);
    for (const address of this.told.keys()) if (!this.table.has(address)) this.told.delete(address);
    for (const { address, value } of this.table.values()) {
      if (value && !this.held.has(address) && !same(value, this.told.get(address)?.args)) {
        this.know(address, value);
      }
    }
  }
}

function same(some: Argument[], others: Argument[] | undefined): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}
