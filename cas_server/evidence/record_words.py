"""Pure: what the journal's kinds and the tables' codes are called on the printed record."""

from datetime import datetime, timedelta, timezone
from typing import Any

WIB = timezone(timedelta(hours=7), "WIB")
MONTHS = ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September",
          "Oktober", "November", "Desember")  # fmt: skip

STORY = {
    "alarm.raised": "Alarm diterima server",
    "alarm.repeated": "Pelapor menekan lagi; digabung ke alarm ini",
    "alarm.folded": "Tekanan lain dari jaringan yang sama dihitung di sini",
    "alarm.verified": "Pelapor terbukti kemudian",
    "alarm.released": "Personil dipanggil atas perintah Komando",
    "reporter.moved": "Pelapor berpindah",
    "reporter.pinned": "Pelapor menunjukkan tempatnya di peta",
    "alarm.described": "Pelapor menambah keterangan",
    "reporter.revealed": "Identitas pelapor dibuka",
    "picture.added": "Pelapor mengirim foto",
    "sound.added": "Pelapor mengirim rekaman suara",
    "alarm.acknowledged": "Diketahui oleh Komando",
    "alarm.unanswered": "Semua ring sudah dipanggil, belum ada yang datang",
    "alarm.unanswered_acknowledged": "Komando mengetahui bahwa belum ada yang datang",
    "alarm.escalated": "Dinaikkan ke pimpinan",
    "alarm.cancelled": "Dibatalkan oleh pelapor",
    "alarm.duress": "Dibatalkan di bawah ancaman; tetap ditangani",
    "alarm.closed": "Ditutup",
    "alarm.handed_over": "Dioper ke meja Satuan lain",
    "alarm.merged": "Digabung ke alarm lain tentang kejadian yang sama",
    "alarm.separated": "Dipisahkan kembali dari alarm lain",
    "duplicate.merged": "Alarm lain tentang kejadian yang sama digabung ke sini",
    "duplicate.separated": "Alarm lain dipisahkan kembali dari sini",
    "ring.called": "Ring dipanggil",
    "offer.made": "Personil dipanggil",
    "offer.received": "Panggilan tampil di ponsel Personil",
    "offer.unreached": "Ponsel Personil tidak terjangkau",
    "offer.accepted": "Personil menerima",
    "offer.declined": "Personil menolak",
    "offer.expired": "Panggilan lewat waktu",
    "offer.stood_down": "Panggilan dihentikan",
    "offer.superseded": "Panggilan digantikan yang lain",
    "personil.assigned": "Personil ditugaskan oleh Komando",
    "responder.en_route": "Personil menuju lokasi",
    "responder.on_scene": "Personil tiba di lokasi",
    "responder.released": "Personil dilepas dari alarm",
    "report.filed": "Personil melapor dari lokasi",
    "report.picture_added": "Personil mengirim foto lokasi",
    "backup.asked": "Personil meminta bantuan",
    "backup.acknowledged": "Komando mengetahui permintaan bantuan",
    "backup.unanswered": "Tidak ada lagi yang dapat dipanggil untuk bantuan",
    "responder.promoted": "Personil cadangan menjadi utama",
    "tracks.seen": "Jejak Personil dilihat",
    "record.exported": "Rekaman alarm ini dikeluarkan",
    "record.sealed": "Isi rekaman alarm ini disegel",
    "alarm.forgotten": "Data pelapor dihapus menurut undang-undang",
}

WORDS = {
    "unknown": "belum disebut",
    "crime": "kejahatan", "fire": "kebakaran", "medical": "medis", "accident": "kecelakaan",
    "other": "lainnya",
    "raised": "menunggu", "accepted": "diterima", "en_route": "menuju lokasi",
    "on_scene": "di lokasi", "resolved": "selesai", "cancelled": "dibatalkan",
    "open": "terbuka", "declined": "menolak", "expired": "lewat waktu",
    "stood_down": "dihentikan", "released": "dilepas", "superseded": "digantikan",
    "primary": "utama", "backup": "cadangan",
    "genuine": "benar terjadi", "false_accidental": "keliru, tidak sengaja",
    "false_malicious": "palsu, disengaja", "test": "uji coba", "duplicate": "ganda",
    "handed_over": "diserahkan", "merged": "digabung",
    "verified": "terverifikasi", "bearer": "masuk, tanpa tanda tangan",
    "unverified": "belum terverifikasi",
    "gps": "GPS ponsel", "pin": "ditunjukkan pelapor", "last_known": "posisi terakhir",
    "site": "alamat tetap", "desk": "dari Komando", "none": "tidak diketahui",
    "masyarakat": "Masyarakat", "instansi": "Instansi", "personil": "Personil",
    "caller": "penelepon", "operator": "operator", "pimpinan": "pimpinan", "admin": "admin",
    "app": "aplikasi", "phone": "telepon", "radio": "radio", "walk_in": "datang langsung",
}  # fmt: skip

# What an entry's payload adds for a reader; ids are left to the JSON.
TOLD = (
    "part",
    "reason",
    "ring",
    "role",
    "level",
    "disposition",
    "kind",
    "called",
    "number",
    "satuan",
)


def word(code: object) -> str:
    """A code in words; what has no word stays as it is."""
    return WORDS.get(str(code), str(code)) if code not in (None, "") else "-"


def moment(text: object, *, date: bool = True) -> str:
    """A time of a record, as the clock on the wall in Bojonegoro showed it."""
    if not text:
        return "-"
    at = datetime.fromisoformat(str(text)).astimezone(WIB)
    clock = f"{at:%H.%M.%S}"
    return f"{at.day} {MONTHS[at.month - 1]} {at.year} {clock} WIB" if date else clock


def sentence(entry: dict[str, Any], names: dict[str, str]) -> str:
    """One line of the story: what happened, with whom."""
    payload = entry["payload"]
    who = names.get(str(payload.get("personil_id")))
    said = [_said(name, payload[name]) for name in TOLD if payload.get(name) not in (None, "")]
    line = STORY.get(entry["kind"], str(entry["kind"]))
    line += f": {who}" if who else ""
    return line + (f" ({', '.join(said)})" if said else "")


def _said(name: str, value: object) -> str:
    match name:
        case "ring":
            return f"ring {value}"
        case "called":
            return f"{value} Personil"
        case "number":
            return f"nomor {value}"
        case _:
            return word(value)
