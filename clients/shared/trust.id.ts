/** What the desk is told of how far a press can be believed. */

export const trust = {
  title: "Kepercayaan",
  verified: "Terverifikasi",
  bearer: "Masuk, tanpa tanda tangan",
  unverified: "Belum terverifikasi",
  desk: "Dicatat operator",
  late: (age: string) => `Terlambat ${age}`,
  clockWrong: "Jam ponsel salah",
  callBack: "Telepon balik pelapor untuk memastikan; petugas tetap dikirim.",
  callBackHeld: "Telepon balik pelapor atau panggil Personil.",
  held: "Belum memanggil Personil: terlalu banyak tekanan tanpa bukti dari jaringan ini.",
  call: "Panggil Personil terdekat",
  folded: (n: number) => `+${n} tekanan lain dari jaringan ini`,
  foldedMore: (n: number) => `dan ${n} tekanan lagi`,
  network: (name: string) => `Jaringan ${name}`,
  nobody: "Pelapor tidak dikenal",
  level: ["Tidak mencurigakan", "Agak mencurigakan", "Mencurigakan"],
  reason: {
    unverified: "tanpa bukti siapa yang menekan",
    bad_signature: "tanda tangan tidak cocok",
    malicious_before: "pernah ditutup sebagai laporan palsu",
    mock_location: "lokasi tiruan",
    many_accounts: "banyak akun di satu ponsel",
    busy_network: "banyak tekanan tanpa bukti dari jaringan ini",
    clock_wrong: "jam ponsel salah",
  },
};
