// What the pointer is nearest to.
import { useState } from "preact/hooks";

export interface Spot {
  x: number;
  y: number;
}

export interface Pointing<T> {
  item: T | null;
  on: {
    onPointerMove(event: PointerEvent): void;
    onPointerLeave(): void;
    onClick(): void;
  };
}

/** Pixels: farther away, nothing is meant. */
const REACH = 36;

export function usePointing<T>(items: readonly T[], place: (item: T) => Spot, choose?: (item: T) => void): Pointing<T> {
  const [item, setItem] = useState<T | null>(null);
  return {
    item,
    on: {
      onPointerMove(event) {
        const svg = (event.currentTarget as SVGElement).ownerSVGElement;
        if (!svg) return;
        const box = svg.getBoundingClientRect();
        setItem(nearest(items, place, { x: event.clientX - box.left, y: event.clientY - box.top }));
      },
      onPointerLeave: () => setItem(null),
      onClick: () => item && choose?.(item),
    },
  };
}

function nearest<T>(items: readonly T[], place: (item: T) => Spot, at: Spot): T | null {
  let [best, shortest] = [null as T | null, REACH ** 2];
  for (const item of items) {
    const { x, y } = place(item);
    const distance = (x - at.x) ** 2 + (y - at.y) ** 2;
    if (distance < shortest) [best, shortest] = [item, distance];
  }
  return best;
}
