"""Every value of the document is looked for in the 856 that was read, level by level, and nothing else may be there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from airflow_provider_sagex3_cleo.documents import Party
from airflow_provider_sagex3_cleo.documents.shipment import Pack, Shipment, ShippedItem, ShippedOrder
from airflow_provider_sagex3_cleo.x12.comparing import Pair, SetComparison, differences, joined, plain
from airflow_provider_sagex3_cleo.x12.model import Finding, SetBody
from airflow_provider_sagex3_cleo.x12.reader import TransactionSet
from airflow_provider_sagex3_cleo.x12.set_856.reading import ReadLevel, ReadShipment, read_back
from airflow_provider_sagex3_cleo.x12.set_856.rules import Rules856

__all__ = ["compare"]


def compare(shipment: Shipment, rules: Rules856, source: TransactionSet | SetBody) -> list[Finding]:
    """One finding (`value-differs`) for each value that the read 856 does not say as the document does; empty if equal.

    `element` names the document's field, `found` and `expected` the two values."""
    return differences(_Comparison(shipment, rules, read_back(source)).pairs())


class _Wanted(NamedTuple):
    """A level that is to be found: whose, under which one, and how much of an item."""

    code: str
    parent: int
    about: ShippedOrder | Pack | ShippedItem | None
    field: str
    quantity: Decimal | None = None


class _Comparison(SetComparison):
    """The pairs of values of one shipment."""

    def __init__(self, shipment: Shipment, rules: Rules856, read: ReadShipment) -> None:
        super().__init__(rules)
        self.shipment, self.rules, self.read = shipment, rules, read
        self.packed = rules.packs != "never" and all(order.packs for order in shipment.orders)

    def pairs(self) -> Iterator[Pair]:
        shipment, rules, read = self.shipment, self.rules, self.read
        moment = shipment.ship_time
        yield "purpose", rules.purpose, read.purpose
        yield "number", shipment.number.strip(), read.number
        yield "ship_date", shipment.ship_date, read.notice_date
        yield "ship_time", f"{moment:%H%M}" if moment else rules.missing_time, read.notice_time
        yield "packs", "0001" if self.packed else "0004", read.structure
        wanted = list(self.wanted())
        yield "levels", [w.code for w in wanted], [level.code for level in read.levels]
        for number, (want, found) in enumerate(zip(wanted, read.levels, strict=False), 1):
            for field, expected, value in self.level(number, want, found):
                if expected != value:  # names are made for faults only
                    yield f"{want.field}.{field}".lstrip("."), expected, value
        items = [want for want in wanted if want.code == "I"]
        yield "count", str(len(wanted) if rules.count == "levels" else len(items)), read.count
        quantities = [item.quantity for order in shipment.orders for item in order.items]
        whole = rules.hash_total and all(q % 1 == 0 for q in quantities)
        yield "hash total", sum(quantities, Decimal(0)) % 10**10 if whole else None, read.hash_total

    def wanted(self) -> Iterator[_Wanted]:
        """The levels in order; the first is number 1."""
        yield _Wanted("S", 0, None, "")
        number = 1
        for at, order in enumerate(self.shipment.orders):
            number += 1
            here, field = number, f"orders[{at}]"
            yield _Wanted("O", 1, order, field)
            if not self.packed:
                for n, item in enumerate(order.items):
                    number += 1
                    yield _Wanted("I", here, item, f"{field}.items[{n}]", item.quantity)
                continue
            items = {item.number: item for item in order.items}
            for n, pack in enumerate(order.packs):
                number += 1
                inside = number
                yield _Wanted("P", here, pack, f"{field}.packs[{n}]")
                for m, packed in enumerate(pack.items):
                    number += 1
                    name = f"{field}.packs[{n}].items[{m}]"
                    yield _Wanted("I", inside, items.get(packed.number), name, packed.quantity)

    def level(self, number: int, want: _Wanted, found: ReadLevel) -> Iterator[Pair]:
        yield "level", str(number), found.number
        yield "parent", str(want.parent) if want.parent else "", found.parent
        below = "0" if want.code == "I" else "1"
        yield "children", below if self.rules.children else "", found.below
        order = want.about if isinstance(want.about, ShippedOrder) else None
        pack = want.about if isinstance(want.about, Pack) else None
        item = want.about if isinstance(want.about, ShippedItem) else None
        dates, packages, carrier = self.load() if want.code == "S" else (({}, {}), {}, {})
        yield "dates", dates, (found.dates, found.times)
        yield "packages", packages, found.packages
        yield "carrier", carrier, found.carrier
        yield from self.order(order, found)
        yield "marks", self.marks(pack) if pack else [], found.marks
        yield from self.item(item, want.quantity, found)
        yield from self.parties(self.roles(order, want.code == "S"), found.parties)
        yield "references", self.listed(order, want.code == "S"), found.referred

    def load(self) -> tuple[tuple[dict[str, date], dict[str, str]], dict[int, str], dict[int, str]]:
        """What is true for the whole shipment, on its own level and on no other: dates and times, packages, carrier."""
        shipment, rules = self.shipment, self.rules
        dates, times = {rules.ship_date_qualifier: shipment.ship_date}, {}
        if shipment.ship_time:
            times = {rules.ship_date_qualifier: f"{shipment.ship_time:%H%M}"}
        if rules.expected_date_qualifier and shipment.expected_date:
            dates[rules.expected_date_qualifier] = shipment.expected_date
        packages: dict[int, str] = {}
        packaging = (shipment.packaging or rules.packaging or "").strip()
        if shipment.packages is not None:
            packages |= {2: str(shipment.packages)} | ({1: packaging} if packaging else {})
        if shipment.weight is not None:
            packages |= {6: "G", 7: plain(shipment.weight), 8: shipment.weight_unit or ""}
        code, name = (shipment.carrier_code or "").strip(), self.free(shipment.carrier_name)
        carrier = {3: code, 4: shipment.carrier_mode or "", 5: name, 2: "2" if code else ""}
        carrier = {n: x for n, x in carrier.items() if x}
        if carrier and rules.carrier_stage:
            carrier[1] = rules.carrier_stage
        return (dates, times), packages, carrier

    def listed(self, order: ShippedOrder | None, load: bool) -> list[tuple[str, str]]:
        """The REF that are to be found on a level, in order."""
        shipment, rules = self.shipment, self.rules
        given: list[tuple[str | None, str | None]] = []
        if load:
            given = [(rules.bill_of_lading_reference, shipment.bill_of_lading)]
            given += [(rules.tracking_reference, number) for number in shipment.tracking_numbers]
        elif order:
            given = [
                (rules.department_reference, order.department),
                (rules.vendor_reference, order.vendor_number),
            ]
        return [pair for one in given for pair in self.referred((one,)).items()]

    def roles(self, order: ShippedOrder | None, load: bool) -> dict[str, tuple[str, Party]]:
        shipment, rules = self.shipment, self.rules
        given: tuple[tuple[str | None, str, Party | None], ...] = ()
        if load:
            given = (
                (rules.ship_from_role, "ship_from", shipment.ship_from),
                (rules.ship_to_role, "ship_to", shipment.ship_to),
                (rules.bill_to_role, "bill_to", shipment.bill_to),
            )
        elif order:
            given = ((rules.store_role, "store", order.store),)
        return {role: (field, party) for role, field, party in given if role and party}

    def order(self, order: ShippedOrder | None, found: ReadLevel) -> Iterator[Pair]:
        yield "number", order.number.strip() if order else "", found.order_number
        yield "release", ((order.release if order else None) or "").strip(), found.release
        yield "order_date", order.order_date if order else None, found.order_date

    def marks(self, pack: Pack) -> list[tuple[str, str]]:
        rules, sscc = self.rules, pack.sscc.strip()
        marks = [("GM", "00" + sscc) if rules.sscc_mark == "GM" else ("AA", sscc)]
        tracking = (pack.tracking_number or "").strip()
        return [*marks, (rules.pack_tracking_mark, tracking)] if rules.pack_tracking_mark and tracking else marks

    def item(self, item: ShippedItem | None, quantity: Decimal | None, found: ReadLevel) -> Iterator[Pair]:
        rules = self.rules
        line = ""
        if item:
            line = (item.order_line or "").strip() if rules.line_id == "order" else str(item.number)
        yield "number", (line, line), (found.line, found.shipped_line)
        references = self.items(item.item) if item else {}
        if item and rules.lots and (item.lot or "").strip():
            references["LT"] = (item.lot or "").strip()
        yield "item", references, found.items
        yield "item.description", self.described(item.item) if item else "", joined(found.descriptions)
        yield "quantity", quantity if item else None, found.quantity
        yield "unit", item.unit if item else "", found.unit
        known = item is not None and item.ordered_quantity is not None and rules.ordered_quantities
        ordered = (item.ordered_quantity, item.unit) if item and known else (None, "")
        yield "ordered_quantity", ordered, found.ordered
