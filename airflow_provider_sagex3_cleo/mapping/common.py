"""What every mapping does alike: turn surprises into sentences, ask for a complete agreement, read the currency."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError

from airflow_provider_sagex3_cleo.errors import (
    AgreementIncomplete,
    PartnerInactive,
    ProviderError,
    UnmappedValue,
    ValueUnreadable,
)
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.alignment import ENTITY_OF
from airflow_provider_sagex3_cleo.partners.tables import Tables
from airflow_provider_sagex3_cleo.sagex3.reader import Record

__all__ = ["currency_code", "mapped", "need_active", "need_complete"]

T = TypeVar("T")


def mapped(record: Record, make: Callable[[], T]) -> T:
    """What `make` gives.

    Raises: errors of the tree only, each with the record it is about."""
    try:
        return make()
    except ValidationError as exc:  # what no rule foresaw, half a surrogate pair for one; never the whole document
        fault = exc.errors(include_url=False)[0]
        field = ".".join(str(part) for part in (exc.title, *fault["loc"]))
        raise ValueUnreadable(
            fault["msg"], system="sagex3", record=record.key, field=field, value=fault["input"]
        ) from exc
    except ProviderError as exc:  # the book does not know which record it was asked for
        exc.where = {"system": "sagex3", "record": record.key, **exc.where}
        raise


def need_complete(record: Record, agreement: Agreement) -> None:
    """Raises: AgreementIncomplete naming the keys without which nothing can be sent."""
    if missing := agreement.missing():
        raise AgreementIncomplete(
            f"agreement {agreement.id} is incomplete",
            record=record.key,
            field="agreement",
            value=agreement.id,
            expected=", ".join(missing),
            remedy=f"add {', '.join(missing)} to agreement {agreement.id}",
        )


def need_active(record: Record, agreement: Agreement, tables: Tables) -> None:
    """Raises: PartnerInactive where the partner is switched off in Sage X3 and `inactive_partner` of the tables holds
    documents of this kind. A partner of which Sage X3 has said nothing counts as active."""
    orders = agreement.set_id in ("850", "860")
    if tables.inactive_partner == "send" or (tables.inactive_partner == "hold_orders" and not orders):
        return
    entity = ENTITY_OF[agreement.role]
    known = tables.known.partners.get((entity, agreement.partner))
    if known is not None and known.active is False:
        raise PartnerInactive(
            f"{entity.removesuffix('s')} {agreement.partner} is not active in Sage X3",
            system="sagex3",
            record=record.key,
            field="partner",
            value=agreement.partner,
            expected=f"an active partner, as `inactive_partner: {tables.inactive_partner}` in tables.yaml asks for",
        )


def currency_code(head: Row, tables: Tables) -> str:
    """ISO 4217 code of the record's currency.

    Raises:
        FieldMissing: there is none.
        UnmappedValue: it is not ISO and not in the table."""
    code = head.needed("CUR")
    currency = tables.currency(code)
    if currency is None:
        raise UnmappedValue(
            "the currency is unknown",
            value=code,
            expected="an ISO 4217 code",
            remedy=f"add {code} under `currencies` in tables.yaml",
            **head.where("CUR"),
        )
    return currency
