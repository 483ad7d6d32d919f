import { describe, expect, it } from "vitest";
import { smsLink, telLink } from "../phone_links";
import { isDue, type KeptContacts, texted } from "./contacts";

const NOW = 1_700_000_000_000;
const HERE = { lat: -7.15, lon: 111.88, accuracy_m: 10, fixedAtMs: NOW };
const kept = (askedAtMs = NOW): KeptContacts => ({
  desa: "Ledok Kulon",
  kecamatan: "Bojonegoro",
  contacts: [],
  lat: HERE.lat,
  lon: HERE.lon,
  askedAtMs,
});

describe("isDue", () => {
  it("asks when nothing is kept", () => {
    expect(isDue(null, HERE, NOW)).toBe(true);
  });

  it("keeps what was heard nearby and today", () => {
    expect(isDue(kept(), { ...HERE, lat: HERE.lat + 0.008 }, NOW + 3_600_000)).toBe(false);
  });

  it.each([
    ["north", { lat: HERE.lat + 0.01, lon: HERE.lon }],
    ["east", { lat: HERE.lat, lon: HERE.lon + 0.01 }],
  ])("asks again a kilometre to the %s", (_, place) => {
    expect(isDue(kept(), { ...HERE, ...place }, NOW)).toBe(true);
  });

  it("asks again after a day, and when the clock went back", () => {
    expect(isDue(kept(), HERE, NOW + 25 * 3_600_000)).toBe(true);
    expect(isDue(kept(), HERE, NOW - 1)).toBe(true);
  });
});

describe("texted", () => {
  const contact = (kind: "polsek" | "polres" | "bhabinkamtibmas", phone: string) => ({
    kind,
    name: kind,
    rank: null,
    phone,
    lat: null,
    lon: null,
  });

  it("passes by telephones that take no text, and prefers a Satuan, where somebody is awake", () => {
    const bhabin = contact("bhabinkamtibmas", "0812 3456 7890");
    const polres = contact("polres", "+62 811-3110-110");
    expect(texted([bhabin, contact("polsek", "(0353) 881110"), polres])).toBe(polres);
    expect(texted([bhabin, contact("polsek", "0353881110")])).toBe(bhabin);
    expect(texted([contact("polres", "110")])).toBe(null);
  });
});

it("dials a number however it is written", () => {
  expect(telLink("(0353) 881-110")).toBe("tel:0353881110");
});

it("writes the whole message into the link", () => {
  expect(smsLink("+62 811-3110-110", "Posisi -7.15,111.88 & sekitar")).toBe(
    "sms:+628113110110?body=Posisi%20-7.15%2C111.88%20%26%20sekitar",
  );
});
