// The line to the engine: HTTP gives the tree of addresses, a WebSocket the values as they change.
// The engine may be started anew at any time, so a line that is lost is taken up again.

import { decode, type Argument } from "./osc.ts";
import { ROOT, type Node } from "./tree.ts";

const FIRST_WAIT = 250; // ms until it is tried again
const LONGEST_WAIT = 4000;

interface Listener {
  here: boolean;
  show(tree: Node): void;
  meet(): void;
  hear(address: string, args: Argument[]): void;
}

export class Line {
  private socket: WebSocket | undefined;
  private wait = FIRST_WAIT;

  constructor(
    private readonly origin: URL,
    private readonly listener: Listener,
  ) {}

  /** Nothing is sent while nobody is there: it would come as a surprise later. */
  send(packet: Uint8Array<ArrayBuffer>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(packet);
  }

  async connect(): Promise<void> {
    try {
      await this.fetchTree();
    } catch {
      this.lose();
      return;
    }
    const socket = new WebSocket(this.origin.href.replace(/^http/, "ws"));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.greet(socket);
    socket.onmessage = (event: MessageEvent<ArrayBuffer | string>) => this.take(event.data);
    socket.onclose = () => this.lose();
    this.socket = socket;
  }

  private async fetchTree(): Promise<void> {
    const response = await fetch(this.origin, { cache: "no-store" });
    if (!response.ok) throw new Error(`${response.status}`);
    this.listener.show((await response.json()) as Node);
  }

  private greet(socket: WebSocket): void {
    this.wait = FIRST_WAIT;
    socket.send(JSON.stringify({ COMMAND: "LISTEN", DATA: ROOT }));
    this.listener.meet();
  }

  private lose(): void {
    this.listener.here = false;
    this.socket = undefined;
    setTimeout(() => void this.connect(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  private take(data: ArrayBuffer | string): void {
    if (typeof data === "string") this.obey(data);
    else for (const { address, args } of decode(data)) this.listener.hear(address, args);
  }

  private obey(text: string): void {
    const { COMMAND, DATA } = JSON.parse(text) as { COMMAND: string; DATA: string };
    if (COMMAND === "PATH_CHANGED") this.fetchTree().catch(() => this.socket?.close());
    else if (COMMAND === "ERROR") this.listener.hear(`${ROOT}/error`, ["panel", DATA]);
  }
}
