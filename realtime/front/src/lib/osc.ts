// OSC 1.0 as glissar speaks it: messages of i f s T F N, and bundles of them.

export type Argument = number | string | boolean | null;

export interface Message {
  address: string;
  args: Argument[];
}

const BUNDLE = "#bundle";
const MOST_NESTED = 4; // bundles within bundles; glissar sends none

/** A message as bytes. `types` are its arguments' (such as "sf"); without them a number is a float. */
export function encode(address: string, args: readonly Argument[], types = ""): Uint8Array<ArrayBuffer> {
  const tags = args.map((arg, k) => tag(arg, types[k]));
  const parts = [text(address), text(`,${tags.join("")}`)];
  args.forEach((arg, k) => parts.push(bytes(arg, tags[k]!)));
  const packet = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    packet.set(part, at);
    at += part.length;
  }
  return packet;
}

function tag(arg: Argument, asked: string | undefined): string {
  if (typeof arg === "string") return "s";
  if (typeof arg === "boolean") return arg ? "T" : "F";
  if (arg === null) return "N";
  return asked === "i" ? "i" : "f";
}

function bytes(arg: Argument, tag: string): Uint8Array {
  if (typeof arg === "string") return text(arg);
  if (typeof arg !== "number") return new Uint8Array(0);
  const view = new DataView(new ArrayBuffer(4));
  if (tag === "i") view.setInt32(0, Math.round(arg));
  else view.setFloat32(0, arg);
  return new Uint8Array(view.buffer);
}

/** UTF-8, ended by at least one zero, in whole fours. */
function text(words: string): Uint8Array {
  const utf8 = new TextEncoder().encode(words);
  const padded = new Uint8Array((utf8.length + 4) & ~3);
  padded.set(utf8);
  return padded;
}

/** The messages of a packet, in their order. Throws RangeError where it is no OSC. */
export function decode(packet: ArrayBuffer | Uint8Array, nested = 0): Message[] {
  const all = packet instanceof Uint8Array ? packet : new Uint8Array(packet);
  const reader = new Reader(all);
  const address = reader.text();
  if (address !== BUNDLE) return [{ address, args: reader.arguments() }];
  if (nested === MOST_NESTED) throw new RangeError("bundles within too many bundles");
  reader.skip(8); // its time: what is told is told at once
  const messages: Message[] = [];
  while (!reader.ended) messages.push(...decode(reader.block(reader.int()), nested + 1));
  return messages;
}

class Reader {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly all: Uint8Array) {
    this.view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  }

  get ended(): boolean {
    return this.at >= this.all.length;
  }

  skip(many: number): number {
    const from = this.at;
    if (many < 0 || from + many > this.all.length) throw new RangeError("an OSC packet is cut off");
    this.at += many;
    return from;
  }

  block(many: number): Uint8Array {
    const from = this.skip(many);
    return this.all.subarray(from, from + many);
  }

  int(): number {
    return this.view.getInt32(this.skip(4));
  }

  text(): string {
    const end = this.all.indexOf(0, this.at);
    if (end < 0) throw new RangeError("an OSC text has no end");
    const length = end - this.at;
    const from = this.skip((length + 4) & ~3);
    return new TextDecoder().decode(this.all.subarray(from, from + length));
  }

  arguments(): Argument[] {
    if (this.ended) return [];
    const tags = this.text();
    if (!tags.startsWith(",")) throw new RangeError("an OSC message has no types");
    return [...tags.slice(1)].map((tag) => this.argument(tag));
  }

  private argument(tag: string): Argument {
    switch (tag) {
      case "i":
        return this.int();
      case "f":
        return Number(this.view.getFloat32(this.skip(4)).toPrecision(7)); // 0.4, as it was meant
      case "s":
        return this.text();
      case "T":
        return true;
      case "F":
        return false;
      case "N":
        return null;
      default:
        throw new RangeError(`no OSC type ${tag} here`);
    }
  }
}
