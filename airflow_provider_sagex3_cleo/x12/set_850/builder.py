"""Purchase order -> body of an 850. Never cuts, never guesses: what does not fit is held with a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import OrderLine, Party, PurchaseOrder
from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.model import SetBody
from airflow_provider_sagex3_cleo.x12.set_850.rules import GTIN_LENGTHS, IDENTIFIER_KINDS, ITEM_REFERENCES, Rules850
from airflow_provider_sagex3_cleo.x12.values import TextRules, decimal_text

__all__ = ["build"]

Row = tuple[str, ...]

ORDER_NOTES, LINE_NOTES = "ORDER NOTES", "LINE NOTES"
CENT = Decimal("0.01")
HASH_LIMIT = 10**10  # CTT02 holds ten digits; the standard drops what overflows on the left


def build(order: PurchaseOrder, rules: Rules850) -> SetBody:
    """The body of the 850 (BEG to CTT or AMT) that says what the order says.

    Raises:
        NotRepresentable: a value does not fit its element (too long, foreign character, delimiter, code not in use).
        UnknownItem: a line has none of the references in `rules.item_order`.
        UnmappedValue: an identifier kind or payment terms are in no table.
    Source: 850 structure of both releases (tables/*.json); conventions in docs/x12.md."""
    return SetBody("850", "PO", rules.release, tuple(_Builder(order, rules).rows()))


@cache
def _limits(release: str) -> dict[tuple[str, int], standard.Element]:
    """(segment, position) -> element, for plain elements."""
    return {
        (segment.id, n): slot.element
        for segment in standard.release(release).segments.values()
        for n, slot in enumerate(segment.slots, 1)
        if isinstance(slot.element, standard.Element)
    }


def _row(*elements: str | None) -> Row:
    """A segment: absent elements are empty, trailing empty ones are cut."""
    values = [x or "" for x in elements]
    while not values[-1]:
        values.pop()
    return tuple(values)


def _date(value: date) -> str:
    return value.isoformat().replace("-", "")


class _Builder:
    """One order on its way into segments. Each method yields the segments of one subject, in the set's order."""

    def __init__(self, order: PurchaseOrder, rules: Rules850) -> None:
        self.order, self.rules = order, rules
        self.text: TextRules = rules.text()
        self.limits = _limits(rules.release)
        self.plan = [
            (self.code(q, "PO1", 6, "item_order"), ITEM_REFERENCES[q], GTIN_LENGTHS.get(q, 0)) for q in rules.item_order
        ]
        self.gtin_lengths = [length for _, _, length in self.plan if length]
        self.note_segment = "MSG" if rules.release == "004010" else "MTX"

    def rows(self) -> Iterator[Row]:
        order, rules = self.order, self.rules
        yield self.beginning()
        if rules.currency:
            yield ("CUR", "BY", self.id(order.currency, "CUR", 2, "currency"))
        yield from self.references()
        yield from self.contact()
        yield from self.terms()
        if order.requested_date:
            yield ("DTM", self.code(rules.date_qualifier, "DTM", 1, "date_qualifier"), _date(order.requested_date))
        yield from self.notes(order.notes, ORDER_NOTES, "GEN", "notes")
        yield from self.party("BY", order.buyer, "buyer")
        if rules.seller_role:
            yield from self.party(self.code(rules.seller_role, "N1", 1, "seller_role"), order.supplier, "supplier")
        yield from self.party("ST", order.ship_to, "ship_to")
        if order.bill_to:
            yield from self.party("BT", order.bill_to, "bill_to")
        for index, line in enumerate(order.lines):
            yield from self.line(line, f"lines[{index}]")
        yield from self.totals()

    def beginning(self) -> Row:
        order, rules = self.order, self.rules
        kind = rules.drop_ship_type if order.drop_ship else rules.order_type
        return (
            "BEG",
            self.code(rules.purpose, "BEG", 1, "purpose"),
            self.code(kind, "BEG", 2, "order_type"),
            self.id(order.number, "BEG", 3, "number"),
            "",
            _date(order.order_date),
        )

    def references(self) -> Iterator[Row]:
        order, rules = self.order, self.rules
        for qualifier, value, field in (
            (rules.vendor_reference, order.vendor_number, "vendor_number"),
            (rules.contract_reference, order.contract, "contract"),
            (rules.internal_reference, order.internal_reference, "internal_reference"),
        ):
            if qualifier and value and value.strip():
                yield ("REF", self.code(qualifier, "REF", 1, field), self.id(value, "REF", 2, field))

    def contact(self) -> Iterator[Row]:
        contact = self.order.buyer.contact
        if contact is None or not self.rules.contact:
            return
        name = self.optional_free(contact.name, "PER", 2, "buyer.contact.name")
        numbers: list[str] = []
        for kind, value, field in (("TE", contact.phone, "phone"), ("EM", contact.email, "email")):
            if value and value.strip():
                numbers += [kind, self.id(value, "PER", 4, f"buyer.contact.{field}")]
        if name or numbers:
            yield _row("PER", "BD", name, *numbers)

    def terms(self) -> Iterator[Row]:
        code, table = self.order.terms, self.rules.terms
        if table is None or not code:
            return
        terms = table.get(code)
        if terms is None:
            raise e.UnmappedValue("payment terms without an entry", field="terms", value=code)
        percent = terms.discount_percent
        yield _row(
            "ITD",
            self.code(terms.kind, "ITD", 1, "terms.kind"),
            self.code(terms.basis, "ITD", 2, "terms.basis"),
            None if percent is None else self.number(percent, "ITD", 3, "terms.discount_percent"),
            None,
            None if terms.discount_days is None else self.number(Decimal(terms.discount_days), "ITD", 5, "terms"),
            None,
            None if terms.net_days is None else self.number(Decimal(terms.net_days), "ITD", 7, "terms"),
            *([None] * 4),
            self.optional_free(terms.description, "ITD", 12, "terms.description"),
        )

    def notes(self, notes: Sequence[str], title: str, kind: str, field: str) -> Iterator[Row]:
        """The N9 loop of free text: MSG in 004010, MTX in 005010."""
        if not self.rules.note_reference or not any(note.strip() for note in notes):
            return
        yield ("N9", self.code(self.rules.note_reference, "N9", 1, "note_reference"), "", title)
        place = 1 if self.note_segment == "MSG" else 2
        for note in notes:
            if note.strip():
                for part in self.parts(note, self.note_segment, place, field, most=1000):
                    yield ("MSG", part) if self.note_segment == "MSG" else ("MTX", kind, part)

    def party(self, role: str, party: Party, field: str) -> Iterator[Row]:
        """The N1 loop of one party. N102 and N201 take the name; a long name goes on in N201 where that is allowed."""
        names = [*self.parts(party.name or "", "N1", 2, f"{field}.name", most=1 if party.name2 else 2)]
        if party.name2 and party.name2.strip():
            names.append(self.free(party.name2, "N2", 1, f"{field}.name2"))
        kind, identifier = None, None
        if party.identifier and party.identifier.strip():
            kind = IDENTIFIER_KINDS.get(party.identifier_kind or "")
            if kind is None:
                raise e.UnmappedValue(
                    "not a known kind of identifier", field=f"{field}.identifier_kind", value=party.identifier_kind,
                    expected=" ".join(IDENTIFIER_KINDS),
                )  # fmt: skip
            identifier = self.id(party.identifier, "N1", 4, f"{field}.identifier")
        if not names and not identifier:
            raise e.NotRepresentable(
                "neither a name nor an identifier", field=field, value=party.code, expected="at least one of them",
                remedy="enter the name in Sage X3 or the identifier in the agreement",
            )  # fmt: skip
        yield _row("N1", role, names[0] if names else None, kind, identifier)
        if len(names) > 1:
            yield ("N2", names[1])
        if party.address:
            yield from self.address(party, field)

    def address(self, party: Party, field: str) -> Iterator[Row]:
        address = party.address
        assert address is not None
        lines = [self.free(x, "N3", 1, f"{field}.address.lines") for x in address.lines if x.strip()]
        if len(lines) > 4:
            raise e.NotRepresentable(
                f"{len(lines)} address lines", field=f"{field}.address.lines", expected="at most 4 (two N3)"
            )
        for first in range(0, len(lines), 2):
            yield ("N3", *lines[first : first + 2])
        place = [
            self.optional_free(address.city, "N4", 1, f"{field}.address.city"),
            self.optional_id(address.state, "N4", 2, f"{field}.address.state"),
            self.optional_id(address.postal_code, "N4", 3, f"{field}.address.postal_code"),
            self.optional_id(address.country, "N4", 4, f"{field}.address.country"),
        ]
        if any(place):
            yield _row("N4", *place)

    def line(self, line: OrderLine, field: str) -> Iterator[Row]:
        rules = self.rules
        basis = rules.price_basis and self.code(rules.price_basis, "PO1", 5, "price_basis")
        yield _row(
            "PO1",
            self.id(str(line.number), "PO1", 1, f"{field}.number"),
            self.number(line.quantity, "PO1", 2, f"{field}.quantity"),
            self.code(line.unit, "PO1", 3, f"{field}.unit"),
            self.number(line.unit_price, "PO1", 4, f"{field}.unit_price"),
            basis,
            *self.item(line, field),
        )
        if rules.line_descriptions and line.item.description:
            for part in self.parts(line.item.description, "PID", 5, f"{field}.item.description", most=1000):
                yield ("PID", "F", "", "", "", part)
        if rules.line_dates and line.requested_date:
            yield ("DTM", self.code(rules.date_qualifier, "DTM", 1, "date_qualifier"), _date(line.requested_date))
        yield from self.notes((line.note or "",), LINE_NOTES, "LIN", f"{field}.note")
        if line.ship_to:
            yield from self.party("ST", line.ship_to, f"{field}.ship_to")

    def item(self, line: OrderLine, field: str) -> list[str]:
        """Pairs of qualifier and reference, in the agreed order."""
        pairs: list[str] = []
        for qualifier, kind, length in self.plan:
            value = getattr(line.item, kind)
            if value and (value := value.strip()) and length in (0, len(value)):
                pairs += (qualifier, self.id(value, "PO1", 7, f"{field}.item.{kind}"))
        gtin = (line.item.gtin or "").strip()
        asked = self.gtin_lengths
        if gtin and asked and (len(gtin) not in asked or not (gtin.isascii() and gtin.isdecimal())):
            raise e.NotRepresentable(
                "the GTIN fits none of the agreed qualifiers", field=f"{field}.item.gtin", value=gtin,
                expected=" or ".join(f"{n} digits" for n in asked),
                remedy="correct it, or add its qualifier under items",
            )  # fmt: skip
        if not pairs:
            raise e.UnknownItem(
                "no reference the agreement asks for", field=f"{field}.item", expected=" ".join(self.rules.item_order)
            )
        return pairs

    def totals(self) -> Iterator[Row]:
        lines = self.order.lines
        total = sum((line.quantity for line in lines), Decimal(0))
        whole = all(line.quantity == line.quantity.to_integral_value() for line in lines)
        # Digits added (the standard) and values added (custom) agree for whole quantities only.
        hashed = str(int(total) % HASH_LIMIT) if self.rules.hash_total and whole else None
        yield _row("CTT", self.number(Decimal(len(lines)), "CTT", 1, "lines"), hashed)
        if self.rules.amount_total:
            # Six-decimal prices give totals finer than any money; CTT and the lines stay exact.
            with localcontext(prec=60):  # the default 28 digits would fail on absurd prices before we can say so
                cents = self.order.total.quantize(CENT, ROUND_HALF_UP)
            yield ("AMT", "TT", self.number(cents, "AMT", 2, "total"))

    # --- one value into one element -------------------------------------------------------------------------------
    def id(self, value: str, segment: str, place: int, field: str) -> str:
        return self.fitting(self.text.identifier(value, field), segment, place, field)

    def free(self, value: str, segment: str, place: int, field: str) -> str:
        return self.fitting(self.text.free(value, field), segment, place, field)

    def optional_id(self, value: str | None, segment: str, place: int, field: str) -> str | None:
        return self.id(value, segment, place, field) if value and value.strip() else None

    def optional_free(self, value: str | None, segment: str, place: int, field: str) -> str | None:
        return self.free(value, segment, place, field) if value and value.strip() else None

    def fitting(self, text: str, segment: str, place: int, field: str) -> str:
        element = self.limits[segment, place]
        if element.min <= len(text) <= element.max:
            return text
        span = f"{element.min} to {element.max}" if element.min < element.max else f"exactly {element.max}"
        expected = f"{span} characters ({segment}{place:02d})"
        raise e.NotRepresentable(f"{len(text)} characters", field=field, value=text, expected=expected)

    def code(self, value: str, segment: str, place: int, field: str) -> str:
        element = self.limits[segment, place]
        if element.codes and value not in element.codes:
            raise e.NotRepresentable(
                f"not a code in use for {element.name}", field=field, value=value,
                expected=f"a code of element {element.number} ({segment}{place:02d})",
                remedy="correct the agreement or its tables",
            )  # fmt: skip
        return value

    def number(self, value: Decimal, segment: str, place: int, field: str) -> str:
        element = self.limits[segment, place]
        return decimal_text(value, digits=element.max, field=field, min_digits=element.min)

    def parts(self, value: str, segment: str, place: int, field: str, *, most: int) -> list[str]:
        """Free text in one element, or - where the agreement allows - over up to `most`, cut at single blanks.

        The parts joined by a blank are the text again."""
        text = self.text.free(value, field)
        limit = self.limits[segment, place].max
        if not text:
            return []
        if not self.rules.split_text or len(text) <= limit:
            return [self.fitting(text, segment, place, field)]
        parts: list[str] = []
        while len(text) > limit:
            at = next((i for i in range(limit, 0, -1) if text[i] == " " and text[i - 1] != " " != text[i + 1]), 0)
            if not at:
                break
            parts.append(text[:at])
            text = text[at + 1 :]
        if len(parts) >= most:
            raise e.NotRepresentable(
                f"{len(text)} characters left after {len(parts)} segments", field=field, value=value,
                expected=f"{most} segments of {limit} characters ({segment}{place:02d})",
            )  # fmt: skip
        return [*parts, self.fitting(text, segment, place, field)]
