/** What both pages say about pictures of an alarm, and what is wrong with one. */

export const photos = {
  title: "Foto dari pelapor",
  one: (n: number) => `Foto ${n}`,
  close: "Tutup",
  failed: "Foto tidak dapat dimuat.",
  add: "Tambah foto",
  sending: "Mengirim foto…",
  again: "Kirim foto itu lagi",
  sent: (n: number) => `${n} foto terkirim`,
};

export const photoProblems = {
  no_picture: "Berkas itu bukan foto JPEG, PNG, atau WebP.",
  picture_broken: "Foto itu rusak atau tidak utuh. Kirim lagi.",
  picture_too_large: "Foto itu terlalu besar. Kirim yang lebih kecil.",
  body_too_large: "Berkas itu terlalu besar. Kirim yang lebih kecil.",
  body_too_slow: "Jaringan terlalu lambat. Kirim lagi.",
  pictures_busy: "Sedang banyak foto. Kirim lagi sebentar lagi.",
  too_many_pictures: "Sudah cukup banyak foto untuk alarm ini.",
  alarm_closed: "Alarm ini sudah ditutup.",
};
