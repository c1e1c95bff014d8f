import assert from "node:assert/strict";
import { test } from "node:test";
import {
  describeGain,
  isShare,
  showBytes,
  showChance,
  showEffect,
  showLarge,
  showProbability,
  showQuantity,
  showRange,
  showScore,
  showSeconds,
  showUsd,
} from "../src/data/numbers.ts";

const CASES: [got: string, wanted: string][] = [
  [showScore(0.824, true), "82 %"],
  [showScore(0.0324, true), "3.2 %"],
  [showScore(3.44, false), "3.4"],
  [showScore(0.0625, true), "6.2 %"],
  [showRange(0.1, 0.995, true), "10–100 %"],
  [showEffect(0.27, true), "+27"],
  [showEffect(-0.051, true), "−5.1"],
  [showEffect(-0.00001, true), "0"],
  [showProbability(0.9704), "P = 0.97"],
  [showProbability(0.9971), "P = 0.997"],
  [showProbability(1), "P > 0.999"],
  [showProbability(0), "P < 0.001"],
  [showChance(0.97), "0.97"],
  [showChance(0.9999), "> 0.999"],
  [showUsd(null), "price unknown"],
  [showUsd(0), "$0.00"],
  [showUsd(0.0123), "$0.0123"],
  [showUsd(12.3), "$12.30"],
  [showSeconds(0.31), "0.31 s"],
  [showSeconds(75), "1 min 15 s"],
  [showSeconds(59.99), "60.0 s"],
  [showSeconds(3 * 3600 + 120), "3 h 2 min"],
  [showBytes(1_480_000_000), "1.5 GB"],
  [showBytes(980_000_000), "980 MB"],
  [showLarge(134_515_008), "134.5 M"],
  [showLarge(12), "12"],
  [showQuantity(0.31, "usd"), "$0.3100"],
  [showQuantity(1234.5678, "tokens"), "1235 tokens"],
];

for (const [got, wanted] of CASES) test(wanted, () => assert.equal(got, wanted));

test("a gain, held inside what two shares can differ by", () => {
  const gain = { mean: 0.625, low: -0.1, high: 1.3, probability: 0.9, verdict: "likely" as const };
  assert.equal(describeGain(gain, true), "+62 points (95 % interval −10 to 100)");
});

test("what counts as a share", () => {
  assert.ok(isShare({ score: 1, low: 0.8, high: 1.1 }));
  assert.ok(!isShare({ score: 3, low: 2, high: 4 }));
});
