// Showing less than there is without hiding what matters.

/** At most `most` of the items, evenly spread, first and last among them. */
export function evenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return items.slice();
  const step = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, place) => items[Math.round(place * step)] as T);
}

/**
 * At most about `most` points that look like all of them: of each column of the picture the lowest, the highest, the
 * first and the last (M4: Jugel et al., 2014). `points` are in the order of x.
 */
export function decimate<T>(points: readonly T[], x: (point: T) => number, y: (point: T) => number, most: number): T[] {
  if (points.length <= most) return points.slice();
  const columns = Math.max(1, Math.floor(most / 4));
  const start = x(points[0] as T);
  const width = (x(points.at(-1) as T) - start) / columns || 1;
  const kept = new Set<number>();
  for (let place = 0; place < points.length;) {
    const column = Math.min(columns - 1, Math.floor((x(points[place] as T) - start) / width));
    let [low, high, end] = [place, place, place];
    while (end < points.length) {
      const point = points[end] as T;
      if (Math.min(columns - 1, Math.floor((x(point) - start) / width)) !== column) break;
      if (y(point) < y(points[low] as T)) low = end;
      if (y(point) > y(points[high] as T)) high = end;
      end++;
    }
    for (const one of [place, low, high, end - 1]) kept.add(one);
    place = end;
  }
  return [...kept].sort((a, b) => a - b).map((place) => points[place] as T);
}

/** Of points all over a picture at most `most`: those that must stay, and of the others one for each spot. */
export function thinOut<T>(
  points: readonly T[],
  x: (point: T) => number,
  y: (point: T) => number,
  mustStay: (point: T) => boolean,
  most: number,
): T[] {
  if (points.length <= most) return points.slice();
  const across = Math.max(2, Math.floor(Math.sqrt(most * 2)));
  const down = Math.max(2, Math.floor(most / across));
  const [left, right] = extent(points, x);
  const [bottom, top] = extent(points, y);
  const taken = new Set<number>();
  return points.filter((point) => {
    const column = Math.floor(((x(point) - left) / (right - left || 1)) * (across - 1));
    const row = Math.floor(((y(point) - bottom) / (top - bottom || 1)) * (down - 1));
    const spot = row * across + column;
    const isNew = !taken.has(spot);
    taken.add(spot);
    return isNew || mustStay(point);
  });
}

function extent<T>(points: readonly T[], of: (point: T) => number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const point of points) {
    low = Math.min(low, of(point));
    high = Math.max(high, of(point));
  }
  return [low, high];
}
