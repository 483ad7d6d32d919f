/** What both pages say about recordings of an alarm, and what is wrong with one. */

export const sounds = {
  title: "Suara dari pelapor",
  one: (n: number) => `Rekaman ${n}`,
  failed: "Rekaman tidak dapat dimuat.",
  loading: "Memuat rekaman…",
  add: (most: number) => `Rekam suara (paling lama ${most} detik)`,
  asking: "Menunggu izin mikrofon…",
  recording: "Sedang merekam",
  stop: (seconds: number, most: number) => `Selesai dan kirim · ${seconds} dari ${most} detik`,
  sending: "Mengirim rekaman…",
  again: "Kirim rekaman itu lagi",
  waits: "Rekaman belum terkirim. Disimpan di ponsel ini dan dikirim saat ada jaringan.",
  sent: (n: number) => `${n} rekaman terkirim`,
  denied: "Mikrofon tidak diizinkan. Alarm tetap berjalan; Anda bisa menulis keterangan.",
  missing: "Mikrofon tidak dapat dipakai. Alarm tetap berjalan; Anda bisa menulis keterangan.",
};

export const soundProblems = {
  no_sound: "Rekaman itu tidak dapat dibaca. Rekam lagi.",
  sound_broken: "Rekaman itu rusak atau kosong. Rekam lagi.",
  sound_too_long: "Rekaman itu terlalu panjang. Rekam yang lebih pendek.",
  too_many_sounds: "Sudah cukup banyak rekaman untuk alarm ini.",
};
