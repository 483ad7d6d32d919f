/** Where a caller is. */
export const deskCaller = {
  search: "Cari tempat kejadian",
  searchHint: "Wilayah, Instansi, jalan, atau koordinat",
  kind: {
    kabupaten: "Kabupaten",
    kecamatan: "Kecamatan",
    desa: "Desa",
    site: "Instansi",
  },
  coordinates: "Koordinat",
  none: "Tidak ditemukan. Coba sebagian namanya, atau klik di peta.",
  failed: "Pencarian gagal. Klik tempatnya di peta, atau coba lagi.",
  found: (n: number) => `${n} tempat ditemukan`,
  at: (name: string) => `Titik: ${name}`,
  offBy: (far: string) => `± ${far}`,
  clear: "Hapus titik",
};
