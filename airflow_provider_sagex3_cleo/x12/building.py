"""What all builders of sets share: parties, items, notes, and how one value comes into one element.

Never cuts, never guesses: what does not fit is held with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import Destination, ItemReferences, Party
from airflow_provider_sagex3_cleo.documents.base import summed
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge
from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.model import SetBody
from airflow_provider_sagex3_cleo.x12.set_rules import (
    GTIN_LENGTHS,
    IDENTIFIER_KINDS,
    ITEM_REFERENCES,
    TEXT_KINDS,
    SetRules,
)
from airflow_provider_sagex3_cleo.x12.values import TextRules, cut, decimal_text, implied_text

__all__ = ["Row", "SetBuilder", "day", "row", "whole_sum"]

Row = tuple[str, ...]

HASH_LIMIT = 10**10  # CTT02 holds ten digits; the standard drops what overflows on the left
SDQ_PLACES = 10  # pairs of place and quantity in one SDQ
NOTES_MOST = 1000  # as often as PID, and MSG in an 850, may come


@cache
def _limits(release: str) -> dict[tuple[str, int], standard.Element]:
    """(segment, position) -> element; of a composite its first component."""
    return {
        (segment.id, n): plain
        for segment in standard.release(release).segments.values()
        for n, slot in enumerate(segment.slots, 1)
        if isinstance(plain := _first(slot.element), standard.Element)
    }


def _first(element: standard.Element | standard.Composite) -> standard.Element | standard.Composite:
    return element.slots[0].element if isinstance(element, standard.Composite) else element


class _Plain(dict[tuple[str, int], Callable[[str], object]]):
    """(segment, position) -> accepts text that can be written there as it is: long enough, in the agreed characters.

    Made once for an agreement, each when it is first asked for."""

    def __init__(self, limits: Mapping[tuple[str, int], standard.Element], text: TextRules) -> None:
        super().__init__()
        self._limits, self._text = limits, text

    def __missing__(self, place: tuple[str, int]) -> Callable[[str], object]:
        element = self._limits[place]
        accepts = self[place] = self._text.fitting(element.min, element.max)
        return accepts


@lru_cache(maxsize=256)
def _plain(release: str, text: TextRules) -> _Plain:
    return _Plain(_limits(release), text)


def row(*elements: str | None) -> Row:
    """A segment: absent elements are empty, trailing empty ones are cut."""
    values = [x or "" for x in elements]
    while not values[-1]:
        values.pop()
    return tuple(values)


@lru_cache(maxsize=1024)
def day(value: date) -> str:
    return value.isoformat().replace("-", "")


def whole_sum(quantities: Iterable[Decimal]) -> str | None:
    """The hash total CTT02, None without quantities, or when one has decimals or a sign.

    Digits added (the standard) and values added (custom) agree for whole quantities only."""
    values = list(quantities)
    if not values or min(values) < 0 or values != [value.to_integral_value() for value in values]:
        return None
    return str(int(sum(values, Decimal(0))) % HASH_LIMIT)


def _kind(field: str) -> str:
    """The kind of text in a field, '' for what is no text: 'lines[0].item.description' -> 'description'."""
    return TEXT_KINDS.get(field.rpartition(".")[2], "")


class SetBuilder:
    """A document on its way into segments. Each method yields the segments of one subject, in the set's order.

    Args:
        item_segment, item_place: where the pairs of qualifier and item reference stand, and from which element on.
        note_segment, note_limit: MSG or MTX under N9, and how many of them one N9 may have."""

    def __init__(
        self, rules: SetRules, item_segment: str, item_place: int, note_segment: str = "MSG", note_limit: int = 1000
    ) -> None:
        self.shared = rules
        self.text: TextRules = rules.text()
        self.limits, self.plain = _limits(rules.release), _plain(rules.release, self.text)
        if rules.relaxed:
            self.limits = {**self.limits, **rules.relaxed}
            self.plain = _Plain(self.limits, self.text)
        self.item_segment, self.item_place = item_segment, item_place
        self.note_segment, self.note_limit = note_segment, note_limit
        self.plan = [
            (self.code(q, item_segment, item_place, "item_order"), ITEM_REFERENCES[q], GTIN_LENGTHS.get(q, 0))
            for q in rules.item_order
        ]
        self.mended: list[str] = []
        self.gtin_lengths = [length for _, _, length in self.plan if length]

    def body(self, set_id: str, group: str, rows: Iterable[Row]) -> SetBody:
        """The body that these segments make, with what was changed on the way."""
        segments = tuple(rows)
        return SetBody(set_id, group, self.shared.release, segments, tuple(dict.fromkeys(self.mended)))

    def references(self, given: Sequence[tuple[str | None, str | None, str]]) -> Iterator[Row]:
        """A REF for each (qualifier, value, field) that has both."""
        for qualifier, value, field in given:
            if qualifier and value and value.strip():
                yield ("REF", self.code(qualifier, "REF", 1, field), self.id(value, "REF", 2, field))

    def notes(self, reference: str | None, notes: Sequence[str], title: str, kind: str, field: str) -> Iterator[Row]:
        """The N9 loop of free text under the qualifier `reference`; nothing without one."""
        place = 1 if self.note_segment == "MSG" else 2
        parts = self.texts(notes, self.note_segment, place, field, self.note_limit) if reference else []
        if reference and parts:
            yield ("N9", self.code(reference, "N9", 1, "note_reference"), "", title)
        for part in parts:
            yield ("MSG", part) if self.note_segment == "MSG" else ("MTX", kind, part)

    def texts(self, notes: Sequence[str], segment: str, place: int, field: str, most: int = NOTES_MOST) -> list[str]:
        """Notes as the texts of at most so many segments."""
        parts = [part for note in notes for part in self.parts(note, segment, place, field, most=NOTES_MOST)]
        if len(parts) > most:
            raise e.NotRepresentable(
                f"{len(parts)} segments of text", field=field, expected=f"at most {most} {segment}"
            )
        return parts

    def described(self, item: ItemReferences, field: str) -> Iterator[Row]:
        """The description of an item, in one PID or - where the agreement allows - several."""
        if self.shared.line_descriptions and item.description:
            for part in self.parts(item.description, "PID", 5, f"{field}.description", most=NOTES_MOST):
                yield ("PID", "F", "", "", "", part)

    def party(self, role: str, party: Party, field: str) -> Iterator[Row]:
        """The N1 loop of one party. N102 and N201 take the name; a long name goes on in N201 where that is allowed."""
        names = [*self.parts(party.name or "", "N1", 2, f"{field}.name", most=1 if party.name2 else 2)]
        if party.name2 and party.name2.strip():
            names.append(self.free(party.name2, "N2", 1, f"{field}.name2"))
        kind, identifier = self.identified(party, "N1", 4, field)
        if not names and not identifier:
            raise e.NotRepresentable(
                "neither a name nor an identifier", field=field, value=party.code, expected="at least one of them",
                remedy="enter the name in Sage X3 or the identifier in the agreement",
            )  # fmt: skip
        yield row("N1", role, names[0] if names else None, kind, identifier)
        if len(names) > 1:
            yield ("N2", names[1])
        if party.address:
            yield from self.address(party, field)

    def identified(self, party: Party, segment: str, place: int, field: str) -> tuple[str | None, str | None]:
        """What the partner knows a party by: element 66, and the identifier for the element at `place`; or neither."""
        if not party.identifier or not party.identifier.strip():
            return None, None
        kind = IDENTIFIER_KINDS.get(party.identifier_kind or "")
        if kind is None:
            raise e.UnmappedValue(
                "not a known kind of identifier", field=f"{field}.identifier_kind", value=party.identifier_kind,
                expected=" ".join(IDENTIFIER_KINDS),
            )  # fmt: skip
        return kind, self.id(party.identifier, segment, place, f"{field}.identifier")

    def destinations(self, parts: Sequence[Destination], unit: str, field: str, sign: int = 1) -> Iterator[Row]:
        """SDQ: ten places each, those of one kind of identifier together."""
        named: list[tuple[tuple[str, str], Decimal]] = []
        for part in parts:
            kind, identifier = self.identified(part.ship_to, "SDQ", 3, field)
            if not kind or not identifier:
                raise e.NotRepresentable(
                    "a place without an identifier", field=field, value=part.ship_to.code,
                    expected="an identifier (SDQ03)", remedy="enter it in the sites table or the agreement",
                )  # fmt: skip
            named.append(((kind, identifier), part.quantity))
        by_kind: dict[str, list[str]] = {}
        for (kind, identifier), quantity in summed(named).items():
            by_kind.setdefault(kind, []).extend((identifier, self.number(sign * quantity, "SDQ", 4, field)))
        for kind, pairs in by_kind.items():
            for first in range(0, len(pairs), 2 * SDQ_PLACES):
                yield ("SDQ", unit, kind, *pairs[first : first + 2 * SDQ_PLACES])

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
            yield row("N4", *place)

    def order_line(self, line: str | None, number: int, element: str, field: str) -> str:
        """The customer's own line, where the agreement wants it as the number of ours."""
        if not line or not line.strip():
            raise e.NotRepresentable(
                "the customer's order line is not known", field=field, value=number, expected=element,
                remedy="enter the customer's line in the sales order",
            )  # fmt: skip
        return line.strip()

    def payment_terms(
        self,
        kind: str,
        basis: str,
        *,
        discount_percent: Decimal | None,
        discount_days: int | None,
        due_date: date | None = None,
        net_days: int | None,
        description: str | None,
    ) -> Row:
        """The ITD: discount and net days counted from the date that `basis` names, or a date."""
        return row(
            "ITD",
            self.code(kind, "ITD", 1, "terms.kind"),
            self.code(basis, "ITD", 2, "terms.basis"),
            None if discount_percent is None else self.number(discount_percent, "ITD", 3, "terms.discount_percent"),
            None,
            None if discount_days is None else self.number(Decimal(discount_days), "ITD", 5, "terms.discount_days"),
            day(due_date) if due_date else None,
            None if net_days is None else self.number(Decimal(net_days), "ITD", 7, "terms.net_days"),
            *([None] * 4),
            self.optional_free(description, "ITD", 12, "terms.description"),
        )

    def charged(
        self,
        charge: AllowanceOrCharge,
        field: str,
        methods: tuple[str | None, str | None],
        percent_basis: str | None,
        sign: int = 1,
    ) -> Row:
        """The SAC of one allowance or charge; its amount has implied cents (N2).

        Args:
            methods: element 331 of an allowance and of a charge.
            percent_basis: element 378 of a percentage, which is left out without it."""
        allowed = charge.kind == "allowance"
        method = methods[0] if allowed else methods[1]
        percent = percent_basis if charge.percent is not None else None
        return row(
            "SAC",
            "A" if allowed else "C",
            self.code(self.id(charge.code, "SAC", 2, f"{field}.code"), "SAC", 2, f"{field}.code"),
            None,
            None,
            self.cents(sign * charge.amount, "SAC", 5, f"{field}.amount"),
            self.code(percent, "SAC", 6, "percent_basis") if percent else None,
            self.number(charge.percent, "SAC", 7, f"{field}.percent")
            if percent and charge.percent is not None
            else None,
            *([None] * 4),
            self.code(method, "SAC", 12, f"{charge.kind}_method") if method else None,
            None,
            None,
            self.optional_free(charge.description, "SAC", 15, f"{field}.description"),
        )

    def items(self, item: ItemReferences, field: str) -> list[str]:
        """Pairs of qualifier and reference, in the agreed order."""
        pairs: list[str] = []
        plain = self.plain[self.item_segment, self.item_place + 1]
        for qualifier, kind, length in self.plan:
            value = getattr(item, kind)
            if value and (value := value.strip()) and length in (0, len(value)):
                if not plain(value):
                    value = self.id(value, self.item_segment, self.item_place + 1, f"{field}.{kind}")
                pairs += (qualifier, value)
        gtin = (item.gtin or "").strip()
        asked = self.gtin_lengths
        if gtin and asked and (len(gtin) not in asked or not (gtin.isascii() and gtin.isdecimal())):
            raise e.NotRepresentable(
                "the GTIN fits none of the agreed qualifiers", field=f"{field}.gtin", value=gtin,
                expected=" or ".join(f"{n} digits" for n in asked),
                remedy="correct it, or add its qualifier under items",
            )  # fmt: skip
        if not pairs:
            raise e.UnknownItem(
                "no reference the agreement asks for", field=field, expected=" ".join(self.shared.item_order)
            )
        return pairs

    # --- one value into one element -------------------------------------------------------------------------------
    def id(self, value: str, segment: str, place: int, field: str) -> str:
        text = value.strip()
        if self.plain[segment, place](text):
            return text
        return self.fitting(self.text.identifier(value, field), segment, place, field)

    def free(self, value: str, segment: str, place: int, field: str) -> str:
        text = value.strip()
        if self.plain[segment, place](text):
            return text
        text = self.mend(value, field)
        if len(text) > self.limits[segment, place].max:
            return self.cut(text, segment, place, field)
        return self.fitting(text, segment, place, field)

    def mend(self, value: str, field: str) -> str:
        """Free text in the agreed characters."""
        text = self.text.free(value, field)
        if text is not value and text != value.strip():
            self.mended.append(f"{field}: characters replaced")
        return text

    def cut(self, text: str, segment: str, place: int, field: str) -> str:
        """A text that is too long, as far as the element goes, where the agreement allows that."""
        kind, limit = _kind(field), self.limits[segment, place].max
        if self.shared.policy(kind) != "cut":
            remedy = "shorten it in Sage X3"
            remedy += (
                f", or write `too_long: {{{kind}: cut}}` in the agreement if the partner takes that" if kind else ""
            )
            return self.fitting(text, segment, place, field, remedy)  # which refuses it
        self.mended.append(f"{field}: cut from {len(text)} to {limit} characters")
        return cut(text, limit)

    def optional_id(self, value: str | None, segment: str, place: int, field: str) -> str | None:
        return self.id(value, segment, place, field) if value and value.strip() else None

    def optional_free(self, value: str | None, segment: str, place: int, field: str) -> str | None:
        return self.free(value, segment, place, field) if value and value.strip() else None

    def fitting(self, text: str, segment: str, place: int, field: str, remedy: str = "") -> str:
        element = self.limits[segment, place]
        if element.min <= len(text) <= element.max:
            return text
        span = f"{element.min} to {element.max}" if element.min < element.max else f"exactly {element.max}"
        expected = f"{span} characters ({segment}{place:02d})"
        raise e.NotRepresentable(f"{len(text)} characters", field=field, value=text, expected=expected, remedy=remedy)

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

    def cents(self, value: Decimal, segment: str, place: int, field: str) -> str:
        return implied_text(value, places=2, digits=self.limits[segment, place].max, field=field)

    def parts(self, value: str, segment: str, place: int, field: str, *, most: int) -> list[str]:
        """Free text in one element, or - where the agreement allows - over up to `most`, cut at single blanks.

        The parts joined by a blank are the text again."""
        text = value.strip()
        if self.plain[segment, place](text):
            return [text]
        text, limit = self.mend(value, field), self.limits[segment, place].max
        if not text:
            return []
        if len(text) <= limit:
            return [self.fitting(text, segment, place, field)]
        if self.shared.policy(_kind(field)) != "split":
            return [self.cut(text, segment, place, field)]
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
