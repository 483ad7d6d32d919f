/** A new version of the page, and when it is taken. */

export const update = {
  offered: "Versi baru tersedia.",
  take: "Pakai sekarang",
  waiting: "Versi baru dipakai begitu ketikan Anda selesai.",
};
