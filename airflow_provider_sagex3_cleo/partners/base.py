"""Building blocks of the agreement files: the settings base and the small types with their rules."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from airflow_provider_sagex3_cleo.documents import Contact, PostalAddress

__all__ = [
    "Address",
    "CodeList",
    "ContactDesk",
    "Day",
    "Name",
    "PartyId",
    "PaymentTerms",
    "Setting",
    "TradingIds",
    "UnitCode",
    "gtin_fault",
]


class Setting(BaseModel):
    """Base of everything that stands in YAML: frozen, closed, read from text."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _day(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        return value
    raise ValueError("expected a date as YYYY-MM-DD")


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _trimmed(value: str) -> str:
    if value != value.strip():
        raise ValueError("has blanks at its ends")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_trimmed)]
CodeList = Annotated[tuple[Name, ...], BeforeValidator(_one_or_many)]
UnitCode = Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")]
Qualifier = Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")]


class TradingIds(Setting):
    """Who one side is in the envelope: ISA qualifier and id, and the group id (GS); `gs` is `id` when left out.

    Widths: ISA05/07 two, ISA06/08 up to 15, GS02/03 2 to 15 characters."""

    qualifier: Qualifier
    id: Annotated[Name, Field(max_length=15)]
    gs: Annotated[Name, Field(min_length=2, max_length=15)] | None = None

    @property
    def group_id(self) -> str:
        return self.gs or self.id


def _check_digit_wrong(digits: str) -> bool:
    """True where the last digit is not the GS1 check digit of those before it."""
    weighted = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits[:-1])))
    return (10 - weighted % 10) % 10 != int(digits[-1])


def gtin_fault(value: str) -> str | None:
    """What is wrong with a GTIN (8, 12, 13 or 14 digits with a GS1 check digit), or None."""
    if not re.fullmatch(r"[0-9]+", value) or len(value) not in (8, 12, 13, 14):
        return "expected 8, 12, 13 or 14 digits"
    return "its check digit is wrong" if _check_digit_wrong(value) else None


class PartyId(Setting):
    """What a trading partner knows a party by (X12 N103/N104), with the kind's own rule for the id."""

    kind: Literal["duns", "duns4", "gln", "assigned_by_seller", "assigned_by_buyer", "mutual"]
    id: Annotated[Name, Field(max_length=80)]

    @model_validator(mode="after")
    def _id_fits_kind(self) -> PartyId:
        shapes = {"duns": "[0-9]{9}", "duns4": "[0-9]{9}[0-9A-Z]{1,4}", "gln": "[0-9]{13}"}
        words = {"duns": "9 digits", "duns4": "9 digits and a suffix of 1 to 4 characters", "gln": "13 digits"}
        if self.kind in shapes and not re.fullmatch(shapes[self.kind], self.id):
            raise ValueError(f"'{self.id}' is no {self.kind}; expected {words[self.kind]}")
        if self.kind == "gln" and _check_digit_wrong(self.id):
            raise ValueError(f"the check digit of the gln '{self.id}' is wrong")
        return self


class PaymentTerms(Setting):
    """Payment terms as the ITD segment says them; days count from the date that `basis` (X12 333) names."""

    kind: Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")] = "01"
    basis: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,2}$")] = "3"
    discount_percent: Annotated[Decimal, Field(gt=0, lt=100)] | None = None
    discount_days: Annotated[int, Field(ge=0, le=999)] | None = None
    net_days: Annotated[int, Field(ge=0, le=999)] | None = None
    description: Annotated[Name, Field(max_length=80)] | None = None


class Address(Setting):
    """A postal address; `country` is ISO 3166-1."""

    lines: CodeList = ()
    city: Name | None = None
    state: Name | None = None
    postal_code: Name | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2,3}$")] | None = None

    def postal(self) -> PostalAddress:
        return PostalAddress(
            lines=self.lines, city=self.city, state=self.state, postal_code=self.postal_code, country=self.country
        )


class ContactDesk(Setting):
    """A person or desk to ask."""

    name: Name | None = None
    phone: Name | None = None
    email: Name | None = None

    def contact(self) -> Contact:
        return Contact(name=self.name, phone=self.phone, email=self.email)
