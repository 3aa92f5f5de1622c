"""Dates that an agreement asks for beside the requested one: another date of Sage X3, or one that follows by days.

Source: EXTRCPDAT (expected) and DEMRCPDAT (requested) of the lines, EXTRCPDAT and ORDDAT of the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from airflow_provider_sagex3_cleo.documents import NamedDate
from airflow_provider_sagex3_cleo.errors import ValueUnreadable
from airflow_provider_sagex3_cleo.mapping.order_lines import requested_date
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.ordering import DateRule

__all__ = ["dates_of_line", "dates_of_order"]


def dates_of_line(row: Row, head: Row, rules: Mapping[str, DateRule]) -> tuple[NamedDate, ...]:
    """The dates of one line that it has.

    Raises:
        ValueUnreadable: a date is none, or the days lead out of the calendar."""
    found = []
    for name, rule in rules.items():
        day = _day(row, head, rule) if rule.lines else None
        if day is not None:
            found.append(NamedDate(name=name, day=_moved(day, rule, row)))
    return tuple(found)


def dates_of_order(rows: Sequence[Row], head: Row, rules: Mapping[str, DateRule]) -> tuple[NamedDate, ...]:
    """The dates of the order: the one that all lines share, or the earliest or latest of them, as the rule says.

    Raises:
        ValueUnreadable: as `dates_of_line`."""
    found = []
    for name, rule in rules.items():
        if not rule.heading:
            continue
        days = [_day(row, head, rule) for row in rows]
        known = [day for day in days if day is not None]
        if not known or (rule.of_lines == "same" and len(set(days)) > 1):
            continue
        day = max(known) if rule.of_lines == "latest" else min(known)
        found.append(NamedDate(name=name, day=_moved(day, rule, head)))
    return tuple(found)


def _day(row: Row, head: Row, rule: DateRule) -> date | None:
    if rule.from_ == "order":
        return head.day("ORDDAT")
    if rule.from_ == "requested":
        return requested_date(row, head)
    return row.day("EXTRCPDAT") or head.day("EXTRCPDAT")


def _moved(day: date, rule: DateRule, row: Row) -> date:
    try:
        return day + timedelta(days=rule.days)
    except OverflowError:
        raise ValueUnreadable("lies at the end of the calendar", value=day, **row.where("EXTRCPDAT")) from None
