// Bars and beats, by /glissar/transport/meter: "4/4".

export const QUARTER = 960; // ticks

export interface Meter {
  beats: number; // of a bar
  beat: number; // ticks
}

/** 4/4 where it is no meter. */
export function readMeter(text: string): Meter {
  const [beats, unit] = text.split("/").map(Number);
  return { beats: beats || 4, beat: (QUARTER * 4) / (unit || 4) };
}
