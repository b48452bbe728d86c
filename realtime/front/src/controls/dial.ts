// A dial's geometry: values to angles, angles to arcs.

export const LAST = 135; // degrees from the top to the most, and back to the least

/** Degrees clockwise from the top. */
export function angle(value: number, low: number, high: number): number {
  return LAST * (2 * ((value - low) / (high - low)) - 1);
}

export function point(degrees: number, radius: number): { x: number; y: number } {
  const radians = (degrees * Math.PI) / 180;
  return { x: round(radius * Math.sin(radians)), y: round(-radius * Math.cos(radians)) };
}

/** SVG's path from one angle to another around 0, 0. */
export function arc(from: number, to: number, radius: number): string {
  const [start, end] = from < to ? [from, to] : [to, from];
  const a = point(start, radius);
  const b = point(end, radius);
  return `M${a.x} ${a.y}A${radius} ${radius} 0 ${end - start > 180 ? 1 : 0} 1 ${b.x} ${b.y}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
