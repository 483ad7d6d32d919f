/** What a desk says of duplicates merged under the one that leads, and of alarms handed on. */

export const deskJoint = {
  title: "Kejadian yang sama",
  into: (n: number) => `Digabung ke alarm nomor ${n}`,
  intoNote: (n: number) =>
    `Petugas nomor ${n} menangani laporan ini juga; keduanya ditutup bersama-sama.`,
  open: (n: number) => `Buka #${n}`,
  separate: "Pisahkan lagi",
  separateNote:
    "Kembali ke antrean dan memanggil ring berikutnya. Personil yang sudah pindah tetap di sana.",
  also: "Digabung ke sini",
  maybe: "Mungkin kejadian yang sama",
  apart: (far: string, lag: string) => `${far} dari sini, berselang ${lag}`,
  merge: "Gabung duplikat",
  mergeWith: (n: number) => `Gabung dengan #${n}`,
  mergeTitle: "Gabung dua alarm tentang kejadian yang sama?",
  other: "Alarm yang lain",
  noOther: "Tidak ada alarm terbuka lain.",
  near: "dekat",
  leads: "Yang memimpin",
  leadsHint: "Personil hanya dipanggil ke alarm yang memimpin.",
  will: "Yang akan terjadi",
  standsDown: (n: number, double: number) =>
    n === 0
      ? `Tidak ada panggilan untuk #${double} yang masih menunggu jawaban.`
      : `${n} panggilan untuk #${double} yang belum dijawab dihentikan, dan mereka diberi tahu.`,
  goesOver: (names: string, lead: number) => `${names} pindah ke #${lead}, dan diberi tahu.`,
  nobody: (double: number) => `Belum ada Personil yang menangani #${double}.`,
  reporter: (double: number, lead: number) =>
    `Pelapor #${double} melihat sejauh mana bantuan #${lead}; siapa pelapornya tidak ia lihat.`,
  together: (double: number, lead: number) =>
    `#${double} keluar dari antrean dan ditutup bersama #${lead}. Dapat dipisahkan sampai saat itu.`,
  hand: "Oper ke Satuan lain",
  handTitle: "Oper alarm ini ke meja Satuan lain?",
  handTo: "Satuan tujuan, yang terdekat dahulu",
  noNeighbour: "Tidak ada Satuan lain yang punya meja.",
  handed: (from: string, at: string) => `Dioper dari ${from}, ${at}`,
  ringsThere: (to: string) =>
    `Berbunyi di meja ${to} sampai diterima; bila tidak, naik ke pimpinannya.`,
  staysSeen: (from: string) =>
    `${from} tetap melihatnya sampai ditutup, tetapi tidak dapat bertindak lagi.`,
  goOn: (coming: number, asked: number) =>
    `${coming} Personil yang menangani dan ${asked} panggilan yang menunggu tetap berjalan.`,
};

export const jointProblem = {
  no_desk: "Satuan itu tidak punya meja, juga tidak di atasnya. Pilih yang lain.",
  merged: "Alarm ini sudah digabung. Pisahkan dahulu, atau bertindak di alarm yang memimpin.",
  cannot_merge:
    "Tidak dapat digabung ke arah ini: yang memimpin harus punya tempat, tidak dibatalkan dan tidak ditahan; alarm Personil dan alarm di bawah paksaan selalu memimpin.",
};
