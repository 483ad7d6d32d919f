"""Pure: whether Satuan form a tree that can stand."""

from collections.abc import Mapping
from dataclasses import replace

from cas_server.registry.entries import SatuanEntry, SatuanKind
from cas_server.registry.importing.faults import Faults

MAY_STAND_UNDER = {
    SatuanKind.POLDA: frozenset[SatuanKind](),
    SatuanKind.POLRES: frozenset({SatuanKind.POLDA}),
    SatuanKind.POLSEK: frozenset({SatuanKind.POLRES, SatuanKind.POLSEK}),
    SatuanKind.UNIT: frozenset(SatuanKind),
}
assert MAY_STAND_UNDER.keys() == set(SatuanKind), "every kind needs its row"

# Where a Satuan belongs whose file does not say: under the only one of this kind.
_USUAL_PARENT = {
    SatuanKind.POLRES: SatuanKind.POLDA,
    SatuanKind.POLSEK: SatuanKind.POLRES,
    SatuanKind.UNIT: SatuanKind.POLRES,
}
_MAY_BE_ROOT = frozenset({SatuanKind.POLDA, SatuanKind.POLRES})

Whole = Mapping[str, SatuanEntry]


def only_parent(satuan: SatuanEntry, whole: Whole) -> SatuanEntry:
    """The Satuan under the only one it can belong to, if it names no parent and there is one."""
    usual = _USUAL_PARENT.get(satuan.kind)
    if satuan.parent_code is not None or usual is None:
        return satuan
    fitting = [each.code for each in whole.values() if each.kind is usual]
    return replace(satuan, parent_code=fitting[0]) if len(fitting) == 1 else satuan


def check_tree(whole: Whole, lines: Mapping[str, str], faults: Faults) -> None:
    """Faults of all Satuan together; `lines` says where in the file each one stands."""
    for satuan in whole.values():
        sentence = _fault_of(satuan, whole)
        if sentence:
            faults.add(lines.get(satuan.code, satuan.code), "induk", sentence)


def _fault_of(satuan: SatuanEntry, whole: Whole) -> str | None:
    if satuan.parent_code is None:
        if satuan.kind in _MAY_BE_ROOT:
            return None
        return f"a {satuan.kind} needs a parent; write the code of its Satuan"
    parent = whole.get(satuan.parent_code)
    if parent is None:
        return f"there is no Satuan {satuan.parent_code}"
    if parent.closed and not satuan.closed:
        return f"{parent.code} is closed; open it in the settings first"
    if parent.kind not in MAY_STAND_UNDER[satuan.kind]:
        return f"a {satuan.kind} cannot stand under a {parent.kind} ({parent.code})"
    return _cycle_of(satuan, whole)


def _cycle_of(satuan: SatuanEntry, whole: Whole) -> str | None:
    way = [satuan.code]
    while (above := whole.get(whole[way[-1]].parent_code or "")) is not None:
        way.append(above.code)
        if above is satuan:
            return f"its parents lead back to itself: {' -> '.join(way)}"
        if above.code in way[:-1]:
            # A ring further up: told where it stands.
            return None
    return None
