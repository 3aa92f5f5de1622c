"""Business documents in business words, free of Sage X3 and X12 spelling: the language the rooms share."""

from airflow_provider_sagex3_cleo.documents.base import EXACT, Business, content_hash, summed
from airflow_provider_sagex3_cleo.documents.order import (
    Contact,
    Destination,
    ItemReferences,
    NamedDate,
    OrderLine,
    Party,
    PostalAddress,
    PurchaseOrder,
    Reference,
    ScheduledQuantity,
)

__all__ = [
    "EXACT",
    "Business",
    "Contact",
    "Destination",
    "ItemReferences",
    "NamedDate",
    "OrderLine",
    "Party",
    "PostalAddress",
    "PurchaseOrder",
    "Reference",
    "ScheduledQuantity",
    "content_hash",
    "summed",
]
