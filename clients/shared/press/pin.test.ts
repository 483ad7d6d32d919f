import { expect, it } from "vitest";
import { keep, tell, unfit } from "./pin";

it("tells the own PIN from the forced one, and both from any other", async () => {
  const pins = await keep("2580", "9713");

  expect(await tell(pins, "2580")).toBe("own");
  expect(await tell(pins, "9713")).toBe("forced");
  expect(await tell(pins, "2581")).toBe("wrong");
  expect(await tell(pins, "")).toBe("wrong");
});

it("works with the own PIN alone", async () => {
  const pins = await keep("258025", "");

  expect(await tell(pins, "258025")).toBe("own");
  expect(await tell(pins, "")).toBe("wrong");
});

it("keeps no digit of either, and no hash twice", async () => {
  const [one, other] = [await keep("2580", "9713"), await keep("2580", "9713")];

  expect(JSON.stringify(one)).not.toMatch(/2580|9713/);
  expect(one.own.hash).not.toBe(other.own.hash);
  expect(one.own.hash).not.toBe(one.forced?.hash);
});

it.each([
  ["123", "", "shape"],
  ["1234567", "", "shape"],
  ["12a4", "", "shape"],
  ["1234", "12", "shape"],
  ["1234", "1234", "same"],
  ["1234", "4321", null],
  ["1234", "", null],
])("of %s and %s says %s", (own, forced, wrong) => {
  expect(unfit(own, forced)).toBe(wrong);
});
