/** A press that nobody beside the person may notice. */

export const quiet = {
  silent: "Tekan diam-diam",
  why: "Tanpa getar, layar menjadi gelap. Petugas tahu bahwa mereka harus datang diam-diam.",
  reveal: "Layar gelap. Ketuk untuk melihat keadaan alarm",
  hide: "Gelapkan layar",
};
