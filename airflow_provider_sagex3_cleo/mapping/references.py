"""References that an agreement asks for, beyond the ones that every document has.

Source of the columns: docs/mapping-850.md and docs/mapping-810.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from airflow_provider_sagex3_cleo.documents import Reference
from airflow_provider_sagex3_cleo.errors import UnmappedValue
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.ordering import ReferenceRule

__all__ = ["INVOICE_SOURCES", "ORDER_SOURCES", "referred"]

ORDER_SOURCES: Mapping[str, str] = {  # word of the agreement -> column
    "order": "POHNUM", "project": "PJTH", "internal": "ORDREF", "buyer": "BUY", "company": "CPY", "site": "POHFCY",
    "sales_order": "SOHNUM", "place_of_use": "USEPLC",
}  # fmt: skip
INVOICE_SOURCES: Mapping[str, str] = {
    "invoice": "INVREF", "company": "CPY", "site": "SALFCY", "sold_to": "BPCORD", "sales_order": "SOHNUM",
}  # fmt: skip


def referred(
    row: Row, rules: Mapping[str, ReferenceRule], sources: Mapping[str, str], agreement: str
) -> tuple[Reference, ...]:
    """The references of a header or a line that have a value.

    Raises:
        AgreementIncomplete: the specification does not read the column.
        UnmappedValue: the value has no entry in `codes`, or is empty though it is required."""
    found = []
    for name, rule in rules.items():
        value = rule.text if rule.from_ is None else _value(row, name, rule, sources[rule.from_], agreement)
        if value is not None:
            found.append(Reference(name=name, value=value))
    return tuple(found)


def _value(row: Row, name: str, rule: ReferenceRule, column: str, agreement: str) -> str | None:
    value = row.read(column)
    if value is None:
        if rule.required:
            raise UnmappedValue(
                f"the reference '{name}' is empty, and the agreement requires it",
                remedy=f"fill it in in Sage X3, or take `required` out of agreement {agreement}",
                **row.where(column),
            )
        return None
    if not rule.codes:
        return value
    if value not in rule.codes:
        raise UnmappedValue(
            f"the reference '{name}' has no entry in `codes`",
            value=value,
            remedy=f"add {value} under `codes` of '{name}' in agreement {agreement}",
            **row.where(column),
        )
    return rule.codes[value]
