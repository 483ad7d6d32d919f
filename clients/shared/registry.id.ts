/** The registry's forms: who and what there is, and what a change will do. */

export interface Said {
  readonly field: string;
  readonly before: string;
  readonly after: string;
  readonly count: number;
  readonly names: string;
}

export const registry = {
  tabs: {
    rules: "Cara memanggil",
    personil: "Personil",
    satuan: "Satuan",
    wilayah: "Wilayah",
    files: "Impor berkas",
  },
  search: "Cari",
  shownOf: (shown: number, total: number) =>
    shown < total ? `${shown} dari ${total}; persempit pencarian, atau:` : `${total} ditemukan`,
  more: "Tampilkan lebih banyak",
  none: "Tidak ada yang cocok.",
  back: "Kembali ke daftar",
  tryOut: "Lihat akibatnya",
  store: "Simpan",
  stored: "Tersimpan.",
  same: "Tidak ada yang berubah.",
  will: "Yang akan terjadi",
  edit: "Ubah lagi",
  bySheet:
    "Untuk banyak sekaligus, impor berkas. Yang terakhir disimpan yang berlaku; kolom yang tidak ada di berkas tetap.",
  fieldFault: (field: string) => `${field}: isian ini tidak dapat diterima.`,
  field: {
    nrp: "NRP",
    name: "Nama",
    rank: "Pangkat",
    satuan_id: "Satuan",
    skills: "Keahlian dan perlengkapan",
    phone: "Nomor telepon",
    code: "Kode",
    kind: "Jenis",
    parent_id: "Di bawah",
    lat: "Lintang",
    lon: "Bujur",
    open: "Buka",
  },
  fault: {
    nrp: "NRP harus 8 angka, atau NIP 18 angka.",
    name: "Nama harus diisi, paling panjang 100 huruf.",
    rank: "Pangkat harus diisi, paling panjang 100 huruf.",
    satuan_id: "Pilih Satuan yang masih buka di wilayah Anda.",
    phone: "Nomor telepon harus nomor Indonesia, misalnya 0812 3456 7890.",
    code: "Kode harus berisi huruf atau angka, dan tidak dapat diubah kemudian.",
    parent_id: "Di bawah: pilih Satuan yang masih buka, sesuai jenisnya, di wilayah Anda.",
    lat: "Lintang dan bujur harus titik di Indonesia, misalnya -7.1502 dan 111.8817.",
    lon: "Lintang dan bujur diisi bersama.",
    open: "Satuan Anda sendiri hanya dapat ditutup admin di atasnya.",
  },
  problem: {
    registry_busy: "Sebuah berkas sedang diimpor. Coba lagi setelah selesai.",
    changed_meanwhile: "Sudah diubah orang lain atau berkas setelah Anda membukanya. Buka lagi.",
    nrp_taken: "NRP: sudah terdaftar, di sini atau di tempat lain.",
    code_taken: "Kode: sudah dipakai, di sini atau di tempat lain.",
    alarms_open: "Masih ada alarm terbuka di sana. Selesaikan dahulu di meja.",
    satuan_still_above: "Masih ada Satuan di bawahnya. Pindahkan atau tutup dahulu.",
    no_desk_left: "Ditolak: wilayahnya akan tanpa operator yang dapat masuk.",
    phone_taken: "Nomor telepon: sudah dipakai Personil lain yang berdinas.",
    personil_on_alarm: "Ia sedang menangani alarm. Lepaskan dahulu di meja.",
    proof_not_given: "Tidak disimpan: Anda belum membuktikan diri.",
  },
  effect: {
    added: () => "Didaftarkan",
    changed: ({ field, before, after }: Said) =>
      `${field}: ${before || "kosong"} → ${after || "kosong"}`,
    ends: () => "Tidak dipakai lagi mulai sekarang; alarm lama tetap mencatatnya",
    returns: () => "Dipakai kembali mulai sekarang",
    off_duty: () => "Tugas jaganya berakhir sekarang, dan ia tidak dipanggil lagi",
    sign_ins_end: ({ count }: Said) => `${count} perangkat keluar dan harus masuk lagi`,
    may_sign_in: () => "Ia dapat masuk di aplikasi Personil dengan nomor teleponnya",
    desa_without: ({ names }: Said) => `Tanpa Bhabinkamtibmas: ${names}`,
    satuan_follow: ({ count }: Said) => `${count} Satuan di bawahnya ikut`,
    personil_follow: ({ count, after }: Said) =>
      `${count} Personil ikut${after === "" ? "" : ` ke ${after}`}; yang berjaga tetap berjaga`,
    wilayah_follow: ({ count, after }: Said) =>
      `${count} Wilayah${after === "" ? " ikut" : ` dijawab ${after}`}`,
    sites_follow: ({ count, after }: Said) => `${count} lokasi Instansi dijawab ${after}`,
    alarms_stay: ({ count, after }: Said) =>
      `${count} alarm terbuka tetap di ${after}; yang baru masuk ke yang baru`,
    desks_end: ({ count }: Said) => `${count} akun meja ditutup`,
    desks_return: ({ count }: Said) => `${count} akun meja dibuka kembali`,
  },
  personil: {
    add: "Tambah Personil",
    one: (name: string) => `Personil ${name}`,
    hint: "Nama, NRP atau Satuan",
    out: "Tampilkan yang sudah keluar dari dinas",
    onDuty: "sedang berjaga",
    onAlarm: (alarm: number) => `menangani alarm ${alarm}`,
    gone: "keluar dari dinas",
    desa: (names: string) => `Bhabinkamtibmas ${names}`,
    skillsHint: "Dipisah koma, misalnya motor, tim panther",
    takeOut: "Keluarkan dari dinas",
    bringBack: "Kembalikan ke dinas",
  },
  satuan: {
    add: "Tambah Satuan",
    closed: "ditutup",
    close: "Tutup Satuan",
    reopen: "Buka kembali",
    codeHint: "Kosong: dibuat dari nama",
    kind: { polda: "Polda", polres: "Polres", polsek: "Polsek", unit: "Unit" },
    personil: (n: number) => `${n} Personil`,
    desks: (n: number) => `${n} akun meja`,
    wilayah: (n: number) => `${n} Wilayah`,
    alarms: (n: number) => `${n} alarm terbuka`,
  },
  wilayah: {
    hint: "Nama, kode atau Satuan",
    answers: (satuan: string) => `dijawab ${satuan}`,
    answering: "Satuan yang menjawab",
    map: (name: string) => `Batas ${name}`,
    mapFailed: "Peta tidak dapat digambar di peramban ini.",
    byFile: "Wilayah baru dan batasnya datang lewat impor berkas.",
    kind: { kabupaten: "Kabupaten", kecamatan: "Kecamatan", desa: "Desa" },
    first: (n: number) => `${n} pertama; persempit pencarian.`,
  },
};
