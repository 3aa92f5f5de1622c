"""Business documents in business words, free of Sage X3 and X12 spelling: the language the rooms share."""

from airflow_provider_sagex3_cleo.documents.base import EXACT, Business, content_hash
from airflow_provider_sagex3_cleo.documents.order import (
    Contact,
    ItemReferences,
    OrderLine,
    Party,
    PostalAddress,
    PurchaseOrder,
    Reference,
)

__all__ = [
    "EXACT",
    "Business",
    "Contact",
    "ItemReferences",
    "OrderLine",
    "Party",
    "PostalAddress",
    "PurchaseOrder",
    "Reference",
    "content_hash",
]
