import { expect, test } from "vitest";
import { Problem } from "./api";
import { en } from "./strings.en";
import { id } from "./strings.id";
import { age, distance, explain, timeOfDay } from "./text";

test("an age is told in the two units that matter", () => {
  expect(age(8_400, id.unit)).toBe("8 dtk");
  expect(age(185_000, id.unit)).toBe("3 mnt 05 dtk");
  expect(age(7_800_000, id.unit)).toBe("2 j 10 mnt");
  expect(age(-500, id.unit)).toBe("0 dtk");
});

test("a distance is no more exact than it is useful", () => {
  expect(distance(14.7, "id-ID")).toBe("15 m");
  expect(distance(644, "id-ID")).toBe("640 m");
  expect(distance(1_250, "id-ID")).toBe("1,3 km");
});

test("the time of day is the regency's, whatever the machine is set to", () => {
  expect(timeOfDay("2025-11-22T03:00:00Z", "en-GB")).toBe("10:00:00");
});

test("a refusal is told in the reader's words, with who was first", () => {
  const fault = new Problem("already_done", 409, { winner: "Budi" });

  expect(explain(fault, id.problem)).toBe("Sudah dilakukan orang lain. Didahului oleh Budi.");
  expect(explain(new Problem("never_heard_of", 418), id.problem)).toBe("Gagal (never_heard_of).");
});

test("both languages know the same words", () => {
  const keys = (words: object): string[] =>
    Object.entries(words).flatMap(([key, value]) =>
      value !== null && typeof value === "object" ? [key, ...keys(value)] : [key],
    );

  expect(keys(en)).toEqual(keys(id));
});
