import type { contacts as id } from "./contacts.id";

export const contacts: typeof id = {
  open: "Police near me",
  title: "Police near me",
  back: "Back to the button",
  none: "The police numbers around you are not known yet. Turn location on, then open this again.",
  asOf: (time) => `By your position at ${time}`,
  ground: (desa, kecamatan) =>
    [desa && `Desa ${desa}`, kecamatan && `Kecamatan ${kecamatan}`].filter(Boolean).join(", "),
  bhabinkamtibmas: "Bhabinkamtibmas of your desa",
  callShort: "Call",
  call: (name) => `Call ${name}`,
  sms: (name) => `Text ${name}`,
  smsHint: "No internet. A text message often still gets through: tap, then send.",
  smsText: (place, time) => `EMERGENCY, police needed. ${place} (at ${time}).`,
  smsPlace: (lat, lon, within) => `Position ${lat},${lon} +-${within}`,
  smsNoPlace: "Position unknown",
};
