/** Pure: what the server says of a file, in Indonesian. It speaks English, as its command line does. */

/** What is said, and how it is said here; `$1` is the first piece of what stood there. */
const SAID: readonly (readonly [RegExp, string])[] = [
  [/^is empty$/, "kosong"],
  [/^is missing$/, "tidak ada"],
  [/^is longer than (.+) characters$/, "lebih dari $1 huruf"],
  [/^holds characters that cannot be shown$/, "berisi huruf yang tidak dapat ditampilkan"],
  [/^must hold letters or digits$/, "harus berisi huruf atau angka"],
  [/^(.+) is none of: (.+)$/, "$1 bukan salah satu dari: $2"],
  [/^(.+) is not an Indonesian phone number$/, "$1 bukan nomor telepon Indonesia"],
  [/^(.+) is not a number of degrees such as (.+)$/, "$1 bukan angka derajat seperti $2"],
  [/^(.+) stands already on line (\d+)$/, "$1 sudah ada di baris $2"],
  [/^(.+) is taken already on line (\d+)$/, "$1 sudah dipakai di baris $2"],
  [/^stands already in feature (.+)$/, "sudah ada di fitur $1"],
  [/^there is no Satuan (.+)$/, "tidak ada Satuan $1"],
  [/^there is no desa (.+); import the Wilayah first$/, "tidak ada desa $1; impor Wilayah dahulu"],
  [/^(.+) is closed; open it in the settings first$/, "$1 ditutup; buka dahulu di pengaturan"],
  [/^(.+) is the username of another account$/, "$1 adalah nama pengguna akun lain"],
  [
    /^(.+) was rounded by a spreadsheet; format the column as text$/,
    "$1 dibulatkan oleh lembar kerja; jadikan kolomnya teks",
  ],
  [
    /^(.+) has (\d+) digits of 8; a spreadsheet may drop leading 0s$/,
    "$1 mempunyai $2 dari 8 angka; lembar kerja mungkin menghapus 0 di depan",
  ],
  [
    /^(.+) is neither an NRP \(8 digits\) nor a NIP \(18 digits\)$/,
    "$1 bukan NRP (8 angka) dan bukan NIP (18 angka)",
  ],
  [/^differ from an earlier line of (.+)$/, "berbeda dari baris lain untuk $1"],
  [/^(.+) belongs to (.+)$/, "$1 milik $2"],
  [
    /^are empty; a site is where a press comes from$/,
    "kosong; tanpa titik alarm dari lokasi ini tidak punya tempat",
  ],
  [/^is empty beside a phone number$/, "kosong, padahal nomor telepon diisi"],
  [/^is not a JSON object of numbers such as (.+)$/, "bukan objek JSON berisi angka seperti $1"],
  [/^no setting may be below zero$/, "tidak boleh di bawah nol"],
  [/^a (.+) needs a parent; write the code of its Satuan$/, "$1 perlu induk; tulis kode Satuannya"],
  [/^a (.+) cannot stand under a (.+) \((.+)\)$/, "$1 tidak dapat berada di bawah $2 ($3)"],
  [/^its parents lead back to itself: (.+)$/, "induknya kembali ke dirinya sendiri: $1"],
  [/^lies outside Indonesia; .+$/, "di luar Indonesia; koordinat harus derajat (WGS 84)"],
  [/^longitude and latitude are swapped; .+$/, "bujur dan lintang tertukar"],
  [
    /^(.+) looks like a BPS code; .+$/,
    "$1 tampak seperti kode BPS; pakai kode Kemendagri bertitik",
  ],
  [/^(.+) has no dots; Kemendagri.+$/, "$1 tanpa titik; kode Kemendagri seperti 35.22.15.2001"],
  [/^(.+) is not a Kemendagri code .+$/, "$1 bukan kode Kemendagri seperti 35.22.15.2001"],
  [/^says (.+), but (.+) is a (.+)$/, "tertulis $1, padahal $2 adalah $3"],
  [/^says (.+), but (.+) lies in (.+)$/, "tertulis $1, padahal $2 di dalam $3"],
  [
    /^unknown code: there is no kecamatan (.+); import the kecamatan first$/,
    "kode tidak dikenal: tidak ada kecamatan $1; impor kecamatannya dahulu",
  ],
  [
    /^unknown code: no Satuan answers for (.+) or what lies around it$/,
    "kode tidak dikenal: tidak ada Satuan yang menangani $1 maupun sekitarnya",
  ],
  [/^must both be numbers of degrees$/, "keduanya harus angka derajat"],
  [/^do not lie in the area$/, "tidak berada di dalam wilayahnya"],
  [/^bad polygon: (.+)$/, "poligon rusak: $1"],
  [/^must be a Polygon or MultiPolygon, not (.+)$/, "harus Polygon atau MultiPolygon, bukan $1"],
  [/^the file has a header but no rows$/, "berkas hanya berisi kepala kolom"],
  [/^the file is empty$/, "berkas kosong"],
  [/^the file is UTF-16; .+$/, "berkas berupa UTF-16; simpan sebagai CSV UTF-8"],
  [/^the file is not UTF-8; .+$/, "berkas bukan UTF-8; simpan sebagai CSV UTF-8"],
  [/^the file is a spreadsheet; .+$/, "berkas berupa lembar kerja; simpan sebagai CSV UTF-8"],
  [/^the file is JSON, but .+$/, "berkas berupa JSON, padahal harus CSV"],
  [/^the file is not a GeoJSON FeatureCollection$/, "berkas bukan GeoJSON FeatureCollection"],
  [/^the file is not GeoJSON in UTF-8: (.+)$/, "berkas bukan GeoJSON UTF-8: $1"],
  [/^coordinates must be WGS 84 .+$/, "koordinat harus WGS 84 (EPSG:4326); ekspor lagi berkasnya"],
  [/^is not CSV \((.+)\); .+$/, "bukan CSV ($1); mungkin tanda kutipnya kurang"],
  [/^columns must be separated by .+$/, "kolom harus dipisah koma, titik koma, atau tab"],
  [/^missing columns: (.+)$/, "kolom yang tidak ada: $1"],
  [/^this column is there more than once$/, "kolom ini ada lebih dari sekali"],
  [/^has (\d+) cells, the header has (\d+)$/, "berisi $1 sel, kepala kolom $2"],
  [/^ignored columns: (.+)$/, "kolom yang diabaikan: $1"],
  [/^out of service, and stays so: (.+)$/, "sudah keluar dari dinas, dan tetap begitu: $1"],
  [/^closed, and stays so: (.+)$/, "ditutup, dan tetap begitu: $1"],
  [/^there are none$/, "tidak ada satu pun"],
  [/^line (\d+)$/, "baris $1"],
  [/^feature (.+)$/, "fitur $1"],
];

/** As it is when no Indonesian is known for it: better read in English than not at all. */
export function inIndonesian(said: string): string {
  const known = SAID.find(([pattern]) => pattern.test(said));
  return known === undefined ? said : said.replace(known[0], known[1]);
}
