"""The fake's other GraphQL packages: sales, invoicing, purchasing beside orders, master data, accounts; all as data.

A new table is a line in `x3_rows.KEYS` (and `FACETS` for REST), a node here and its line in `PACKAGES`; whoever keeps
its rows is named in `World.stores`. Which names are confirmed is told by the entity specifications (`assumed`); what
they do not name (a delivery's CFMFLG) has a name of this site, which its description gives away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from airflow_provider_sagex3_cleo.sandbox.x3_schema import PURCHASE_ORDERS, Collection, NodeType, node_type

__all__ = ["PACKAGES", "packages"]

_SALES_INVOICE: Final = {
    "id.id": "NUM",
    "status": "INVSTA",
    "category": "INVTYP",
    "invoiceType.code": "SIVTYP",
    "invoiceDate": "INVDAT",
    "billToCustomer.code.code": "BPCINV",
    "soldToCustomer.code.code": "BPCORD",
    "billToCustomerAddress.code": "BPAINV",
    "billToCustomerCompanyName1": "BPRNAM0",
    "billToCustomerCompanyName2": "BPRNAM1",
    "billToCustomerAddressLine1": "BPAADDLIG0",
    "billToCustomerAddressLine2": "BPAADDLIG1",
    "billToCustomerAddressLine3": "BPAADDLIG2",
    "billToCustomerPostalCode": "POSCOD",
    "billToCustomerCity": "CTY",
    "billToCustomerState": "SAT",
    "billToCustomerCountry.code": "CRY",
    "shipToCustomerAddress.code": "BPAADD",
    "shipToCustomerCompanyName1": "BPDNAM0",
    "shipToCustomerCompanyName2": "BPDNAM1",
    "shipToCustomerAddressLine1": "BPDADDLIG0",
    "shipToCustomerAddressLine2": "BPDADDLIG1",
    "shipToCustomerAddressLine3": "BPDADDLIG2",
    "shipToCustomerPostalCode": "BPDPOSCOD",
    "shipToCustomerCity": "BPDCTY",
    "shipToCustomerState": "BPDSAT",
    "shipToCustomerCountry.code": "BPDCRY",
    "salesSite.code": "SALFCY",
    "shippingSite.code": "STOFCY",
    "company.code": "CPY",
    "currency.code": "CUR",
    "id.paymentTerm.code": "PTE",
    "reference": "INVREF",
    "id.originalInvoiceNumber": "INVNUM",
    "priceIncludingOrExcludingTax": "PRITYP",
    "id.totalAmountExcludingTax": "AMTNOT",
    "id.totalAmountIncludingTax": "AMTATI",
    "headerText.value": "SIHTEX1",
    "footerText.value": "SIHTEX2",
    "id._updateStamp": "BESIDE.UPDDATTIM",
}
_SALES_INVOICE_LINE: Final = {
    "salesInvoice.id.id": "NUM",
    "lineNumber": "SIDLIN",
    "product.code": "ITMREF",
    "productDescriptionInCustomerLanguage": "ITMDES",
    "quantityInSalesUnitInvoiced": "QTY",
    "salesUnit.code": "SAU",
    "netPrice": "NETPRI",
    "netPriceExcludingTax": "NETPRINOT",
    "grossPrice": "GROPRI",
    **{f"discountOrCharge{n}": f"DISCRGVAL{n}" for n in range(1, 10)},
    "lineAmountExcludingTax": "AMTNOTLIN",
    "isFreeProduct": "FOCFLG",
    "salesOrder.id": "SOHNUM",
    "salesOrderLineNumber": "SOPLIN",
    "salesOrderSequenceNumber": "SOQSEQ",
    "lineText.value": "SIDTEX",
}
_SALES_ORDER: Final = {
    "id": "SOHNUM",
    "revisionNumber": "REVNUM",
    "customerOrderReference": "CUSORDREF",
    "orderDate": "ORDDAT",
    "soldToCustomer.code.code": "BPCORD",
    "billToCustomer.code.code": "BPCINV",
    "shipToCustomerAddress.code": "BPAADD",
    "salesSite.code": "SALFCY",
    "company.code": "CPY",
    "currency.code": "CUR",
    "orderStatus": "ORDSTA",
    "isIntersite": "BETFCY",
    "numberOfLines": "LINNBR",
}
_SALES_ORDER_LINE: Final = {
    "salesOrder.id": "SOHNUM",
    "lineNumber": "SOPLIN",
    "sequenceNumber": "SOQSEQ",
    "product.code": "ITMREF",
    "customerProductReference": "ITMREFBPC",
    "originLine": "LINORDNUM",
    "stockUnit.code": "STU",
    "salesUnitToStockUnitConversionFactor": "SAUSTUCOE",
    "salesUnit.code": "SAU",
    "quantityInSalesUnitOrdered": "QTY",
    "lineStatus": "SOQSTA",
    "shipToCustomerAddress.code": "BPAADD",
}
_SALES_DELIVERY: Final = {
    "id": "SDHNUM",
    "category": "SDHCAT",
    "isDeliveryValidated": "CFMFLG",
    "returnStatus": "RTNSTA",
    "isIntersite": "BETFCY",
    "isPacked": "PACFLG",
    "isPackingSlipPrinted": "PRNNDE",
    "company.code": "CPY",
    "salesSite.code": "SALFCY",
    "shippingSite.code": "STOFCY",
    "soldToCustomer.code.code": "BPCORD",
    "billToCustomer.code.code": "BPCINV",
    "shipToCustomerAddress.code": "BPAADD",
    "shipToCustomerCompanyName1": "BPDNAM0",
    "shipToCustomerCompanyName2": "BPDNAM1",
    "shipToCustomerAddressLine1": "BPDADDLIG0",
    "shipToCustomerAddressLine2": "BPDADDLIG1",
    "shipToCustomerAddressLine3": "BPDADDLIG2",
    "shipToCustomerPostalCode": "BPDPOSCOD",
    "shipToCustomerCity": "BPDCTY",
    "shipToCustomerState": "BPDSAT",
    "shipToCustomerCountry.code": "BPDCRY",
    "shipmentDate": "SHIDAT",
    "shipmentTime": "SHIHOU",
    "deliveryDate": "DLVDAT",
    "arrivalDate": "ARVDAT",
    "carrier.code.code": "BPTNUM",
    "grossWeight": "GROWEI",
    "netWeight": "NETWEI",
    "weightUnit.code": "WEU",
    "numberOfPackages": "PACNBR",
    "billOfLading.id": "BOLNUM",
}
_SALES_DELIVERY_LINE: Final = {
    "salesDelivery.id": "SDHNUM",
    "lineNumber": "SDDLIN",
    "product.code": "ITMREF",
    "productDescriptionInCustomerLanguage": "ITMDES",
    "quantityInSalesUnitDelivered": "QTY",
    "salesUnit.code": "SAU",
    "quantityInStockUnitDelivered": "QTYSTU",
    "stockUnit.code": "STU",
    "salesUnitToStockUnitConversionFactor": "SAUSTUCOE",
    "salesOrder.id": "SOHNUM",
    "salesOrderLineNumber": "SOPLIN",
    "salesOrderSequenceNumber": "SOQSEQ",
}
_PURCHASE_INVOICE: Final = {
    "id.id": "NUM",
    "purchaseInvoiceCategory": "PIHTYP",
    "invoiceType.code": "PIVTYP",
    "category": "INVTYP",
    "billBySupplier.code.code": "BPR",
    "id.company.code": "CPY",
    "id.site.code": "FCY",
    "currency.code": "CUR",
    "id.paymentTerm.code": "PTE",
    "id.accountingDate": "ACCDAT",
    "id.sourceDocumentDate": "BPRDAT",
    "id.sourceDocument": "BPRVCR",
    "id.originalInvoiceNumber": "INVNUM",
    "numberOfLines": "LINNBR",
    "numberOfLinesWithDifferentQuantity": "QTYLINNBR",
    "numberOfLinesWithDifferentPrice": "PRILINNBR",
    "amountOfLinesExcludingTax": "TOTLINAMT",
    "totalTaxAmount": "TOTTAXAMT",
    "id.totalAmountExcludingTax": "AMTNOT",
    "id.totalAmountIncludingTax": "AMTATI",
    "id._updateStamp": "BESIDE.UPDDATTIM",
}
_PURCHASE_INVOICE_LINE: Final = {
    "purchaseInvoice.id.id": "NUM",
    "lineNumber": "PIDLIN",
    "product.code": "ITMREF",
    "invoicingUnit.code": "UOM",
    "purchaseUnit.code": "PUU",
    "quantityInInvoicingUnitInvoiced": "QTYUOM",
    "quantityInPurchaseUnitInvoiced": "QTYPUU",
    "grossPrice": "GROPRI",
    "netPrice": "NETPRI",
    "amountExcludingTax": "AMTNOTLIN",
    "purchaseOrder.id": "POHNUM",
    "purchaseOrderLineNumber": "POPLIN",
    "threeWayMatchStatus": "TWMSTA",
}
_SUPPLIER: Final = {
    "code.code": "BPSNUM",
    "companyName1": "BPSNAM",
    "shortCompanyName": "BPSSHO",
    "isActive": "ENAFLG",
    "supplierType": "BPSTYP",
    "category.code": "BSGCOD",
    "addressByDefault.code": "BPAADD",
    "billBySupplier.code.code": "BPSINV",
    "payToBusinessPartner.code": "BPRPAY",
    "ourCustomerCode": "BPCNUMBPS",
    "currency.code": "CUR",
    "paymentTerm.code": "PTE",
    "code.companyName1": "BPRNAM0",
    "code.companyName2": "BPRNAM1",
    "code.country.code": "CRY",
    "code.language.code": "LAN",
    "code.uniqueIdentificationNumber": "CRN",
    "code.europeanUnionVatNumber": "EECNUM",
    "code._updateStamp": "BESIDE.UPDDATTIM",
}
_CUSTOMER: Final = {
    "code.code": "BPCNUM",
    "companyName1": "BPCNAM",
    "shortCompanyName": "BPCSHO",
    "isActive": "BPCSTA",
    "customerType": "BPCTYP",
    "category.code": "BCGCOD",
    "defaultAddress.code": "BPAADD",
    "defaultShipToAddress.code": "BPDADD",
    "billToCustomer.code.code": "BPCINV",
    "payByBusinessPartner.code": "BPCPYR",
    "groupCustomer.code.code": "BPCGRU",
    "ourSupplierCode": "BPCBPSNUM",
    "currency.code": "CUR",
    "paymentTerm.code": "PTE",
    "code.companyName1": "BPRNAM0",
    "code.companyName2": "BPRNAM1",
    "code.country.code": "CRY",
    "code.language.code": "LAN",
    "code.uniqueIdentificationNumber": "CRN",
    "code.europeanUnionVatNumber": "EECNUM",
    "code._updateStamp": "BESIDE.UPDDATTIM",
}
_ADDRESS: Final = {
    "entityType": "BPATYP",
    "entity": "BPANUM",
    "code": "BPAADD",
    "description": "BPADES",
    "addressLine1": "BPAADDLIG0",
    "addressLine2": "BPAADDLIG1",
    "addressLine3": "BPAADDLIG2",
    "postalCode": "POSCOD",
    "city": "CTY",
    "state": "SAT",
    "country.code": "CRY",
    "isDefault": "BPAADDFLG",
}
_PRODUCT: Final = {
    "code": "ITMREF",
    "description1": "ITMDES1",
    "description2": "ITMDES2",
    "description3": "ITMDES3",
    "upc": "EANCOD",
    "productStatus": "ITMSTA",
    "productCategory.code": "TCLCOD",
    "stockUnit.code": "STU",
    "purchaseUnit.code": "PUU",
    "purchaseUnitToStockUnitConversionFactor": "PUUSTUCOE",
    "salesUnit.code": "SAU",
    "salesUnitToStockUnitConversionFactor": "SAUSTUCOE",
    "productWeight": "ITMWEI",
    "weightUnit.code": "WEU",
    "isPurchased": "PURFLG",
    "isSold": "SALFLG",
}
_UNIT: Final = {"code": "UOM", "numberOfDecimals": "UOMDEC"}
_ACCOUNT: Final = {
    "chartOfAccounts.code": "COA",
    "code": "ACC",
    "description": "DES",
    "shortDescription": "DESSHO",
    "accountClass": "CLSCOD",
    "isActive": "ENAFLG",
    "validityStartDate": "VLYSTR",
    "validityEndDate": "VLYEND",
    "controlAccount": "SAC",
    "currency.code": "CUR",
}

_TAXES: Final = {"denormalizedIndex": "PLACE", "tax.code": "TAX", "taxBasis": "BASTAX", "taxAmount": "AMTTAX"}
_ELEMENTS: Final = {
    "denormalizedIndex": "PLACE",
    "invoicingElement.code": "INVDTA",
    "amountOrPercentage": "INVDTAAMT",
    "type": "INVDTATYP",
}
_PACKINGS: Final = {
    "denormalizedIndex": "PLACE",
    "packingUnit.code": "PCU",
    "packingUnitToStockUnitConversionFactor": "PCUSTUCOE",
}
_PARTNER: Final = {
    "code": "BPRNUM",
    "companyName1": "BPRNAM0",
    "companyName2": "BPRNAM1",
    "isSupplier": "BPSFLG",
    "isCustomer": "BPCFLG",
}


def _places(name: str, paths: Mapping[str, str], kind: str) -> Collection:
    return Collection(node_type(name, "PLACES", paths), kind)


_INVOICE_LINE: Final = node_type("SalesInvoiceLine", "SINVOICED", _SALES_INVOICE_LINE)
_ORDER_LINE: Final = node_type("SalesOrderLine", "SORDERQ", _SALES_ORDER_LINE)
_DELIVERY_LINE: Final = node_type("SalesDeliveryLine", "SDELIVERYD", _SALES_DELIVERY_LINE)
_BILL_LINE: Final = node_type("PurchaseInvoiceLine", "PINVOICED", _PURCHASE_INVOICE_LINE)

PACKAGES: Final[Mapping[str, Mapping[str, NodeType]]] = {
    "x3Sales": {
        "salesInvoice": node_type(
            "SalesInvoice", "SINVOICEV", _SALES_INVOICE,
            {
                "salesInvoiceLines": Collection(_INVOICE_LINE, "SINVOICED"),
                "invoicingElements": _places("SalesInvoiceInvoicingElements", _ELEMENTS, "elements"),
                "id.taxes": _places("CustomerInvoiceHeaderTaxes", _TAXES, "taxes"),
            },
        ),
        "salesInvoiceLine": _INVOICE_LINE,
        "salesOrder": node_type(
            "SalesOrder", "SORDER", _SALES_ORDER, {"salesOrderLines": Collection(_ORDER_LINE, "SORDERQ")}
        ),
        "salesOrderLine": _ORDER_LINE,
        "salesDelivery": node_type(
            "SalesDelivery", "SDELIVERY", _SALES_DELIVERY,
            {"salesDeliveryLines": Collection(_DELIVERY_LINE, "SDELIVERYD")},
        ),
        "salesDeliveryLine": _DELIVERY_LINE,
    },
    "x3InvoicingData": {
        "customerInvoiceHeader": node_type("CustomerInvoiceHeader", "SINVOICE", {"id": "NUM", "company.code": "CPY"}),
        "supplierInvoiceHeader": node_type("SupplierInvoiceHeader", "PINVOICE", {"id": "NUM", "company.code": "CPY"}),
    },
    "x3Purchasing": {
        "purchaseInvoice": node_type(
            "PurchaseInvoice", "PINVOICEV", _PURCHASE_INVOICE,
            {
                "purchaseInvoiceLines": Collection(_BILL_LINE, "PINVOICED"),
                "id.taxes": _places("SupplierInvoiceHeaderTaxes", _TAXES, "taxes"),
            },
        ),
        "purchaseInvoiceLine": _BILL_LINE,
    },
    "x3MasterData": {
        "supplier": node_type("Supplier", "BPSUPPLIER", _SUPPLIER),
        "customer": node_type("Customer", "BPCUSTOMER", _CUSTOMER),
        "businessPartner": node_type("BusinessPartner", "BPARTNER", _PARTNER),
        "address": node_type("Address", "BPADDRESS", _ADDRESS),
        "unitOfMeasure": node_type("UnitOfMeasure", "TABUNIT", _UNIT),
        "product": node_type(
            "Product", "ITMMASTER", _PRODUCT, {"packingUnits": _places("ProductPackingUnits", _PACKINGS, "packings")}
        ),
    },
    "x3FinanceData": {"account": node_type("Account", "GACCOUNT", _ACCOUNT)},
}  # fmt: skip
"""Nodes by package, without purchase orders."""


def packages(purchasing: str) -> Mapping[str, Mapping[str, NodeType]]:
    """All packages of a build whose package of purchase orders has this name."""
    own = {**PURCHASE_ORDERS[purchasing], **PACKAGES["x3Purchasing"]}
    return {**{name: nodes for name, nodes in PACKAGES.items() if name != "x3Purchasing"}, purchasing: own}
