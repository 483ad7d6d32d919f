"""Prints a record on A4 in Bahasa Indonesia, for people who read paper."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from anyascii import anyascii
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from cas_server.evidence.leaf import parsed
from cas_server.evidence.record_form import Document, text_of
from cas_server.evidence.record_words import moment, sentence, word

INK, QUIET, LINE, SHADE = (24, 28, 36), (98, 104, 116), (196, 201, 210), (240, 242, 246)
MARGIN_MM = 18


class _Page(FPDF):
    """An A4 page with the record's number above and its fingerprint below."""

    def __init__(self, title: str, fingerprint: str) -> None:
        super().__init__(format="A4")
        self._title, self._fingerprint = title, fingerprint
        self.set_margins(MARGIN_MM, 20, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=20)
        self.alias_nb_pages()

    def header(self) -> None:
        if self.page_no() > 1:
            self.set_y(10)
            self._small(self._title)
            self.set_y(20)

    def footer(self) -> None:
        self.set_y(-15)
        self.set_draw_color(*LINE)
        self.line(MARGIN_MM, self.get_y(), self.w - MARGIN_MM, self.get_y())
        self.set_y(-13)
        self._small(f"SHA-256 berkas JSON: {self._fingerprint}")
        self.set_y(-13)
        self._small(f"Halaman {self.page_no()} dari {{nb}}", align="R")

    def _small(self, text: str, align: str = "L") -> None:
        self.set_font("helvetica", size=7)
        self.set_text_color(*QUIET)
        self.cell(0, 4, text, align=align)

    def heading(self, text: str) -> None:
        self.ln(4)
        if self.get_y() > self.h - 45:
            self.add_page()
        self.set_font("helvetica", "B", 11)
        self.set_text_color(*INK)
        self.cell(0, 7, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def words(self, text: str, size: float = 8.5) -> None:
        self.set_font("helvetica", size=size)
        self.set_text_color(*INK)
        self.multi_cell(0, 4.2, printable(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def rows(
        self, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]
    ) -> None:
        """A table whose head is repeated on each page."""
        self.set_font("helvetica", size=8)
        self.set_text_color(*INK)
        self.set_draw_color(*LINE)
        with self.table(
            col_widths=tuple(widths),
            text_align="LEFT",
            line_height=4.2,
            padding=(0.9, 1.2),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", color=INK, fill_color=SHADE),
        ) as table:
            for cells in (head, *rows):
                table.row([printable(cell) for cell in cells])

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names on the left, what they are on the right."""
        for name, value in pairs:
            self.set_font("helvetica", size=8.5)
            self.set_text_color(*QUIET)
            self.cell(38, 4.8, name)
            self.set_text_color(*INK)
            self.multi_cell(
                0, 4.8, printable(value), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )


def printable(text: str) -> str:
    """The printer's own letters know Latin only; others are spelled in it, one by one."""
    return "".join(each if _is_printed(each) else anyascii(each) for each in text) or "-"


def _is_printed(letter: str) -> bool:
    return letter.isascii() or "\u00a0" <= letter <= "\u00ff"


def pdf_of(document: Document) -> bytes:
    """The record as a PDF; the JSON beside it is what is signed."""
    sections = document["sections"]
    alarm = sections["alarm"]
    title = f"Rekaman Alarm No. {alarm['number']}"
    page = _Page(title, hashlib.sha256(text_of(document).encode()).hexdigest())
    page.set_title(title)
    page.set_lang("id")
    page.add_page()
    _title(page, title, alarm, document)
    page.heading("Ringkasan")
    page.facts(_summary(alarm, sections))
    _folded(page, sections["folded_presses"])
    _officers(page, sections)
    _story(page, sections)
    _evidence(page, document)
    return bytes(page.output())


def _title(page: _Page, title: str, alarm: dict[str, Any], document: Document) -> None:
    page.set_font("helvetica", "B", 18)
    page.set_text_color(*INK)
    page.cell(0, 9, title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.set_font("helvetica", size=9)
    page.set_text_color(*QUIET)
    made = f"Crime Alarm System - {alarm['satuan']} - dikeluarkan {moment(document['made_at'])}"
    page.cell(0, 5, printable(made), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    if alarm["demo"]:
        page.ln(2)
        page.set_fill_color(*SHADE)
        page.set_font("helvetica", "B", 10)
        page.set_text_color(*INK)
        page.cell(0, 8, "SIMULASI: alarm ini rekaan, bukan kejadian nyata.", align="C", fill=True,
                  new_x=XPos.LMARGIN, new_y=YPos.NEXT)  # fmt: skip


def _summary(alarm: dict[str, Any], sections: dict[str, Any]) -> list[tuple[str, str]]:
    names = {one["account_id"]: one["name"] for one in sections["people"]}
    place = "tidak diketahui"
    if alarm["lat"] is not None:
        near = f" (ketelitian {_metres(alarm['accuracy_m'])})"
        place = f"{float(alarm['lat']):.6f}, {float(alarm['lon']):.6f}{near}"
    closed = "belum ditutup"
    if alarm["closed_at"]:
        by = names.get(alarm["closed_by"], "-")
        closed = f"{moment(alarm['closed_at'])} oleh {by}: {word(alarm['disposition'])}"
    seen = "belum"
    if alarm["acknowledged_at"]:
        by = names.get(alarm["acknowledged_by"], "-")
        seen = f"{moment(alarm['acknowledged_at'])} oleh {by}"
    return [
        ("Jenis", word(alarm["kind"]) + (", senyap" if alarm["silent"] else "")),
        ("Keadaan", word(alarm["status"])),
        ("Diterima server", moment(alarm["raised_at"])),
        ("Ditekan menurut ponsel", moment(alarm["pressed_at"])),
        ("Kepercayaan", word(alarm["verification"])),
        ("Pelapor", f"{alarm['reporter_name']} ({word(alarm['reporter_role'])})"),
        ("Telepon pelapor", alarm["reporter_phone"] or "-"),
        ("Melalui", word(alarm["channel"])),
        ("Lokasi", f"{place}, {word(alarm['position_source'])}"),
        ("Wilayah", alarm["wilayah_name"] or "-"),
        ("Keterangan", alarm["note"] or "-"),
        ("Diketahui Komando", seen),
        ("Penutupan", closed),
        ("Catatan penutupan", alarm["closing_note"] or "-"),
    ]


def _metres(text: object) -> str:
    return f"{float(str(text)):.0f} m" if text is not None else "-"


def _folded(page: _Page, presses: Sequence[dict[str, Any]]) -> None:
    if not presses:
        return
    page.heading("Tekanan lain yang dihitung dalam alarm ini")
    page.words(f"{len(presses)} tekanan tanpa bukti dari jaringan yang sama, dalam satu menit.")
    page.ln(1)
    rows = [
        (
            moment(one["received_at"], date=False),
            word(one["kind"]),
            f"{float(one['lat']):.5f}, {float(one['lon']):.5f}"
            if one["lat"]
            else "tidak diketahui",
            one["phone"] or "-",
            one["note"] or "-",
        )
        for one in presses
    ]
    page.rows(("Jam", "Jenis", "Lokasi", "Telepon", "Keterangan"), rows, (20, 24, 44, 36, 50))


def _officers(page: _Page, sections: dict[str, Any]) -> None:
    page.heading("Personil yang datang")
    came = [_came(one) for one in sections["responders"]]
    steps = ("Personil", "Bagian", "Menerima", "Berangkat", "Tiba", "Dilepas")
    _table_or(page, "Tidak ada.", steps, came, (60, 20, 22, 22, 22, 22))
    page.heading("Personil yang dipanggil")
    head = ("Ring", "Personil", "Jarak", "Dipanggil", "Tampil", "Dijawab", "Jawaban")
    asked = [_asked(one) for one in sections["offers"]]
    _table_or(page, "Tidak ada.", head, asked, (12, 46, 18, 20, 20, 20, 38))


def _came(one: dict[str, Any]) -> list[str]:
    steps = ("accepted_at", "en_route_at", "on_scene_at", "released_at")
    return [
        f"{one['rank']} {one['name']}\n{one['nrp']}, {one['satuan']}",
        word(one["part"]),
        *(moment(one[step], date=False) for step in steps),
    ]


def _asked(one: dict[str, Any]) -> list[str]:
    steps = ("offered_at", "received_at", "answered_at")
    why = f": {one['decline_reason']}" if one["decline_reason"] else ""
    return [
        str(one["ring"]),
        f"{one['rank']} {one['name']}",
        _metres(one["distance_m"]),
        *(moment(one[step], date=False) for step in steps),
        word(one["state"]) + why,
    ]


def _table_or(
    page: _Page, otherwise: str, head: Sequence[str], rows: Sequence[Sequence[str]],
    widths: Sequence[int],
) -> None:  # fmt: skip
    if rows:
        page.rows(head, rows, widths)
    else:
        page.words(otherwise)


def _story(page: _Page, sections: dict[str, Any]) -> None:
    page.heading("Kronologi (dari jurnal yang disegel)")
    officers = (*sections["offers"], *sections["responders"])
    names = {one["personil_id"]: f"{one['rank']} {one['name']}" for one in officers}
    actors = {one["account_id"]: one["name"] for one in sections["people"]}
    entries = [(row["position"], parsed(row["leaf"])) for row in sections["journal"]]
    rows = [
        (
            str(position),
            moment(entry["at"], date=False),
            sentence(entry, names),
            actors.get(entry["actor_id"], ""),
        )
        for position, entry in entries
    ]
    page.words(f"Mulai {moment(entries[0][1]['at'] if entries else None)}; semua jam WIB.", size=8)
    page.ln(1)
    _table_or(page, "Belum ada.", ("Daun", "Jam", "Kejadian", "Oleh"), rows, (16, 22, 100, 36))


def _evidence(page: _Page, document: Document) -> None:
    head, sections = document["head"], document["sections"]
    page.heading("Bukti keutuhan")
    page.facts(
        [
            ("Nomor alarm (UUID)", document["alarm_id"]),
            ("Kepala pohon", f"{head['size']} entri, {moment(head['at'])}"),
            ("Akar", head["root"]),
            ("Kunci (Ed25519)", document["public_key"]),
            ("Nomor kunci", document["key_id"]),
            ("Tanda tangan", document["signature"]),
            ("Isi", _amounts(sections)),
        ]
    )
    if int(document["unsealed_entries"]):
        page.words(f"{document['unsealed_entries']} entri terbaru belum disegel saat dicetak.")
    page.ln(2)
    page.words(
        "Berkas JSON yang menyertai halaman ini yang sah. Siapa pun dapat memeriksanya tanpa "
        "server, dengan salinan kepala pohon yang diumumkan: cas audit verify --export BERKAS "
        "--heads SALINAN. Satu huruf yang berubah akan ditemukan dan disebut tempatnya. Di halaman "
        "ini huruf di luar aksara Latin dieja dengan huruf Latin; teks persisnya ada di JSON.",
        size=8,
    )


def _amounts(sections: dict[str, Any]) -> str:
    return (
        f"{len(sections['journal'])} entri jurnal, {len(sections['offers'])} panggilan, "
        f"{len(sections['decisions'])} keputusan, "
        f"{len(sections['reporter_fixes'])} posisi pelapor, "
        f"{len(sections['tracks'])} posisi Personil, {len(sections['pushes'])} hasil push"
    )
