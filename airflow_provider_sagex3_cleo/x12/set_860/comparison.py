"""Every value of the change is looked for in the 860 that was read, and nothing else may be there in its place."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_sagex3_cleo.documents.order_change import OrderChange
from airflow_provider_sagex3_cleo.x12.comparing import Pair, differences
from airflow_provider_sagex3_cleo.x12.model import Finding, SetBody
from airflow_provider_sagex3_cleo.x12.reader import TransactionSet
from airflow_provider_sagex3_cleo.x12.set_850.comparison import OrderComparison
from airflow_provider_sagex3_cleo.x12.set_860.lines import SaidLine, said_lines
from airflow_provider_sagex3_cleo.x12.set_860.reading import ReadChange, ReadChangedLine, read_back
from airflow_provider_sagex3_cleo.x12.set_860.rules import Rules860

__all__ = ["compare"]


def compare(change: OrderChange, rules: Rules860, source: TransactionSet | SetBody) -> list[Finding]:
    """One finding (`value-differs`) for each value that the read 860 does not say as the document does; empty if equal.

    `element` names the document's field, `found` and `expected` the two values."""
    return differences(_Comparison(change, rules, read_back(source)).pairs())


class _Comparison(OrderComparison):
    """The pairs of values of one change."""

    def __init__(self, change: OrderChange, rules: Rules860, read: ReadChange) -> None:
        super().__init__(change.order, rules, read)
        self.change, self.change_rules, self.read_change = change, rules, read

    def pairs(self) -> Iterator[Pair]:
        change, order, rules, read = self.change, self.order, self.change_rules, self.read_change
        yield "purpose", rules.purpose if change.purpose == "change" else rules.cancel_purpose, read.purpose
        yield "drop_ship", rules.type_of(order), read.type
        yield "number", order.number.strip(), read.number
        yield "sequence", str(change.sequence), read.sequence
        yield "order_date", order.order_date, read.order_date
        yield "change_date", change.change_date, read.change_date
        yield from self.heading()
        lines = list(said_lines(change, rules))
        yield "lines", len(lines), len(read.changed)
        for said, found in zip(lines, read.changed, strict=False):
            yield from self.differing(f"line {said.line.number}", self.changed_line(said, found))
        yield from self.totals([said.quantity for said in lines])

    def changed_line(self, said: SaidLine, found: ReadChangedLine) -> Iterator[Pair]:
        yield "change", said.code, found.code
        yield "quantity", said.quantity, found.quantity
        yield "left_to_receive", said.left, found.left
        yield from self.values(said.line, found)
        if said.detailed:
            yield from self.details(said.line, found)
        else:
            yield "details", ({}, [], [], {}), (found.dates, found.descriptions, found.notes, found.parties)
