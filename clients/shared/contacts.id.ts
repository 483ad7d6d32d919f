/** What the button's page says about whom one can telephone, and about the text message. */

export const contacts = {
  open: "Polisi di dekat saya",
  title: "Polisi di dekat saya",
  back: "Kembali ke tombol",
  none: "Nomor polisi di sekitar Anda belum diketahui. Nyalakan lokasi, lalu buka lagi.",
  asOf: (time: string) => `Menurut posisi Anda ${time}`,
  ground: (desa: string | null, kecamatan: string | null) =>
    [desa && `Desa ${desa}`, kecamatan && `Kecamatan ${kecamatan}`].filter(Boolean).join(", "),
  bhabinkamtibmas: "Bhabinkamtibmas desa Anda",
  callShort: "Telepon",
  call: (name: string) => `Telepon ${name}`,
  sms: (name: string) => `Kirim SMS ke ${name}`,
  smsHint: "Tidak ada internet. SMS sering masih sampai: tekan, lalu kirim.",
  smsText: (place: string, time: string) => `DARURAT, butuh polisi. ${place} (pukul ${time}).`,
  smsPlace: (lat: string, lon: string, within: string) => `Posisi ${lat},${lon} +-${within}`,
  smsNoPlace: "Posisi tidak diketahui",
};
