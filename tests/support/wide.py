"""A world of three hundred partners, sixty of them with agreements that differ in all that agreements differ in; and
what must be true of every file that such a world sends, asked of parsers by other people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from airflow_provider_sagex3_cleo.sandbox.agreements import write_agreements
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from airflow_provider_sagex3_cleo.sandbox.world import World
from airflow_provider_sagex3_cleo.x12 import second_opinion, validator
from tests.unit.x12.test_other_parsers import by_ansi_x12, by_pyx12

__all__ = [
    "SUPPLIERS",
    "check_every_file",
    "enter_documents",
    "folders_of",
    "numbers",
    "opened",
    "told_by_load",
    "write_wide_agreements",
]

#: With the sixty customers of every world they make three hundred partners.
SUPPLIERS = 240
ENROLLED_SUPPLIERS, ENROLLED_CUSTOMERS = 36, 24
TEST_STAGE_EVERY, LOADS_EVERY = 12, 3

_IDS: Sequence[Callable[[int], dict[str, str]]] = (
    lambda n: {"qualifier": "ZZ", "id": f"EXAMPLE{n:03d}"},
    lambda n: {"qualifier": "01", "id": f"{900_000_000 + n}"},
    lambda n: {"qualifier": "12", "id": f"555010{n:04d}"},
    lambda n: {"qualifier": "08", "id": f"92{n:08d}"},
    lambda n: {"qualifier": "14", "id": f"{900_000_000 + n}EDI", "gs": f"GS{n:03d}"},
    lambda n: {"qualifier": "ZZ", "id": f"EXAMPLE-WIDE{n:03d}", "gs": f"E{n:03d}"},
)
_DELIMITERS: Sequence[dict[str, Any]] = (
    {},
    {"line_break": True},
    {"element": "|"},
    {"segment": "\x1c", "element": "\x1d", "component": "\x1f", "repetition": "\x1e"},
    {"component": ":", "repetition": "!"},
    {"segment": "'", "element": "^", "component": ":", "repetition": "!"},
    {"component": "\\", "repetition": "{", "segment": "}"},
)


def write_wide_agreements(folder: Path, world: World) -> Path:
    """Agreements of sixty partners, of differing ids, releases, delimiters, grouping, folders and stages: an 850 with
    each supplier, an 810 and an 856 with each customer. Returns the folder."""
    write_agreements(folder, world, ENROLLED_SUPPLIERS, customers=ENROLLED_CUSTOMERS, newer_release_every=2)
    for n, path in enumerate(sorted((folder / "partners").glob("*.yaml"))):
        agreement = yaml.safe_load(path.read_text(encoding="utf-8"))
        agreement |= {"ids": _IDS[n % len(_IDS)](n), "documents_per_interchange": (1, 2, 25)[n % 3]}
        agreement |= {"delimiters": _DELIMITERS[n % len(_DELIMITERS)], "transliterate": True, "replacement": "-"}
        agreement["pickup"] = ("never", "may")[n % 2]
        if n % 4 == 0:
            agreement["folder"] = f"pool-{n % 3}"
        if n % 4 == 1:
            agreement["documents_per_group"] = 1
        if n % 5 == 0:
            agreement["ack_requested"] = True
        if agreement["set"] == "856" and n % LOADS_EVERY == 0:
            agreement["shipment"] |= {"per": "load"}
        if n % TEST_STAGE_EVERY == TEST_STAGE_EVERY - 1:
            agreement |= {"stage": "test", "test_ids": {"qualifier": "ZZ", "id": f"TEST{n:03d}"}}
        path.write_text(yaml.safe_dump(agreement, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return folder


def folders_of(agreements: Path) -> set[str]:
    """Every folder that the agreements send to."""
    found = set()
    for path in (agreements / "partners").glob("*.yaml"):
        agreement = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.add(agreement["test_folder" if agreement["stage"] == "test" else "folder"])
    return found


def opened(agreements: Path, sandbox: Sandbox) -> None:
    """Make sure that Cleo has every folder that the agreements send to."""
    for name in sorted(folders_of(agreements) - set(sandbox.cleo_admin.folders())):
        sandbox.cleo_admin.folder(name)


def told_by_load(agreements: Path) -> set[str]:
    """The customers who get one notice for all deliveries of a load."""
    texts = (path.read_text(encoding="utf-8") for path in (agreements / "partners").glob("*.yaml"))
    found = [yaml.safe_load(text) for text in texts]
    return {each["partner"] for each in found if each["set"] == "856" and each["shipment"].get("per") == "load"}


def enter_documents(world: World, by_load: set[str]) -> list[str]:
    """Documents for every enrolled partner, and some for those who are not. Returns the numbers of those to be sent."""
    suppliers = [supplier.code for supplier in world.suppliers.values()]
    customers = list(world.sales.customers)
    expected: list[str] = []
    for lines in (1, 3):
        expected += [world.new_order(code, lines=lines) for code in suppliers[:ENROLLED_SUPPLIERS]]
        for code in customers[:ENROLLED_CUSTOMERS]:
            expected.append(world.sales.new_invoice(code, lines=lines, charges={"1": "12.50"} if lines > 1 else None))
            if code not in by_load:
                expected.append(world.deliveries.new_delivery(code, lines=lines, packs=min(lines, 2), bill=True))
    for code in customers[:ENROLLED_CUSTOMERS]:
        if code in by_load:
            freight = {"BPTNUM": "EXFREIGHT"}
            load = [world.deliveries.new_delivery(code, lines=n, packs=min(n, 2), header=freight) for n in (1, 3)]
            expected.append(world.deliveries.new_bill_of_lading(load))
    for code in suppliers[ENROLLED_SUPPLIERS:]:
        world.new_order(code)
    for code in customers[ENROLLED_CUSTOMERS:]:
        world.sales.new_invoice(code)
        world.deliveries.new_delivery(code)
    return expected


Row = tuple[str, ...]
_NUMBERED: Mapping[str, int] = {"BEG": 3, "BIG": 2, "BSN": 2}


def check_every_file(files: Mapping[str, bytes], world: World) -> Counter[str]:
    """Every file is read without a fault by our validator, badx12, pyx12 and ansi-x12, and its values are Sage X3's.

    Returns how often each document number was met."""
    met: Counter[str] = Counter()
    for name, data in files.items():
        assert not [finding for finding in validator.validate(data) if finding.severity == "error"], name
        assert second_opinion.badx12(data) == [], name
        rows = by_pyx12(data)
        assert by_ansi_x12(data) == rows, name
        for each in _sets(rows):
            number = _CHECKS[each[0][1]](each, world)
            met[number] += 1
    return met


def numbers(data: bytes) -> Iterator[str]:
    """The document numbers of a file."""
    for each in _sets(by_pyx12(data)):
        yield next(row[_NUMBERED[row[0]]] for row in each if row[0] in _NUMBERED)


def _sets(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The transaction sets, ST first and SE last."""
    current: list[Row] = []
    for row in rows:
        if row[0] == "ST":
            current = []
        current.append(row)
        if row[0] == "SE":
            assert (row[1], row[2]) == (str(len(current)), current[0][2])
            yield current


def _all(rows: Iterable[Row], segment: str) -> list[list[str]]:
    return [[*row, *[""] * 30] for row in rows if row[0] == segment]


def _order(rows: list[Row], world: World) -> str:
    beg = _all(rows, "BEG")[0]
    shown = world.describe(beg[3])
    assert beg[5] == f"{shown['header']['ORDDAT']:%Y%m%d}"
    lines = _all(rows, "PO1")
    assert len(lines) == len(shown["lines"])
    for po1, line in zip(lines, shown["lines"], strict=True):
        assert (Decimal(po1[2]), Decimal(po1[4])) == (line["QTYUOM"], line["NETPRI"] * line["UOMPUUCOE"]), beg[3]
        assert {line["ITMREF"], line["ITMREFBPS"]} & set(po1), beg[3]
    return beg[3]


def _invoice(rows: list[Row], world: World) -> str:
    big = _all(rows, "BIG")[0]
    shown = world.sales.describe_invoice(big[2])
    header, lines = shown["header"], _all(rows, "IT1")
    order = world.sales.orders[shown["lines"][0]["SOHNUM"]].header
    assert (big[1], big[4]) == (f"{header['INVDAT']:%Y%m%d}", order["CUSORDREF"])
    assert Decimal(_all(rows, "TDS")[0][1]) / 100 == header["AMTATI"]
    assert len(lines) == len(shown["lines"])
    for it1, line in zip(lines, shown["lines"], strict=True):
        assert (Decimal(it1[2]), Decimal(it1[4])) == (line["QTY"], line["NETPRINOT"]), big[2]
    return big[2]


def _shipment(rows: list[Row], world: World) -> str:
    bsn = _all(rows, "BSN")[0]
    known = world.deliveries.deliveries
    members = [bsn[2]] if bsn[2] in known else [n for n, each in known.items() if each.header["BOLNUM"] == bsn[2]]
    shown = [world.deliveries.describe_delivery(member) for member in members]
    header, order = shown[0]["header"], ""
    assert bsn[3] == f"{header['SHIDAT']:%Y%m%d}"
    told: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row[0] == "PRF":
            order = row[1]
        elif row[0] == "LIN":
            item = row[row.index("VP") + 1]
        elif row[0] == "SN1":
            told[order, item] += Decimal(row[2])
    shipped: Counter[tuple[str, str]] = Counter()
    for line in (line for each in shown for line in each["lines"]):
        shipped[world.sales.orders[line["SOHNUM"]].header["CUSORDREF"], line["ITMREF"]] += line["QTY"]
    assert told == shipped, bsn[2]
    labels = [man[2][-18:] for man in _all(rows, "MAN")]
    assert labels in ([], [pack["SCCCOD"] for each in shown for pack in each["packs"]]), bsn[2]
    assert ["BM", header["BOLNUM"]] in [ref[1:3] for ref in _all(rows, "REF")], bsn[2]
    return bsn[2]


_CHECKS: Mapping[str, Callable[[list[Row], World], str]] = {"850": _order, "810": _invoice, "856": _shipment}
