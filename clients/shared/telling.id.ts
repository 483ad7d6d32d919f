/** What whoever pressed can add afterwards, and what they are told of who comes. */

export const telling = {
  sight: {
    denied:
      "Lokasi tidak diizinkan: alarm tetap terkirim, tetapi petugas sulit menemukan Anda. Izinkan lokasi di setelan situs peramban ini.",
    lost: "Ponsel ini tidak menemukan posisinya. Alarm tetap terkirim; nyalakan lokasi di setelan ponsel.",
  },
  kind: "Apa yang terjadi?",
  note: "Keterangan untuk petugas",
  noteHint: "misalnya jumlah pelaku, lantai, ciri rumah",
  send: "Kirim keterangan",
  sent: "Keterangan sampai ke petugas.",
  minutes: (n: number) => `Kira-kira ${n} menit lagi tiba`,
  place: "Tunjukkan tempat saya",
  placeWhy: "Posisi ponsel belum diketahui atau kurang tepat. Tunjukkan di peta bila aman.",
  placeTitle: "Di mana Anda?",
  placeHint: "Ketuk peta di tempat Anda, lalu tekan “Saya di sini”.",
  search: "Kecamatan",
  searchAny: "Pilih kecamatan",
  name: "Nama tempat atau patokan",
  nameHint: "misalnya dekat pasar, rumah cat hijau",
  here: "Saya di sini",
  back: "Kembali",
  noMap: "Peta tidak dapat ditampilkan. Tulis nama tempatnya saja.",
  placeNote: (name: string) => `Tempat: ${name}`,
};

export const history = {
  open: "Riwayat alarm saya",
  title: "Riwayat alarm saya",
  none: "Belum ada alarm.",
  more: "Lebih lama",
  back: "Kembali ke tombol",
  onScene: (time: string) => `Petugas tiba pukul ${time}`,
};
