import type { AlarmView } from "@cas/shared/wire";
import { expect, test } from "vitest";
import { sentence } from "./sentence";

const alarm = (where: Partial<AlarmView["where"]>): AlarmView =>
  ({
    satuan_name: "Polsek Kota",
    where: { wilayah_code: null, wilayah_name: null, ...where },
  }) as AlarmView;
const place = {} as AlarmView["where"]["place"];

test.each([
  ["35.22.16", "Dander", "Alarm baru, Kecamatan Dander"],
  ["35.22.16.2001", "Ngumpakdalem", "Alarm baru, Desa Ngumpakdalem"],
  ["35.22", "Bojonegoro", "Alarm baru, Kabupaten Bojonegoro"],
])("%s is spoken as the ground it is", (code, name, said) => {
  expect(sentence(alarm({ wilayah_code: code, wilayah_name: name }))).toBe(said);
});

test("outside every Wilayah the Satuan is spoken, and without a place that there is none", () => {
  expect(sentence(alarm({ place }))).toBe("Alarm baru, Polsek Kota");
  expect(sentence(alarm({ place: null }))).toBe("Alarm baru, tempat belum diketahui");
});
