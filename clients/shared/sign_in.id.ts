/** What the desk's sign-in says. */

import { account, ownDevices } from "./account.id";

export const signIn = {
  title: "Masuk ke meja komando",
  username: "Nama pengguna",
  password: "Kata sandi",
  submit: "Masuk",
  signOut: "Keluar",
  leaving: {
    why: "Keluar dari ponsel ini? Untuk masuk lagi perlu kode SMS.",
    yes: "Ya, keluar",
    no: "Tetap masuk",
  },
  expired: "Sesi berakhir. Silakan masuk lagi.",
  byPasskey: "Masuk dengan passkey",
  byProvider: "Masuk lewat akun Polda",
  enrolPasskey: "Pakai passkey perangkat ini",
  thisDevice: "Perangkat ini",
  code: "Kode",
  codeTitle: "Buktikan bahwa ini Anda",
  codeNote: "Enam angka dari aplikasi autentikator, atau satu kode cadangan.",
  newTitle: "Ganti kata sandi sekali pakai",
  newPassword: "Kata sandi baru",
  newAgain: "Sekali lagi",
  newSubmit: "Ganti kata sandi",
  newNote: "Paling sedikit 12 karakter; sebuah kalimat pendek sudah baik.",
  enrolTitle: "Pasang aplikasi autentikator",
  enrolWhy:
    "Petugas masuk dengan kata sandi dan kode dari aplikasi autentikator di ponsel. Siapkan aplikasinya.",
  enrolBegin: "Mulai",
  enrolHow: "Di aplikasi, tambahkan akun dengan memasukkan kunci ini, lalu ketik kode yang tampil.",
  enrolHere: "Buka aplikasi di perangkat ini",
  enrolSubmit: "Pasang",
  recoveryTitle: "Simpan kode cadangan",
  recoveryNote:
    "Jika ponsel hilang, satu kode ini membuka akun satu kali. Tulis dan simpan; tidak akan ditampilkan lagi.",
  recoveryDone: "Sudah saya simpan",
  account,
  ownDevices,
};

/** What can go wrong with it, by the server's stable codes. */
export const signInProblem = {
  wrong_password: "Nama pengguna atau kata sandi salah.",
  wrong_factor: "Kode salah atau sudah dipakai. Tunggu kode berikutnya.",
  passkey_not_given: "Passkey tidak diberikan perangkat ini.",
  passkey_refused: "Passkey tidak diterima. Coba lagi.",
  oidc_refused: "Akun Polda tidak dapat dipakai untuk masuk di sini.",
  password_over: "Kata sandi sekali pakai sudah kedaluwarsa. Minta yang baru kepada admin.",
  password_refused:
    "Kata sandi ditolak: paling sedikit 12 karakter, tidak mudah ditebak, tanpa nama Anda.",
  passwords_differ: "Kedua kata sandi tidak sama.",
  sign_in_incomplete: "Selesaikan dulu proses masuk.",
  step_up_needed: "Buktikan lagi bahwa ini Anda.",
  demo_account: "Akun simulasi dipakai bersama: cara masuknya tidak dapat diubah.",
  wrong_activation: "Kode aktivasi salah, sudah dipakai, atau kedaluwarsa.",
  last_factor: "Ini satu-satunya bukti kedua Anda. Pasang yang lain dahulu.",
  nothing_offered: "Kunci ini sudah tidak berlaku. Mulai lagi.",
  proof_not_given: "Belum dibuktikan, jadi belum dilakukan. Isian Anda masih ada.",
  proof_refused: "Kata sandi salah.",
};
