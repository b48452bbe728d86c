// The map of the preset that plays, as the engine serves it beside the panel.

export interface Plane {
  knob: string;
  says: string;
  unit: string;
  ends: [number, number]; // what is heard on average at the knob's low and high end
  across: { dimension: number; changes: number }; // the share of steps that are others from end to end
  rows: number[][]; // from the low end across to the high one; in each the knob's way
}

export interface Place {
  x: number; // 0 to 1: the knob's target
  y: number; // 0 to 1, from the low end across
}

export async function fetchPlanes(): Promise<Plane[]> {
  const response = await fetch("map.json", { cache: "no-store" });
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as { planes: Plane[] }).planes;
}

/** The least and the most of a plane. */
export function extent(plane: Plane): [number, number] {
  const values = plane.rows.flat();
  return [Math.min(...values), Math.max(...values)];
}

/** The value of the cell nearest to a place. */
export function valueAt(plane: Plane, { x, y }: Place): number {
  const row = plane.rows[Math.round(y * (plane.rows.length - 1))]!;
  return row[Math.round(x * (row.length - 1))]!;
}

export function clamped(place: Place): Place {
  const inside = (value: number) => Math.round(Math.min(Math.max(value, 0), 1) * 1000) / 1000;
  return { x: inside(place.x), y: inside(place.y) };
}
