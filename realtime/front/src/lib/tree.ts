// OSCQuery's tree of JSON as a table: a row for each address that is a method.

import type { Argument } from "./osc.ts";

export const ROOT = "/glissar";

export interface Node {
  FULL_PATH: string;
  ACCESS?: number;
  TYPE?: string;
  DESCRIPTION?: string;
  VALUE?: Argument[];
  RANGE?: { MIN?: number; MAX?: number; VALS?: Argument[] }[];
  UNIT?: string[];
  CONTENTS?: Record<string, Node>;
}

export interface Row {
  address: string;
  types: string; // OSC's: "f", "s", "ssf", "N" for a trigger
  says: string;
  low: number; // of the last argument
  high: number;
  options: string[]; // of a menu
  unit: string;
  readable: boolean;
  writable: boolean;
  value: Argument[] | undefined; // when the tree was fetched
}

export function rows(node: Node): Map<string, Row> {
  const table = new Map<string, Row>();
  collect(node, table);
  return table;
}

function collect(node: Node, table: Map<string, Row>): void {
  if (node.TYPE !== undefined) table.set(node.FULL_PATH, row(node, node.TYPE));
  for (const below of Object.values(node.CONTENTS ?? {})) collect(below, table);
}

function row(node: Node, types: string): Row {
  const range = node.RANGE?.at(-1) ?? {};
  const access = node.ACCESS ?? 0;
  return {
    address: node.FULL_PATH,
    types,
    says: node.DESCRIPTION ?? "",
    low: range.MIN ?? 0,
    high: range.MAX ?? 1,
    options: (range.VALS ?? []).map(String),
    unit: node.UNIT?.[0] ?? "",
    readable: (access & 1) !== 0,
    writable: (access & 2) !== 0,
    value: node.VALUE,
  };
}
