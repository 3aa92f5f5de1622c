"""Shipment -> body of an 856: a tree of levels, shipment, order, pack where there are packs, item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents.shipment import Pack, Shipment, ShippedItem, ShippedOrder
from airflow_provider_sagex3_cleo.x12.building import Row, SetBuilder, day, row, whole_sum
from airflow_provider_sagex3_cleo.x12.model import SetBody
from airflow_provider_sagex3_cleo.x12.set_856.rules import PACK_LEVELS, PLAIN_LEVELS, Rules856
from airflow_provider_sagex3_cleo.x12.values import checked_by_gs1

__all__ = ["build"]


def build(shipment: Shipment, rules: Rules856) -> SetBody:
    """The body of the 856 (BSN to CTT) that says what the shipment says.

    Raises:
        NotRepresentable: a value does not fit its element, something the agreement needs is not there, or packs are
            wanted and missing, or they do not hold what the orders say.
        UnknownItem: an item has none of the references in `rules.item_order`.
        UnmappedValue: an identifier kind is in no table.
    Source: 856 structure of both releases (tables/*.json); conventions in docs/x12.md."""
    return SetBody("856", "SH", rules.release, tuple(_Builder(shipment, rules).rows()))


class _Builder(SetBuilder):
    """One shipment on its way into segments."""

    def __init__(self, shipment: Shipment, rules: Rules856) -> None:
        super().__init__(rules, "LIN", 2)
        self.shipment, self.rules = shipment, rules
        self.levels = self.told = 0  # levels, and items among them
        self.packed = self.judge()

    def judge(self) -> bool:
        """Hold a shipment that lacks what the partner needs; True when it is told in packs."""
        shipment, rules = self.shipment, self.rules
        for name in rules.needs:
            value = getattr(shipment, name)
            if value in (None, ()) or (isinstance(value, str) and not value.strip()):
                raise e.NotRepresentable(
                    "the partner needs it, and the shipment does not have it", field=name, value=shipment.number,
                    remedy="enter it in Sage X3, or take it out of `needs` in the agreement",
                )  # fmt: skip
        without = [order.number for order in shipment.orders if not order.packs]
        if rules.packs == "never" or (rules.packs == "known" and len(without) == len(shipment.orders)):
            return False
        if without:
            raise e.NotRepresentable(
                "no packs are known for an order, and they are wanted", field="orders.packs", value=" ".join(without),
                expected="a number (SSCC) and contents of every pack",
                remedy="pack it in Sage X3, or set `packs: never` in the agreement",
            )  # fmt: skip
        for index, order in enumerate(shipment.orders):
            _packs_hold_items(order, f"orders[{index}]")
        labels = Counter(pack.sscc.strip() for order in shipment.orders for pack in order.packs)
        label, times = labels.most_common(1)[0]
        if times > 1:
            raise e.NotRepresentable(
                f"{times} packs have one number", field="orders.packs.sscc", value=label,
                expected="a number of its own for every pack", remedy="correct it in Sage X3",
            )  # fmt: skip
        return True

    def rows(self) -> Iterator[Row]:
        shipment, rules = self.shipment, self.rules
        moment = shipment.ship_time
        yield (
            "BSN",
            self.code(rules.purpose, "BSN", 1, "purpose"),
            self.id(shipment.number, "BSN", 2, "number"),
            day(shipment.ship_date),
            f"{moment:%H%M}" if moment else self.fitting(rules.missing_time, "BSN", 4, "missing_time"),
            PACK_LEVELS if self.packed else PLAIN_LEVELS,
        )
        top, level = self.level(None, "S")
        yield level
        yield from self.load()
        for index, order in enumerate(shipment.orders):
            yield from self.order(order, top, f"orders[{index}]")
        yield from self.totals()

    def level(self, parent: int | None, code: str) -> tuple[int, Row]:
        """The next HL. Every level but the item has others below it."""
        self.levels += 1
        below = ("0" if code == "I" else "1") if self.rules.children else None
        number = self.number(Decimal(self.levels), "HL", 1, "levels")
        return self.levels, row("HL", number, None if parent is None else str(parent), code, below)

    # --- shipment -------------------------------------------------------------------------------------------------
    def load(self) -> Iterator[Row]:
        """What is true for the whole shipment: TD1, TD5, references, dates, parties."""
        shipment, rules = self.shipment, self.rules
        yield from self.packages()
        yield from self.carrier()
        yield from self.references(((rules.bill_of_lading_reference, shipment.bill_of_lading, "bill_of_lading"),))
        yield from self.references(
            [(rules.tracking_reference, number, "tracking_numbers") for number in shipment.tracking_numbers]
        )
        shipped = self.code(rules.ship_date_qualifier, "DTM", 1, "ship_date_qualifier")
        moment = f"{shipment.ship_time:%H%M}" if shipment.ship_time else None
        yield row("DTM", shipped, day(shipment.ship_date), moment)
        if rules.expected_date_qualifier and shipment.expected_date:
            expected = self.code(rules.expected_date_qualifier, "DTM", 1, "expected_date_qualifier")
            yield ("DTM", expected, day(shipment.expected_date))
        for role, party, field in (
            (rules.ship_from_role, shipment.ship_from, "ship_from"),
            (rules.ship_to_role, shipment.ship_to, "ship_to"),
            (rules.bill_to_role, shipment.bill_to, "bill_to"),
        ):
            if role and party:
                yield from self.party(self.code(role, "N1", 1, f"{field}_role"), party, field)

    def packages(self) -> Iterator[Row]:
        shipment = self.shipment
        packaging = self.optional_id(shipment.packaging or self.rules.packaging, "TD1", 1, "packaging")
        counted = shipment.packages is not None
        weight = shipment.weight
        if weight is not None and not shipment.weight_unit:
            raise e.NotRepresentable(
                "a weight without its unit", field="weight_unit", value=weight, expected="a code of element 355",
                remedy="give the unit of weight an entry in the tables",
            )  # fmt: skip
        if counted or weight is not None:
            yield row(
                "TD1",
                packaging if counted else None,
                self.number(Decimal(shipment.packages), "TD1", 2, "packages")
                if shipment.packages is not None
                else None,
                None,
                None,
                None,
                None if weight is None else "G",
                None if weight is None else self.number(weight, "TD1", 7, "weight"),
                None if weight is None else self.code(shipment.weight_unit or "", "TD1", 8, "weight_unit"),
            )

    def carrier(self) -> Iterator[Row]:
        shipment, stage = self.shipment, self.rules.carrier_stage
        code = self.optional_id(shipment.carrier_code, "TD5", 3, "carrier_code")
        name = self.optional_free(shipment.carrier_name, "TD5", 5, "carrier_name")
        mode = shipment.carrier_mode and self.code(shipment.carrier_mode, "TD5", 4, "carrier_mode")
        if code or name or mode:
            stage = self.code(stage, "TD5", 1, "carrier_stage") if stage else None
            yield row("TD5", stage, "2" if code else None, code, mode, name)

    # --- order, pack, item ----------------------------------------------------------------------------------------
    def order(self, order: ShippedOrder, top: int, field: str) -> Iterator[Row]:
        rules = self.rules
        here, level = self.level(top, "O")
        yield level
        yield row(
            "PRF",
            self.id(order.number, "PRF", 1, f"{field}.number"),
            self.optional_id(order.release, "PRF", 2, f"{field}.release"),
            None,
            day(order.order_date) if order.order_date else None,
        )
        yield from self.references(
            (
                (rules.department_reference, order.department, f"{field}.department"),
                (rules.vendor_reference, order.vendor_number, f"{field}.vendor_number"),
            )
        )
        if rules.store_role and order.store:
            yield from self.party(self.code(rules.store_role, "N1", 1, "store_role"), order.store, f"{field}.store")
        if not self.packed:
            for index, item in enumerate(order.items):
                yield from self.item(item, item.quantity, here, f"{field}.items[{index}]")
            return
        items = {item.number: (item, f"{field}.items[{index}]") for index, item in enumerate(order.items)}
        for index, pack in enumerate(order.packs):
            inside, level = self.level(here, "P")
            yield level
            yield from self.marks(pack, f"{field}.packs[{index}]")
            for packed in pack.items:
                item, place = items[packed.number]
                yield from self.item(item, packed.quantity, inside, place)

    def marks(self, pack: Pack, field: str) -> Iterator[Row]:
        sscc = _sscc(pack.sscc, f"{field}.sscc")
        yield ("MAN", self.rules.sscc_mark, f"00{sscc}" if self.rules.sscc_mark == "GM" else sscc)
        mark = self.rules.pack_tracking_mark
        if mark and pack.tracking_number and pack.tracking_number.strip():
            number = self.id(pack.tracking_number, "MAN", 2, f"{field}.tracking_number")
            yield ("MAN", self.code(mark, "MAN", 1, "pack_tracking_mark"), number)

    def item(self, item: ShippedItem, quantity: Decimal, parent: int, field: str) -> Iterator[Row]:
        rules = self.rules
        self.told += 1
        yield self.level(parent, "I")[1]
        number = str(item.number)
        if rules.line_id == "order":
            number = self.order_line(item.order_line, item.number, "LIN01", f"{field}.order_line")
        number = self.id(number, "LIN", 1, f"{field}.number")
        lot = self.optional_id(item.lot, "LIN", 3, f"{field}.lot") if rules.lots else None
        yield ("LIN", number, *self.items(item.item, f"{field}.item"), *(("LT", lot) if lot else ()))
        unit = self.code(item.unit, "SN1", 3, f"{field}.unit")
        ordered = item.ordered_quantity if rules.ordered_quantities else None
        yield row(
            "SN1",
            number,
            self.number(quantity, "SN1", 2, f"{field}.quantity"),
            unit,
            None,
            None if ordered is None else self.number(ordered, "SN1", 5, f"{field}.ordered_quantity"),
            None if ordered is None else unit,
        )
        yield from self.described(item.item, f"{field}.item")

    def totals(self) -> Iterator[Row]:
        orders = self.shipment.orders
        count = self.levels if self.rules.count == "levels" else self.told
        hashed = whole_sum(item.quantity for order in orders for item in order.items) if self.rules.hash_total else None
        yield row("CTT", self.number(Decimal(count), "CTT", 1, "levels"), hashed)


def _packs_hold_items(order: ShippedOrder, field: str) -> None:
    """Raise unless the packs hold exactly what the order's items say."""
    left: dict[int, Decimal] = {}
    for item in order.items:
        if item.number in left:
            raise e.NotRepresentable("two items have one number", field=f"{field}.items", value=item.number)
        left[item.number] = item.quantity
    for index, pack in enumerate(order.packs):
        for packed in pack.items:
            if packed.number not in left:
                raise e.NotRepresentable(
                    "a pack holds an item that the order does not ship", field=f"{field}.packs[{index}]",
                    value=packed.number, remedy="correct the packing in Sage X3",
                )  # fmt: skip
            left[packed.number] -= packed.quantity
    wrong = next((number for number, rest in left.items() if rest), None)
    if wrong is not None:
        raise e.NotRepresentable(
            f"shipped and packed quantity differ by {left[wrong]:f}", field=f"{field}.packs", value=wrong,
            expected="packs that hold all that is shipped", remedy="correct the packing in Sage X3",
        )  # fmt: skip


def _sscc(text: str, field: str) -> str:
    """The SSCC, when it is one: 18 digits, the last one right."""
    text = text.strip()
    if not (len(text) == 18 and text.isascii() and text.isdecimal() and checked_by_gs1(text)):
        raise e.NotRepresentable(
            "not an SSCC", field=field, value=text, expected="18 digits, the last one the check digit",
            remedy="correct it in Sage X3",
        )  # fmt: skip
    return text
