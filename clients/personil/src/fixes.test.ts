import { expect, test } from "vitest";
import { type KeptFix, MOST_FIXES, staleMs, withFix, without } from "./fixes";

const fix = (s: number): KeptFix =>
  ({ lat: -7.15, lon: 111.88, fixed_at: new Date(s * 1_000).toISOString() }) as KeptFix;

test("when there are too many, every second one goes, and first and newest stay near", () => {
  let kept: KeptFix[] = [];
  for (let s = 0; s <= MOST_FIXES; s++) kept = withFix(kept, fix(s));

  expect(kept).toHaveLength(MOST_FIXES / 2 + 1);
  expect(kept[0]).toEqual(fix(0));
  expect(kept.at(-1)).toEqual(fix(MOST_FIXES));
  expect(kept.at(-2)).toEqual(fix(MOST_FIXES - 2));
});

test("what was taken leaves, and what came meanwhile stays", () => {
  const sent = [fix(1), fix(2)];

  expect(without([...sent, fix(3)], sent)).toEqual([fix(3)]);
});

test("a position older than two minutes is stale, one that is not known yet is not", () => {
  expect(staleMs(fix(0), 120_000)).toBeNull();
  expect(staleMs(fix(0), 121_000)).toBe(121_000);
  expect(staleMs(null, 999_000)).toBeNull();
});
