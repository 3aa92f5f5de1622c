"""What an agreement says about its shipments, and the table that only shipments need."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from airflow_provider_sagex3_cleo.partners.base import Name, Setting

__all__ = ["Carrier", "ShipmentRules"]

Code2 = Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")]
Code3 = Annotated[str, Field(pattern=r"^[A-Z0-9]{3}$")]
Reference = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$")] | None
Role = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$")] | None
Needed = Literal[
    "carrier_code",
    "carrier_name",
    "carrier_mode",
    "bill_of_lading",
    "tracking_numbers",
    "weight",
    "packages",
    "expected_date",
    "ship_time",
]


class Carrier(Setting):
    """A carrier of Sage X3 as partners know it: SCAC (TD503), mode of transport (TD504), name (TD505)."""

    scac: Annotated[str, Field(pattern=r"^[A-Z]{2,4}$")] | None = None
    mode: Annotated[str, Field(pattern=r"^[A-Z]{1,2}$")] | None = None
    name: Annotated[Name, Field(max_length=35)] | None = None


class ShipmentRules(Setting):
    """How a partner wants its 856s. docs/agreements.md explains every key."""

    per: Literal["delivery", "load"] = "delivery"
    load_number: Literal["load", "delivery"] = "load"
    when: Literal["validated", "packed", "printed"] = "validated"
    needs: tuple[Needed, ...] = ()
    packs: Literal["never", "known", "always"] = "known"
    tracking_field: Name | None = "PRONUM"
    purpose: Code2 = "00"
    missing_time: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3])[0-5][0-9]$")] = "0000"
    children: bool = True
    count: Literal["levels", "items"] = "levels"
    line_id: Literal["shipment", "order"] = "shipment"
    ordered_quantities: bool = True
    ship_from_role: Role = "SF"
    ship_to_role: Role = "ST"
    ship_date_qualifier: Code3 = "011"
    expected_date_qualifier: Code3 | None = "017"
    bill_of_lading_reference: Reference = "BM"
    tracking_reference: Reference = "CN"
    packaging: Annotated[str, Field(pattern=r"^[A-Z0-9]{3,5}$")] | None = None
    carrier_stage: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,2}$")] | None = "B"
    sscc_mark: Literal["GM", "AA"] = "GM"

    def roles(self) -> list[str]:
        """The roles of the parties that are sent."""
        return [role for role in (self.ship_from_role, self.ship_to_role) if role]
