// When a student is cheaper than an API, as lines that cross.
import type { BreakEven } from "../../../src/protocol.ts";

export interface Curve {
  name: string;
  color: string;
  points: { x: number; y: number }[];
  mark: "line" | "dash";
}

/** In units of what the student cost to make. APIs it never beats have no line; none at all: an empty list. */
export function breakEvenCurves(pays: readonly BreakEven[]): Curve[] {
  const reached = pays.flatMap((one) =>
    one.queries === null || one.queries <= 0 ? [] : [{ api: one.api, queries: one.queries }],
  );
  const end = 1.6 * Math.max(0, ...reached.map((one) => one.queries));
  if (end === 0) return [];
  const made: Curve = {
    name: "making the student",
    color: "tuned",
    mark: "dash",
    points: [
      { x: 0, y: 1 },
      { x: end, y: 1 },
    ],
  };
  // The cheapest API sets the picture's height; a dear one leaves it soon.
  return [
    made,
    ...reached.map(({ api, queries }, place): Curve => {
      const until = Math.min(end, 2.2 * queries);
      return {
        name: api,
        color: `s${(place + 1) % 6}`,
        mark: "line",
        points: [
          { x: 0, y: 0 },
          { x: queries, y: 1 },
          { x: until, y: until / queries },
        ],
      };
    }),
  ];
}
