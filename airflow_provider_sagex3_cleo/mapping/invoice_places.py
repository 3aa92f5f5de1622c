"""Where the goods that an invoice bills went, line by line.

An invoice of Sage X3 has one place; the sales order lines that its lines bill have each their own (SORDERQ.BPAADD).
Only where these are several does a line say its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from airflow_provider_sagex3_cleo.documents import Party
from airflow_provider_sagex3_cleo.documents.invoice import InvoiceLine
from airflow_provider_sagex3_cleo.errors import AgreementIncomplete, UnmappedValue
from airflow_provider_sagex3_cleo.mapping.grouping import over_places
from airflow_provider_sagex3_cleo.mapping.sold import Orders, sold_line
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import Agreement

__all__ = ["with_places"]

_COLUMN = "BPAADD"


def with_places(
    lines: Sequence[InvoiceLine], rows: Sequence[Row], head: Row, orders: Orders, agreement: Agreement
) -> tuple[InvoiceLine, ...]:
    """The lines with their places as the agreement wants them; as they are where all are for one place.

    Args:
        rows: that of each line.

    Raises:
        AgreementIncomplete: they are for several places, and the agreement does not say how that is told; or it does,
            and the sales orders were read without the places of their lines.
        UnmappedValue: a place that a line has to name has no id of the customer's."""
    wish = agreement.line_ship_to
    if wish == "hold" and agreement.invoice.ship_to_role is None:
        return tuple(lines)  # the partner is told of no place at all
    sold = [sold_line(row, orders) for row in rows]
    own = head.text(_COLUMN)
    codes = [_place(each, asked=wish != "hold") or own for each in sold]
    if len(set(codes)) == 1:
        return tuple(lines)
    if wish == "hold":
        numbers: dict[str, list[str]] = defaultdict(list)
        for line, code in zip(lines, codes, strict=True):
            numbers[code or "no place"].append(str(line.number))
        raise AgreementIncomplete(
            "lines are for different places: "
            + "; ".join(f"{', '.join(found)} for {code}" for code, found in numbers.items()),
            value=" ".join(numbers),
            remedy=f"write `line_ship_to: n1` in agreement {agreement.id} if the partner takes it (`sdq`: split by "
            "place)",
            **head.where(_COLUMN),
        )
    if wish == "n1":
        return tuple(
            line if code == own else line.model_copy(update={"ship_to": _known(code, row, agreement)})
            for line, row, code in zip(lines, rows, codes, strict=True)
        )
    return over_places(lines, [_known(code, row, agreement) for row, code in zip(rows, codes, strict=True)])


def _place(sold: Row, *, asked: bool) -> str | None:
    """The place of a sales order line; None without such a line.

    Args:
        asked: a column that was not read is a fault."""
    return sold.read(_COLUMN) if asked and sold.data else sold.text(_COLUMN)


def _known(code: str | None, row: Row, agreement: Agreement) -> Party:
    """A place by the id that the customer has for it."""
    known = agreement.addresses.get(code) if code else None
    if code is None or known is None:
        raise UnmappedValue(
            "lines are for several places, which are named by their ids, and this one has none",
            value=code or "no place",
            expected="an id",
            remedy=f"add {code or 'the place'} under `addresses` in agreement {agreement.id}",
            **row.where(_COLUMN),
        )
    return Party(code=code, identifier_kind=known.kind, identifier=known.id)
