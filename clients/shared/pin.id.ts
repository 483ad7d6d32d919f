/** What the button's page says about the PINs that end an alarm, and about the slide. */

export const pin = {
  title: "PIN pembatalan",
  why: "Dengan PIN, orang lain tidak dapat membatalkan alarm Anda.",
  own: "PIN Anda (4–6 angka)",
  forced: "PIN bila dipaksa (boleh kosong)",
  forcedWhy:
    "Bila seseorang memaksa Anda membatalkan, masukkan PIN ini. Layar terlihat dibatalkan, tetapi bantuan tetap datang.",
  keep: "Simpan PIN",
  later: "Nanti saja",
  shape: "PIN terdiri dari 4 sampai 6 angka.",
  same: "Kedua PIN harus berbeda.",
  enter: "Masukkan PIN untuk membatalkan",
  confirm: "Batalkan alarm",
  wrong: "PIN salah. Alarm tetap berjalan.",
  reason: "Dibatalkan dengan PIN",
  change: "Ubah PIN",
  create: "Buat PIN pembatalan",
  slide: "Geser ke kanan bila tertekan tidak sengaja",
  slideLeft: (seconds: number) => `${seconds} detik lagi`,
};
