/** What a watch at the desk says and hears: new alarms, time in status, the age of the picture. */

export const deskWatch = {
  /** Spoken aloud. A code of three parts is a kecamatan, one of four a desa. */
  newAlarm: (ground: string) => `Alarm baru, ${ground}`,
  newAlarms: (n: number) => `${n} alarm baru`,
  ground: { kabupaten: "Kabupaten", kecamatan: "Kecamatan", desa: "Desa" },
  nowhere: "tempat belum diketahui",
  voiceOn: "Ucapan menyala",
  voiceOff: "Ucapan mati",
  voiceNone:
    "Komputer ini tidak punya suara Bahasa Indonesia: alarm baru tidak diucapkan, sirene tetap berbunyi",
  voiceWhy: "Ucapan dan nada lain dapat dimatikan; sirene alarm yang belum diterima tidak.",
  voiceKey: "ucapan menyala / mati",
  pictureAge: "Umur gambar",
  old: (age: string) => `GAMBAR BERUMUR ${age}`,
  inStatus: (age: string) => `${age} di status ini`,
  still: {
    title: "Ada bagian sistem yang berhenti",
    worker: "Panggilan tidak melebar dan pemberitahuan tidak terkirim: proses pekerja berhenti",
    outbox: "Pemberitahuan tertahan",
    deadlines: "Tenggat panggilan terlambat",
    database: "Basis data tidak menjawab",
    advice: "Beri tahu petugas TI. Sementara itu panggil petugas lewat radio.",
  },
  pace: { calm: "", late: "mulai lama", overdue: "terlalu lama" },
};
