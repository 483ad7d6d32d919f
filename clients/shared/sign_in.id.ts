/** What the desk's sign-in says. */

export const signIn = {
  title: "Masuk ke meja komando",
  username: "Nama pengguna",
  password: "Kata sandi",
  submit: "Masuk",
  signOut: "Keluar",
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
};
