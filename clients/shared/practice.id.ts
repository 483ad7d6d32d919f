/** The practice press: it feels like the real one and goes nowhere. */

export const practice = {
  open: "Latihan menekan",
  title: "Coba tombolnya",
  banner: "LATIHAN: tidak ada yang dikirim",
  hint: "Tahan tombol 1,5 detik, sampai lingkarannya penuh.",
  done: "Berhasil. Begitulah caranya.",
  real: "Pada alarm sungguhan:",
  steps: [
    "Alarm dan posisi Anda sampai di pusat komando, biasanya dalam satu detik.",
    "Personil yang paling dekat dipanggil, sampai ada yang datang.",
    "Layar ini memberi tahu siapa yang sudah melihat, menerima, dan tiba.",
    "Tertekan tidak sengaja? Batalkan di layar itu.",
  ],
  again: "Coba lagi",
  back: "Kembali ke tombol",
};
