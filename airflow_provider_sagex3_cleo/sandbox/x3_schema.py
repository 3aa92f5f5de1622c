"""What the fake's GraphQL nodes are made of, and the nodes of purchase orders: paths to X3 columns, words of menus.

Names marked here as confirmed stand on public reference pages of Sage's developer site; the others are invented in
the same manner and are what the entity specification assumes (docs/assumptions.md). The other packages are in
`x3_packages`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["LINE", "MENUS", "PURCHASE_ORDERS", "Collection", "Leaf", "Member", "NodeType", "Reference", "node_type"]


@dataclass(frozen=True)
class Leaf:
    """A property with a value. `menu` names the words of an enumeration; `boolean` shows menu 1 as true and false."""

    column: str
    menu: int | None = None
    boolean: bool = False


@dataclass(frozen=True)
class Reference:
    """A property that is a node of its own, known by one column; null where the column is empty."""

    type_name: str
    members: Mapping[str, Member]
    column: str


@dataclass(frozen=True)
class Collection:
    """A property with rows of its own: their node, and which rows of a parent they are (`x3_rows.children`)."""

    node: NodeType
    kind: str


Member = Leaf | Reference | Collection


@dataclass(frozen=True)
class NodeType:
    """A node: its properties by name, and the table whose rows it shows."""

    name: str
    table: str
    members: Mapping[str, Member]


MENUS: Final[Mapping[int, Mapping[int, str]]] = {
    1: {1: "no", 2: "yes"},
    243: {1: "excludingTax", 2: "includingTax"},
    246: {1: "active", 2: "inDevelopment", 3: "onShortage", 4: "notRenewed", 5: "obsolete", 6: "notUsable"},
    279: {1: "pending", 2: "late", 3: "closed"},
    280: {1: "no", 2: "inPart", 3: "inFull", 4: "notManaged", 5: "yesAutomatic"},
    401: {1: "normal", 2: "miscellaneous", 3: "intraCompany", 4: "prospect"},
    415: {1: "open", 2: "closed"},
    439: {1: "no", 2: "source", 3: "yesFree"},
    451: {1: "notReturned", 2: "partlyReturned", 3: "returned"},
    490: {1: "normal", 2: "loan", 3: "subcontract", 4: "notBillable"},
    501: {1: "normal", 2: "prospect", 3: "miscellaneous"},
    506: {1: "order", 2: "contract"},
    533: {1: "invoice", 2: "additionalInvoice", 3: "creditMemo", 4: "creditMemoOnReturn"},
    570: {1: "normal", 2: "bomParent", 3: "service", 4: "suppliedMaterial"},
    585: {1: "notApplicable", 2: "ok", 3: "warning", 4: "blocked", 5: "unblocked"},
    645: {1: "invoice", 2: "creditMemo", 3: "debitNote", 4: "creditNote", 5: "proforma"},
    943: {1: "businessPartner", 2: "company", 3: "site", 4: "user", 5: "account", 6: "lead", 7: "building", 8: "place"},
    2227: {1: "amountExcludingTax", 2: "amountIncludingTax", 3: "percentage"},
    2261: {1: "notPosted", 2: "notUsed", 3: "posted"},
}

_MENU_COLUMNS: Final = {
    "POHTYP": 506, "APPFLG": 280, "CLEFLG": 1, "RCPFLG": 280, "INVFLG": 280, "PRNFLG": 1, "BETFCY": 1,
    "LINCLEFLG": 1, "LINTYP": 570, "INVSTA": 2261, "INVTYP": 645, "PRITYP": 243, "FOCFLG": 439, "INVDTATYP": 2227,
    "ORDSTA": 415, "SOQSTA": 279, "BPSTYP": 501, "BPCTYP": 401, "BPATYP": 943, "ITMSTA": 246, "PIHTYP": 533,
    "TWMSTA": 585, "SDHCAT": 490, "CFMFLG": 1, "RTNSTA": 451, "PACFLG": 1, "PRNNDE": 1,
}  # fmt: skip
_BOOLEAN_COLUMNS: Final = frozenset({"ENAFLG", "BPCSTA", "BPSFLG", "BPCFLG", "PURFLG", "SALFLG", "BPAADDFLG"})

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


def node_type(
    name: str, table: str, paths: Mapping[str, str], collections: Mapping[str, Collection] | None = None
) -> NodeType:
    """A node from its properties by dotted path (the value is the column) and its collections, by dotted path too."""
    nested: dict[str, Any] = {}
    leaves = {
        path: Leaf(column, _MENU_COLUMNS.get(column), column in _BOOLEAN_COLUMNS) for path, column in paths.items()
    }
    for path, member in {**leaves, **(collections or {})}.items():
        *above, last = path.split(".")
        home = nested
        for step in above:
            home = home.setdefault(step, {})
        home[last] = member
    return NodeType(name, table, _SYSTEM | {each: _member(each, member, name) for each, member in nested.items()})


def _member(name: str, member: Any, type_name: str) -> Member:
    if isinstance(member, Leaf | Collection):
        return member
    own_type = type_name + name[0].upper() + name[1:]
    members = {inner: _member(inner, below, own_type) for inner, below in member.items()}
    column = next(_columns(members))
    return Reference(own_type, {"_id": Leaf(column), **members}, column)


def _columns(members: Mapping[str, Member]) -> Iterator[str]:
    for member in members.values():
        if isinstance(member, Leaf):
            yield member.column
        elif isinstance(member, Reference):
            yield from _columns(member.members)


LINE: Final = node_type("PurchaseOrderLine", "LINES", _LINE_CONFIRMED | _LINE_ASSUMED)
_ORDER_PATHS: Final = _ORDER_CONFIRMED | _ORDER_ASSUMED
_OLD_PATHS: Final = {
    path.replace("orderFromSupplier.code.code", "orderFromSupplier.code"): column
    for path, column in _ORDER_PATHS.items()
}
ORDER: Final = node_type("PurchaseOrder", "PORDER", _ORDER_PATHS, {"purchaseOrderLines": Collection(LINE, "LINES")})
OLD_ORDER: Final = node_type(
    "PurchaseOrder", "PORDER", _OLD_PATHS, {"purchaseOrderQuantityLines": Collection(LINE, "LINES")}
)
"""The node before 2022 R3: the supplier's key was plain, the lines had another name."""

PURCHASE_ORDERS: Final[Mapping[str, Mapping[str, NodeType]]] = {
    "x3Purchasing": {"purchaseOrder": ORDER, "purchaseOrderLine": LINE},
    "xtremX3Purchasing": {"purchaseOrder": OLD_ORDER, "purchaseOrderLine": LINE},
}
"""Nodes of purchase orders by package; a build of Sage X3 has one of the two."""
