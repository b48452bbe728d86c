// Where the song is, between two tellings of /glissar/transport/at. Times are ms.

import { QUARTER } from "../lib/meter.ts";

const JUMP = 120; // ms from where it was thought to be, from which on it is somewhere else
const PULL = 0.1; // of the way back, for a telling that seems late

/** A telling may come late, by what the way here takes, and never early: the earliest are believed. */
export class Playhead {
  private tick = 0;
  private when = 0;
  private rate = 0; // ticks a ms; 0 where the song stands
  private known = false;

  hear(tick: number, now: number): void {
    const ahead = this.at(now) - tick;
    const sure = this.known && this.rate > 0 && Math.abs(ahead) < JUMP * this.rate;
    this.tick = sure && ahead > 0 ? tick + ahead * (1 - PULL) : tick;
    this.when = now;
    this.known = true;
  }

  /** The song rolls at this tempo, in quarter notes a minute, or stands. */
  go(rolling: boolean, tempo: number, now: number): void {
    this.tick = this.at(now);
    this.when = now;
    this.rate = rolling ? (tempo * QUARTER) / 60_000 : 0;
  }

  at(now: number): number {
    return this.tick + (now - this.when) * this.rate;
  }
}
