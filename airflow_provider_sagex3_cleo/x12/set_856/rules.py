"""What an agreement says about its 856s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents.shipment import Shipment
from airflow_provider_sagex3_cleo.x12.set_rules import SetRules, one_party_a_role

__all__ = ["PACK_LEVELS", "PLAIN_LEVELS", "Rules856"]

# BSN05 of the two orders of levels that are written.
PLAIN_LEVELS = "0004"  # shipment, order, item
PACK_LEVELS = "0001"  # shipment, order, pack, item


@dataclass(frozen=True)
class Rules856(SetRules):
    """How the partner wants its 856. The defaults are what most guides ask for.

    `packs`: a level of packs never, where the shipment has them, or always (a shipment without them is held).
    `needs`: fields of the shipment that must be there; without one of them it is held.
    `missing_time`: BSN04 when the time of shipping is not known (the element is mandatory).
    `children`: HL04 is written. `count`: CTT01 is the number of levels (the standard) or of items.
    `hash_total`: CTT02 is the sum of the shipped quantities, where they are whole.
    `line_id`: LIN01 and SN101 are the line number of the shipment, or the customer's own order line.
    `ordered_quantities`: SN105 and SN106 are written where the ordered quantity is known.
    `lots`: a lot is written as item reference LT.
    `sscc_mark`: MAN*GM with 20 digits, application identifier 00 first, or MAN*AA with 18.
    `packaging`: TD101 when the shipment does not know its own; None leaves it out, the number of packages stays.
    `carrier_stage`: TD501. The `..._role` of a party: element 98; None leaves the party out."""

    purpose: str = "00"
    packs: Literal["never", "known", "always"] = "known"
    needs: tuple[str, ...] = ()
    missing_time: str = "0000"
    children: bool = True
    count: Literal["levels", "items"] = "levels"
    hash_total: bool = True
    ship_from_role: str | None = "SF"
    ship_to_role: str | None = "ST"
    bill_to_role: str | None = None
    store_role: str | None = "BY"
    ship_date_qualifier: str = "011"
    expected_date_qualifier: str | None = "017"
    bill_of_lading_reference: str | None = "BM"
    tracking_reference: str | None = "CN"
    department_reference: str | None = "DP"
    vendor_reference: str | None = "IA"
    packaging: str | None = None
    carrier_stage: str | None = "B"
    line_id: Literal["shipment", "order"] = "shipment"
    ordered_quantities: bool = True
    lots: bool = True
    sscc_mark: Literal["GM", "AA"] = "GM"
    pack_tracking_mark: str | None = "CP"

    def __post_init__(self) -> None:
        super().__post_init__()
        unknown = [name for name in self.needs if name not in Shipment.model_fields]
        if unknown:
            raise e.SettingFault(
                "not a field of a shipment", field="needs", value=" ".join(unknown),
                expected="some of " + " ".join(Shipment.model_fields),
            )  # fmt: skip
        one_party_a_role("856", self.ship_from_role, self.ship_to_role, self.bill_to_role)
