import { expect, test } from "vitest";
import { inIndonesian } from "./import_words";

test.each([
  ["line 7", "baris 7"],
  ["there is no Satuan tidak-ada", "tidak ada Satuan tidak-ada"],
  ["77020001 stands already on line 2", "77020001 sudah ada di baris 2"],
  [
    "a polsek cannot stand under a polsek (kota)",
    "polsek tidak dapat berada di bawah polsek (kota)",
  ],
  ["says desa, but 35.22.15 is a kecamatan", "tertulis desa, padahal 35.22.15 adalah kecamatan"],
  [
    "says 35.22.1, but 35.22.15.2001 lies in 35.22.15",
    "tertulis 35.22.1, padahal 35.22.15.2001 di dalam 35.22.15",
  ],
])("%s", (said, here) => {
  expect(inIndonesian(said)).toBe(here);
});

test("what is not known stays as the server said it", () => {
  expect(inIndonesian("something new")).toBe("something new");
});
