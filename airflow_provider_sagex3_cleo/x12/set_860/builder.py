"""Change of an order -> body of an 860. Never cuts, never guesses: what does not fit is held with a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents.order_change import OrderChange
from airflow_provider_sagex3_cleo.x12.building import Row, day, row
from airflow_provider_sagex3_cleo.x12.model import SetBody
from airflow_provider_sagex3_cleo.x12.set_850.builder import OrderBuilder
from airflow_provider_sagex3_cleo.x12.set_860.lines import SaidLine, said_lines
from airflow_provider_sagex3_cleo.x12.set_860.rules import Rules860

__all__ = ["build"]


def build(change: OrderChange, rules: Rules860) -> SetBody:
    """The body of the 860 (BCH to CTT or AMT) that says what is different, under the heading as it is now.

    Raises:
        NotRepresentable: a value does not fit its element, or the partner cannot be told of the change: no code, no
            place for it in this agreement, a value that is taken away.
        UnknownItem, UnmappedValue: as in the 850.
    Source: 860 structure of both releases (tables/*.json); conventions in docs/x12.md."""
    builder = _Builder(change, rules)
    return builder.body("860", "PC", builder.rows())


class _Builder(OrderBuilder):
    """One change on its way into segments: heading and lines are those of the order."""

    def __init__(self, change: OrderChange, rules: Rules860) -> None:
        super().__init__(change.order, rules, "POC", 8)
        self.change, self.change_rules = change, rules

    def rows(self) -> Iterator[Row]:
        self.refuse_the_unsayable()
        lines = list(said_lines(self.change, self.change_rules))
        yield self.beginning()
        yield from self.heading()
        for said in lines:
            yield from self.changed_line(said, f"line {said.line.number}")
        yield from self.totals([said.quantity for said in lines])

    def refuse_the_unsayable(self) -> None:
        """Hold a change of the heading that this agreement's heading does not show."""
        order, rules = self.order, self.rules
        shown = {
            "currency": rules.currency,
            "terms": rules.terms is not None and bool(order.terms),
            "ship_to": rules.ship_to_role is not None or self.change_rules.line_ship_to,
        }
        for name in self.change.header_changes:
            if not shown.get(name, True):
                raise e.NotRepresentable(
                    "it changed, and this agreement's heading does not say it", field=name,
                    value=order.ship_to.code if name == "ship_to" else getattr(order, name),
                    remedy=f"let the agreement send `{name}`, or tell the partner by other means",
                )  # fmt: skip

    def beginning(self) -> Row:
        change, order, rules = self.change, self.order, self.change_rules
        purpose = rules.purpose if change.purpose == "change" else rules.cancel_purpose
        return row(
            "BCH",
            self.code(purpose, "BCH", 1, "purpose"),
            self.code(rules.type_of(order), "BCH", 2, "order_type"),
            self.id(order.number, "BCH", 3, "number"),
            None,
            self.id(str(change.sequence), "BCH", 5, "sequence"),
            day(order.order_date),
            *([None] * 4),
            day(change.change_date),
        )

    def changed_line(self, said: SaidLine, field: str) -> Iterator[Row]:
        rules, line = self.change_rules, said.line
        yield row(
            "POC",
            self.id(str(line.number), "POC", 1, f"{field}.number"),
            self.code(said.code, "POC", 2, f"{field}.code"),
            self.number(said.quantity, "POC", 3, f"{field}.quantity"),
            self.number(said.left, "POC", 4, f"{field}.left_to_receive"),
            self.code(line.unit, "POC", 5, f"{field}.unit"),
            self.number(line.unit_price, "POC", 6, f"{field}.unit_price"),
            rules.price_basis and self.code(rules.price_basis, "POC", 7, "price_basis"),
            *self.items(line.item, f"{field}.item"),
        )
        if said.detailed:
            yield from self.details(line, field)
