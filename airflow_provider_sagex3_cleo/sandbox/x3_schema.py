"""What the fake's GraphQL nodes are called: paths to X3 columns, and the words of menus.

Names marked here as confirmed stand on public reference pages of Sage's developer site; the others are invented in
the same manner and are what the entity specification assumes (docs/assumptions.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["LINE", "MENUS", "SCHEMAS", "Leaf", "NodeType", "Reference"]


@dataclass(frozen=True)
class Leaf:
    """A property with a value. `menu` names the words of an enumeration."""

    column: str
    menu: int | None = None


@dataclass(frozen=True)
class Reference:
    """A property that is a node of its own, known by one column; null where the column is empty."""

    type_name: str
    members: Mapping[str, Leaf | Reference]
    column: str


@dataclass(frozen=True)
class NodeType:
    """A node: properties by name, collections (name -> node name), and the table whose rows it shows."""

    name: str
    table: str
    members: Mapping[str, Leaf | Reference]
    collections: Mapping[str, str]


MENUS: Final[Mapping[int, Mapping[int, str]]] = {
    1: {1: "no", 2: "yes"},
    280: {1: "no", 2: "inPart", 3: "inFull", 4: "notManaged", 5: "yesAutomatic"},
    506: {1: "order", 2: "contract"},
    570: {1: "normal", 2: "bomParent", 3: "service", 4: "suppliedMaterial"},
}

_MENU_COLUMNS: Final = {
    "POHTYP": 506, "APPFLG": 280, "CLEFLG": 1, "RCPFLG": 280, "INVFLG": 280, "PRNFLG": 1, "BETFCY": 1,
    "LINCLEFLG": 1, "LINTYP": 570,
}  # fmt: skip

_ORDER_CONFIRMED: Final = {
    "id": "POHNUM",
    "revisionNumber": "REVNUM",
    "orderType": "POHTYP",
    "orderDate": "ORDDAT",
    "expectedReceiptDate": "EXTRCPDAT",
    "orderFromSupplier.code.code": "BPSNUM",
    "orderFromSupplierAddress.code": "BPAADD",
    "purchaseSite.code": "POHFCY",
    "receiptSite.code": "RCPFCY",
    "invoiceSite.code": "INVFCY",
    "company.code": "CPY",
    "internalOrderReference": "ORDREF",
    "project.id": "PJTH",
    "currency.code": "CUR",
    "paymentTerm.code": "PTE",
    "deliveryMode.code": "MDL",
    "carrier.code.code": "BPTNUM",
    "taxExcludedTotalAmount": "TOTORD",
    "signatureStatus": "APPFLG",
    "isClosed": "CLEFLG",
    "receiptStatus": "RCPFLG",
}
_ORDER_ASSUMED: Final = {
    "orderFromSupplierCompanyName1": "BPRNAM0",
    "orderFromSupplierCompanyName2": "BPRNAM1",
    "orderFromSupplierAddressLine1": "BPAADDLIG0",
    "orderFromSupplierAddressLine2": "BPAADDLIG1",
    "orderFromSupplierAddressLine3": "BPAADDLIG2",
    "orderFromSupplierPostalCode": "POSCOD",
    "orderFromSupplierCity": "CTY",
    "orderFromSupplierState": "SAT",
    "orderFromSupplierCountry.code": "CRY",
    "buyer.code": "BUY",
    "linesTaxExcludedAmount": "TOTLINAMT",
    "invoiceStatus": "INVFLG",
    "isPrinted": "PRNFLG",
    "numberOfLines": "LINNBR",
    "numberOfClosedLines": "CLELINNBR",
    "isIntersite": "BETFCY",
    "headerText.value": "TEX1",
    "footerText.value": "TEX2",
}
_LINE_CONFIRMED: Final = {
    "purchaseOrder.id": "POHNUM",
    "lineNumber": "POPLIN",
    "product.code": "ITMREF",
    "orderUnit.code": "UOM",
    "quantityInOrderUnitOrdered": "QTYUOM",
    "grossPrice": "GROPRI",
}
_LINE_ASSUMED: Final = {
    "sequenceNumber": "POQSEQ",
    "productDescriptionInSupplierLanguage": "ITMDES",
    "supplierProductReference": "ITMREFBPS",
    "purchaseUnit.code": "PUU",
    "stockUnit.code": "STU",
    "orderUnitToPurchaseUnitConversionFactor": "UOMPUUCOE",
    "quantityInPurchaseUnitOrdered": "QTYPUU",
    "quantityInPurchaseUnitReceived": "RCPQTYPUU",
    "netPrice": "NETPRI",
    "expectedReceiptDate": "EXTRCPDAT",
    "requestedReceiptDate": "DEMRCPDAT",
    "receiptSite.code": "PRHFCY",
    "receiptSiteAddress.code": "FCYADD",
    "lineAmountExcludingTax": "LINAMT",
    "isClosed": "LINCLEFLG",
    "lineType": "LINTYP",
    "salesOrder.id": "SOHNUM",
    "salesOrderLineNumber": "SOPLIN",
    "revisionNumber": "LINREVNUM",
    "placeOfUse": "USEPLC",
    "lineText.value": "LINTEX",
    **{f"discountOrCharge{n}": f"DISCRGVAL{n}" for n in range(1, 10)},
}
_SYSTEM: Final = {
    name: Leaf(name if name != "_updateStamp" else "UPDDATTIM")
    for name in ("_id", "_etag", "_createStamp", "_updateStamp", "_createUser", "_updateUser")
}


def _tree(paths: Mapping[str, str], type_name: str) -> dict[str, Leaf | Reference]:
    nested: dict[str, Any] = {}
    for path, column in paths.items():
        *above, last = path.split(".")
        home = nested
        for name in above:
            home = home.setdefault(name, {})
        home[last] = Leaf(column, _MENU_COLUMNS.get(column))
    return {name: _member(name, member, type_name) for name, member in nested.items()}


def _member(name: str, member: Any, type_name: str) -> Leaf | Reference:
    if isinstance(member, Leaf):
        return member
    own_type = type_name + name[0].upper() + name[1:]
    members = {inner: _member(inner, below, own_type) for inner, below in member.items()}
    column = next(_columns(members))
    return Reference(own_type, {"_id": Leaf(column), **members}, column)


def _columns(members: Mapping[str, Leaf | Reference]) -> Iterator[str]:
    for member in members.values():
        if isinstance(member, Leaf):
            yield member.column
        else:
            yield from _columns(member.members)


ORDER: Final = NodeType(
    "PurchaseOrder",
    "PORDER",
    _SYSTEM | _tree(_ORDER_CONFIRMED | _ORDER_ASSUMED, "PurchaseOrder"),
    {"purchaseOrderLines": "purchaseOrderLine"},
)
OLD_ORDER: Final = NodeType(
    "PurchaseOrder",
    "PORDER",
    _SYSTEM
    | _tree(
        {path.replace("orderFromSupplier.code.code", "orderFromSupplier.code"): column
         for path, column in (_ORDER_CONFIRMED | _ORDER_ASSUMED).items()},
        "PurchaseOrder",
    ),
    {"purchaseOrderQuantityLines": "purchaseOrderLine"},
)  # fmt: skip
"""The node before 2022 R3: the supplier's key was plain, the lines had another name."""
LINE: Final = NodeType(
    "PurchaseOrderLine",
    "LINES",
    _SYSTEM | _tree(_LINE_CONFIRMED | _LINE_ASSUMED, "PurchaseOrderLine"),
    {},
)

SCHEMAS: Final[Mapping[str, Mapping[str, NodeType]]] = {
    "x3Purchasing": {"purchaseOrder": ORDER, "purchaseOrderLine": LINE},
    "xtremX3Purchasing": {"purchaseOrder": OLD_ORDER, "purchaseOrderLine": LINE},
}
"""Nodes by root; a build of Sage X3 has one of the two roots."""
