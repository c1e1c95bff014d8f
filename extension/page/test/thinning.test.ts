import assert from "node:assert/strict";
import { test } from "node:test";
import { decimate, evenly, thinOut } from "../src/data/thinning.ts";

interface Point {
  x: number;
  y: number;
}

const x = (point: Point) => point.x;
const y = (point: Point) => point.y;
const wave = Array.from({ length: 10_000 }, (_, at) => ({ x: at, y: at === 7123 ? 99 : Math.sin(at / 50) }));

test("a curve keeps its ends, its order and its peaks", () => {
  const kept = decimate(wave, x, y, 400);
  assert.ok(kept.length <= 400, String(kept.length));
  assert.ok(kept.length > 100);
  assert.deepEqual([kept[0]?.x, kept.at(-1)?.x], [0, 9999]);
  assert.ok(kept.some((point) => point.y === 99));
  assert.deepEqual(
    kept.map(x),
    kept.map(x).toSorted((a, b) => a - b),
  );
});

test("few points stay as they are", () => {
  assert.deepEqual(decimate(wave.slice(0, 10), x, y, 400), wave.slice(0, 10));
  assert.deepEqual(decimate([], x, y, 400), []);
});

test("points at one place do not hang or vanish", () => {
  const still = Array.from({ length: 1000 }, () => ({ x: 5, y: 1 }));
  assert.ok(decimate(still, x, y, 100).length >= 1);
});

test("evenly spread, both ends among them", () => {
  assert.deepEqual(evenly([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4), [0, 3, 6, 9]);
  assert.deepEqual(evenly([1, 2], 4), [1, 2]);
});

test("of a cloud one a spot stays, and all that must", () => {
  const cloud = Array.from({ length: 20_000 }, (_, at) => ({
    x: at % 141,
    y: Math.floor(at / 141) % 97,
    must: at === 19_999,
  }));
  const kept = thinOut(cloud, x, y, (point) => point.must, 500);
  assert.ok(kept.length <= 520, String(kept.length));
  assert.ok(kept.some((point) => point.must));
});
