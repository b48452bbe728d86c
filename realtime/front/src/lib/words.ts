// How values are said to a person.

const UNITS: Record<string, string> = { "time.ms": "ms", "time.bpm": "BPM" }; // OSCQuery's words

export function unitOf(unit: string): string {
  return UNITS[unit] ?? unit;
}

/** A number in as many figures as one reads: 8, 0.14, 120.5. */
export function plain(value: number): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 1000 ? 0 : Math.abs(value) < 1 ? 2 : 1;
  return value.toFixed(digits).replace("-", "−");
}

/** An offset always says its sign. */
export function signed(value: number): string {
  const sign = value > 0 ? "+" : value < 0 ? "−" : "";
  return `${sign}${Math.abs(value).toFixed(2)}`;
}

export function percent(value: number): string {
  return `${Math.round(100 * value)} %`;
}
