import { expect, test } from "vitest";
import { soon, toWire } from "./window_time";

test("the next full hour is proposed in WIB, wherever the browser stands", () => {
  expect(soon(Date.parse("2026-03-01T12:20:00Z"))).toBe("2026-03-01T20:00");
});

test("what is typed is WIB, and ends so many hours later", () => {
  expect(toWire("2026-03-01T20:00", 24)).toEqual({
    from: "2026-03-01T13:00:00.000Z",
    until: "2026-03-02T13:00:00.000Z",
  });
  expect(toWire("", 1)).toBeNull();
});
