/** What went wrong, by the server's stable codes. */

import { jointProblem } from "./desk_joint.id";
import { instansiProblem } from "./instansi.id";
import { personil } from "./personil.id";
import { photoProblems } from "./photos.id";
import { signInProblem } from "./sign_in.id";
import { soundProblems } from "./sounds.id";

export const problem = {
  still_on_alarm: personil.problem.still_on_alarm,
  ...photoProblems,
  ...soundProblems,
  ...signInProblem,
  ...instansiProblem,
  ...jointProblem,
  unreachable: "Server tidak terjangkau. Periksa jaringan, lalu coba lagi.",
  wrong_code: "Kode salah. Periksa lagi.",
  code_over: "Kode sudah tidak berlaku. Minta kode baru.",
  account_closed: "Akun ini ditutup. Hubungi Polsek Anda.",
  device_unconfirmed: "Ponsel ini baru: atasan Anda harus mengesahkannya dahulu.",
  decided_already: "Ponsel ini sudah diputuskan.",
  staff_phone: "Nomor ini milik petugas: masuk dengan nama pengguna dan kata sandi.",
  alarm_over: "Alarm ini sudah selesai. Tekan lagi bila masih butuh bantuan.",
  already_done: "Sudah dilakukan orang lain.",
  offer_over: "Panggilan ini sudah berakhir.",
  not_on_duty: "Personil itu sedang tidak bertugas.",
  conflict: "Keadaannya sudah berubah; lihat kembali alarmnya.",
  too_many_reveals: "Batas membuka identitas per jam sudah tercapai. Minta rekan, atau tunggu.",
  too_many_tries: "Terlalu banyak percobaan. Tunggu sebentar.",
  sign_in_needed: "Silakan masuk lagi.",
  not_allowed: "Peran Anda tidak boleh melakukan ini.",
  not_found: "Tidak ditemukan.",
  already_taken: "Sudah diambil petugas lain.",
  illegal_transition: "Keadaannya sudah berubah; lihat kembali alarmnya.",
  invalid_input: "Ada isian yang tidak dapat diterima.",
  overloaded: "Server sedang penuh. Alarm dikirim ulang sendiri.",
  unavailable: "Server sedang sibuk. Coba lagi.",
  other: (code: string) => `Gagal (${code}).`,
  byWhom: (name: string) => `Didahului oleh ${name}.`,
};
