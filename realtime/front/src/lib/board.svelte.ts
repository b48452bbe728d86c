// What the panel knows of the engine, and its way to it: one Board for all components.
//
// HTTP gives the tree of addresses, a WebSocket the values as they become others. The engine tells
// everyone what anyone sets, so panels stay in step; only what is in a hand here waits with its echo.

import { SvelteMap } from "svelte/reactivity";
import { decode, encode, type Argument } from "./osc.ts";
import { rows, type Node, type Row } from "./tree.ts";

export const ROOT = "/glissar";
const ERROR = `${ROOT}/error`;
const SETTLE = 300; // ms after the last turn, in which its own echo has come back
const FIRST_WAIT = 250; // ms until it is tried again to connect
const LONGEST_WAIT = 4000;

export interface Told {
  args: Argument[];
  turn: number; // what was told later has a higher one
}

type Listener = (args: Argument[]) => void;

export class Board {
  /** A row for each address; another preset has others. */
  table: Map<string, Row> = $state.raw(new Map());
  /** Whether the engine is there. */
  here = $state(false);
  /** What was told last of each address, or set here. */
  readonly told = new SvelteMap<string, Told>();

  private origin = new URL("http://localhost/");
  private socket: WebSocket | undefined;
  private wait = FIRST_WAIT;
  private turn = 0;
  private readonly due = new Map<string, Argument[]>(); // to be sent with the next frame
  private readonly held = new Map<string, { hands: number; until: number }>();
  private readonly later = new Map<string, Told>(); // told of what is held
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(
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

  /** The names right below a path that have addresses of their own: `below("/glissar/knob")`. */
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

  /** Set a value: seen here at once, sent with the next frame, the latest only. */
  set(address: string, ...args: Argument[]): void {
    this.know(address, args);
    const { hands = 0 } = this.held.get(address) ?? {};
    this.held.set(address, { hands, until: this.now() + SETTLE });
    setTimeout(() => this.settle(address), SETTLE);
    if (this.due.size === 0) this.frame(() => this.flush());
    this.due.set(address, args);
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
    if (!held) return;
    this.held.set(address, { hands: Math.max(held.hands - 1, 0), until: this.now() + SETTLE });
    setTimeout(() => this.settle(address), SETTLE);
  }

  private settle(address: string): void {
    const held = this.held.get(address);
    if (!held || held.hands > 0 || this.now() < held.until - 1) return;
    this.held.delete(address);
    const told = this.later.get(address);
    this.later.delete(address);
    if (told) this.told.set(address, told);
  }

  private flush(): void {
    for (const [address, args] of this.due) this.send(address, args);
    this.due.clear();
  }

  private send(address: string, args: Argument[]): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(encode(address, args, this.table.get(address)?.types));
  }

  // --- what is told -----------------------------------------------------------------------------

  hear(address: string, args: Argument[]): void {
    if (this.held.has(address)) this.later.set(address, { args, turn: ++this.turn });
    else this.know(address, args);
    this.listeners.get(address)?.forEach((listener) => listener(args));
  }

  private know(address: string, args: Argument[]): void {
    this.told.set(address, { args, turn: ++this.turn });
  }

  /** The engine's addresses, which may be others than before. */
  show(tree: Node): void {
    this.table = rows(tree);
    for (const address of this.told.keys()) if (!this.table.has(address)) this.told.delete(address);
    for (const row of this.table.values()) if (row.value) this.learn(row.address, row.value);
  }

  private learn(address: string, value: Argument[]): void {
    const known = this.told.get(address)?.args;
    if (!this.held.has(address) && JSON.stringify(known) !== JSON.stringify(value)) this.know(address, value);
  }

  // --- the connection ---------------------------------------------------------------------------

  /** Connect, and again whenever the engine is gone: it may be started anew at any time. */
  connect(origin: URL): void {
    this.origin = origin;
    void this.reach();
  }

  private async reach(): Promise<void> {
    try {
      await this.fetchTree();
    } catch {
      this.lose();
      return;
    }
    const socket = new WebSocket(new URL(this.origin.href.replace(/^http/, "ws")));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.greet(socket);
    socket.onmessage = (event: MessageEvent<ArrayBuffer | string>) => this.take(event.data);
    socket.onclose = () => this.lose();
    this.socket = socket;
  }

  private async fetchTree(): Promise<void> {
    const response = await fetch(this.origin, { cache: "no-store" });
    if (!response.ok) throw new Error(`${response.status}`);
    this.show((await response.json()) as Node);
  }

  private greet(socket: WebSocket): void {
    this.here = true;
    this.wait = FIRST_WAIT;
    socket.send(JSON.stringify({ COMMAND: "LISTEN", DATA: ROOT }));
    this.pull(`${ROOT}/query`, `${ROOT}/knob`); // which of a knob's readings holds: it is told last
  }

  private lose(): void {
    this.here = false;
    this.socket = undefined;
    setTimeout(() => void this.reach(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  private take(data: ArrayBuffer | string): void {
    if (typeof data === "string") this.obey(data);
    else for (const { address, args } of decode(data)) this.hear(address, args);
  }

  private obey(text: string): void {
    const { COMMAND, DATA } = JSON.parse(text) as { COMMAND: string; DATA: string };
    if (COMMAND === "PATH_CHANGED") this.fetchTree().catch(() => this.socket?.close());
    else if (COMMAND === "ERROR") this.hear(ERROR, ["panel", DATA]);
  }
}
