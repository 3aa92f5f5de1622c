"""What all comparisons of a document with the set that was read share: expectations for parties, items, texts.

Independent of the builders: values come from the read segments by qualifier, expectations from the document and the
agreement. The only thing both sides share is the rule how text may be mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import Destination, ItemReferences, Party
from airflow_provider_sagex3_cleo.documents.base import summed
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge
from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.set_reading import ReadCharge, ReadDestination, ReadParty
from airflow_provider_sagex3_cleo.x12.set_rules import GTIN_LENGTHS, IDENTIFIER_KINDS, ITEM_REFERENCES, SetRules
from airflow_provider_sagex3_cleo.x12.values import TextRules, cut

__all__ = ["Pair", "SetComparison", "differences", "joined", "plain"]

Pair = tuple[str, object, object]  # field of the document, expected, found


def differences(pairs: Iterable[Pair]) -> list[Finding]:
    """One finding (`value-differs`) for each pair that differs: `element` names the field of the document."""
    return [
        Finding(
            "error", "value-differs", f"{field} is {_show(found)}, the document says {_show(expected)}",
            element=field, found=_show(found), expected=_show(expected),
        )
        for field, expected, found in pairs
        if expected != found
    ]  # fmt: skip


def _show(value: object) -> str:
    return "nothing" if value in (None, "", {}, [], ([], "")) else str(value)


def joined(parts: Sequence[str]) -> str:
    """Texts that may go on in the next segment, as one."""
    return " ".join(filter(None, parts))


def plain(value: Decimal | int | None) -> str:
    """A number without useless zeros and without exponent; '' for none."""
    return "" if value is None else f"{Decimal(value).normalize():f}"


class SetComparison:
    """The pairs of values of one document. An absent value is '' (text), None (number, date).

    `note_place` is the element that the texts of notes stand in."""

    note_place = ("MSG", 1)

    def __init__(self, rules: SetRules) -> None:
        self.shared = rules
        self.text: TextRules = rules.text()
        self.kinds = [(q, ITEM_REFERENCES[q], GTIN_LENGTHS.get(q)) for q in rules.item_order]

    def referred(self, given: Sequence[tuple[str | None, str | None]]) -> dict[str, str]:
        """The references that are to be found: qualifier -> value."""
        return {qualifier: value.strip() for qualifier, value in given if qualifier and value and value.strip()}

    def parties(self, wanted: dict[str, tuple[str, Party]], found: dict[str, ReadParty]) -> Iterator[Pair]:
        """`wanted` is role -> (field, party): no role may lack, none may come besides."""
        yield "parties", sorted(wanted), sorted(found)
        for role, (field, party) in wanted.items():
            if role in found:
                yield from self.party(party, found[role], field)

    def party(self, party: Party, found: ReadParty, field: str) -> Iterator[Pair]:
        # A long name goes on in N2, so N1 and N2 are compared as one text.
        names = [self.free(x, "name", ("N1", 2)) for x in (party.name, party.name2)]
        yield f"{field}.name", joined(names), joined([found.name, *found.more_names])
        identifier = (party.identifier or "").strip()
        kind = IDENTIFIER_KINDS.get(party.identifier_kind or "", "") if identifier else ""
        yield f"{field}.identifier", (kind, identifier), (found.id_qualifier, found.identifier)
        address = party.address
        lines = [x for x in (self.free(line, "address", ("N3", 1)) for line in (address.lines if address else ())) if x]
        yield f"{field}.address.lines", lines, found.address
        yield f"{field}.address.city", self.free(address.city if address else None, "city", ("N4", 1)), found.city
        for name in ("state", "postal_code", "country"):
            value = (getattr(address, name) if address else None) or ""
            yield f"{field}.address.{name}", value.strip(), getattr(found, name)

    def items(self, item: ItemReferences) -> dict[str, str]:
        """The item references that are to be found: qualifier -> reference."""
        expected: dict[str, str] = {}
        for qualifier, kind, length in self.kinds:
            value = (getattr(item, kind) or "").strip()
            if value and length in (None, len(value)):
                expected[qualifier] = value
        return expected

    def charged(
        self,
        charge: AllowanceOrCharge,
        methods: tuple[str | None, str | None],
        percent_basis: str | None,
        factor: int = 1,
    ) -> ReadCharge:
        """The SAC that is to be found for one allowance or charge; `methods` are those of allowances and of charges."""
        indicator, method = ("A", methods[0]) if charge.kind == "allowance" else ("C", methods[1])
        percent = charge.percent if percent_basis else None
        basis = (percent_basis or "") if percent is not None else ""
        amount, description = factor * charge.amount, self.free(charge.description, "description", ("SAC", 15))
        return ReadCharge(indicator, charge.code.strip(), amount, basis, percent, method or "", description)

    def described(self, item: ItemReferences) -> str:
        return self.free(item.description, "description", ("PID", 5)) if self.shared.line_descriptions else ""

    def destined(
        self, parts: Sequence[Destination], unit: str, found: Sequence[ReadDestination], factor: int = 1
    ) -> Pair:
        """The quantities by place. Those of one kind of identifier stand together, whatever their order elsewhere."""
        places = summed(
            (
                (IDENTIFIER_KINDS.get(part.ship_to.identifier_kind or "", ""), (part.ship_to.identifier or "").strip()),
                part.quantity,
            )
            for part in parts
        )
        wanted = [(unit, *place, factor * quantity) for place, quantity in places.items()]
        return "destinations", sorted(wanted, key=_in_order), sorted(found, key=_in_order)

    def noted(
        self, reference: str | None, notes: Sequence[str], place: tuple[str, int] | None = None
    ) -> tuple[list[str], str]:
        """The qualifier of the notes and their text, which stands at `place`."""
        text = joined([self.free(note, "notes", place or self.note_place) for note in notes])
        return ([reference], text) if reference and text else ([], "")

    def free(self, value: str | None, kind: str = "", place: tuple[str, int] | None = None) -> str:
        """Free text as the agreement lets it be written; text that cannot be written is looked for as it is.

        Args:
            kind, place: kind of text and its element, for texts that the agreement may have cut."""
        if not value:
            return ""
        try:
            text = self.text.free(value, "")
        except e.NotRepresentable:
            return value.strip()
        if place is None or self.shared.policy(kind) != "cut":
            return text
        element = standard.release(self.shared.release).segments[place[0]].slots[place[1] - 1].element
        return cut(text, element.max) if isinstance(element, standard.Element) else text


def _in_order(destination: ReadDestination) -> tuple[str, str, str, Decimal]:
    unit, kind, identifier, quantity = destination
    return unit, kind, identifier, quantity or Decimal(0)
