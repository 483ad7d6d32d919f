"""The 28 kecamatan of Bojonegoro as facts, and the Polres and Polsek that stand there."""

from dataclasses import dataclass

from cas_server.kit.geo import Position
from cas_server.registry.entries import SatuanEntry, SatuanKind

KABUPATEN_CODE = "35.22"
POLRES_CODE = "polres-bojonegoro"


@dataclass(frozen=True, slots=True)
class Kecamatan:
    """A Kemendagri code, its name, and a point to write the name at."""

    code: str
    name: str
    label: Position

    @property
    def polsek_place(self) -> str:
        # The one in the regency's capital is called after the town.
        return "Bojonegoro Kota" if self.name == "Bojonegoro" else self.name

    @property
    def polsek_name(self) -> str:
        return f"Polsek {self.polsek_place}"

    @property
    def polsek_code(self) -> str:
        return self.polsek_name.lower().replace(" ", "-")


KECAMATAN = (
    Kecamatan("35.22.01", "Ngraho", Position(-7.255566, 111.540923)),
    Kecamatan("35.22.02", "Tambakrejo", Position(-7.290632, 111.635033)),
    Kecamatan("35.22.03", "Ngambon", Position(-7.325367, 111.723034)),
    Kecamatan("35.22.04", "Ngasem", Position(-7.258148, 111.756560)),
    Kecamatan("35.22.05", "Bubulan", Position(-7.320992, 111.840764)),
    Kecamatan("35.22.06", "Dander", Position(-7.224739, 111.833550)),
    Kecamatan("35.22.07", "Sugihwaras", Position(-7.334155, 111.964946)),
    Kecamatan("35.22.08", "Kedungadem", Position(-7.323185, 112.036918)),
    Kecamatan("35.22.09", "Kepohbaru", Position(-7.207322, 112.092830)),
    Kecamatan("35.22.10", "Baureno", Position(-7.116930, 112.103125)),
    Kecamatan("35.22.11", "Kanor", Position(-7.117299, 112.029175)),
    Kecamatan("35.22.12", "Sumberrejo", Position(-7.213417, 112.029056)),
    Kecamatan("35.22.13", "Balen", Position(-7.190200, 111.962260)),
    Kecamatan("35.22.14", "Kapas", Position(-7.191288, 111.904049)),
    Kecamatan("35.22.15", "Bojonegoro", Position(-7.158968, 111.886204)),
    Kecamatan("35.22.16", "Kalitidu", Position(-7.152455, 111.788094)),
    Kecamatan("35.22.17", "Malo", Position(-7.115615, 111.698973)),
    Kecamatan("35.22.18", "Purwosari", Position(-7.216915, 111.668787)),
    Kecamatan("35.22.19", "Padangan", Position(-7.180628, 111.621095)),
    Kecamatan("35.22.20", "Kasiman", Position(-7.113130, 111.643895)),
    Kecamatan("35.22.21", "Temayang", Position(-7.357315, 111.907265)),
    Kecamatan("35.22.22", "Margomulyo", Position(-7.309986, 111.488730)),
    Kecamatan("35.22.23", "Trucuk", Position(-7.123562, 111.844525)),
    Kecamatan("35.22.24", "Sukosewu", Position(-7.242013, 111.927206)),
    Kecamatan("35.22.25", "Kedewan", Position(-7.045510, 111.646734)),
    Kecamatan("35.22.26", "Gondang", Position(-7.404464, 111.822332)),
    Kecamatan("35.22.27", "Sekar", Position(-7.407400, 111.720558)),
    Kecamatan("35.22.28", "Gayam", Position(-7.175199, 111.701021)),
)


def satuan() -> list[SatuanEntry]:
    """The Polres and its 28 Polsek; each stands, for the demo, at its kecamatan's label."""
    town = next(each for each in KECAMATAN if each.name == "Bojonegoro")
    polres = SatuanEntry(
        code=POLRES_CODE,
        name="Polres Bojonegoro",
        kind=SatuanKind.POLRES,
        parent_code=None,
        # A little aside from the town's own Polsek, so that both can be seen.
        position=Position(town.label.lat + 0.004, town.label.lon - 0.004),
        phone="110",
        wilayah_codes=[KABUPATEN_CODE],
        demo=True,
    )
    return [polres, *(_polsek(each) for each in KECAMATAN)]


def _polsek(kecamatan: Kecamatan) -> SatuanEntry:
    return SatuanEntry(
        code=kecamatan.polsek_code,
        name=kecamatan.polsek_name,
        kind=SatuanKind.POLSEK,
        parent_code=POLRES_CODE,
        position=kecamatan.label,
        phone="110",
        wilayah_codes=[kecamatan.code],
        demo=True,
    )
