/** Being woken when the page is closed. */

export const waking = {
  title: "Saat halaman tertutup",
  on: "Perangkat ini tetap dibangunkan, walau kadang terlambat.",
  off: "Halaman yang tertutup tidak membunyikan apa pun.",
  turnOn: "Bangunkan perangkat ini",
  turnOff: "Jangan bangunkan lagi",
  denied: "Pemberitahuan diblokir. Izinkan di setelan situs peramban ini, lalu buka lagi.",
  unsupported:
    "Peramban ini tidak dapat dibangunkan. Di iPhone: pasang aplikasi ini ke layar utama dahulu.",
  failed: "Belum berhasil: layanan pemberitahuan peramban tidak menjawab.",
  again: "Coba lagi",
};
