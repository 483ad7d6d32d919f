import { expect, test } from "vitest";
import { coordinates } from "./places";

test.each([
  ["-7.15, 111.88", -7.15, 111.88],
  [" -7,15 111,88 ", -7.15, 111.88],
  ["-7.150123;111.881", -7.150123, 111.881],
  ["-7 111", -7, 111],
])("%s is a place", (text, lat, lon) => {
  expect(coordinates(text)).toEqual({ lat, lon, accuracy_m: 10 });
});

test.each(["", "Dander", "Jl. Veteran 12", "RT 3 RW 5", "111.88, -7.15", "-7.15", "1 2 3"])(
  "%s is none",
  (text) => {
    expect(coordinates(text)).toBeNull();
  },
);
