"""Faults inside an 856 with packs."""

from __future__ import annotations

from benchmarks.edits import change, drop, drop_all, insert, swap
from benchmarks.mutants.kinds import Mutant, listed

__all__ = ["set_856"]

LABEL, OTHER = "MAN*GM*00061234500000000001", "MAN*GM*00061234500000000018"


def set_856(release: str) -> list[Mutant]:
    """The mutants of the 856 of `documents.clean`; the list is the same in both releases."""
    rows = listed(
        "structure",
        ("BSN missing", drop("BSN"), "segment-missing", "BSN"),
        ("BSN twice", insert("HL*1*", "BSN*00*X1*20261124*0000*0001"), "segment-over-max", "BSN"),
        ("no levels at all", drop_all("HL", "TD", "REF", "DTM", "N", "PRF", "MAN", "LIN", "SN1", "PID"),
         "segment-missing", "HL"),
        ("CTT missing", drop("CTT"), "segment-missing", "CTT"),
        ("quantity before the item", swap("LIN", "SN1"), "segment-order", "LIN"),
        ("address before its party", swap("N1*SF", "N3"), "segment-order", "N3"),
        ("two quantities of an item", insert("PID", "SN1*1*1*EA"), "segment-over-max", "SN1"),
        ("order without its number", drop("PRF"), "segment-missing", "PRF"),
        ("pack without its label", drop("MAN"), "segment-missing", "MAN"),
        ("item without its quantity", drop("SN1"), "segment-missing", "SN1"),
        ("item without its references", drop("LIN"), "segment-missing", "LIN"),
        ("segment of another set", insert("DTM", "BEG*00*SA*1**20261124"), "segment-unknown", "BEG"),
        ("unknown segment", insert("CTT", "ZZZ*1"), "segment-unknown", "ZZZ"),
        ("eleven dates of a level", insert("N1", *["DTM*067*20261201"] * 10), "segment-over-max", "DTM"),
    )  # fmt: skip
    rows += listed(
        "presence",
        ("shipment number missing", change("*SHP2600000000*", "**"), "element-missing", "BSN02"),
        ("time missing", change("*20261124*0000*", "*20261124**"), "element-missing", "BSN04"),
        ("level number missing", change("HL*3*2*P", "HL**2*P"), "element-missing", "HL01"),
        ("level code missing", change("HL*2*1*O*1", "HL*2*1**1"), "element-missing", "HL03"),
        ("shipped quantity missing", change("SN1*1*1*EA", "SN1*1**EA"), "element-missing", "SN102"),
        ("shipped unit missing", change("SN1*1*1*EA*", "SN1*1*1**"), "element-missing", "SN103"),
        ("order number missing", change("PRF*PO0", "PRF*"), "element-missing", "PRF01"),
        ("label missing", change(LABEL, "MAN*GM"), "element-missing", "MAN02"),
        ("too many elements", change("HL*2*1*O*1", "HL*2*1*O*1*1"), "element-too-many", "HL05"),
    )
    rows += listed(
        "type",
        ("shipped quantity not a number", change("SN1*1*1*EA", "SN1*1*I*EA"), "element-type", "SN102"),
        ("packages with a point", change("CTN25*4", "CTN25*4.0"), "element-type", "TD102"),
        ("weight not a number", change("*125.5*", "*125,5*"), "element-type", "TD107"),
    )
    rows += listed(
        "length",
        ("shipment number of one sign", change("*SHP2600000000*", "*S*"), "element-too-short", "BSN02"),
        ("packaging of two signs", change("CTN25", "CT"), "element-too-short", "TD101"),
        ("weight of eleven digits", change("*125.5*", "*12345678901*"), "element-too-long", "TD107"),
        ("order number too long", change("PRF*PO0", f"PRF*{'P' * 23}"), "element-too-long", "PRF01"),
    )
    rows += listed(
        "date",
        ("notice date impossible", change("*20261124*0000", "*20261131*0000"), "element-date", "BSN03"),
        ("notice time impossible", change("*20261124*0000", "*20261124*2460"), "element-time", "BSN04"),
        ("arrival date impossible", change("DTM*017*20261127", "DTM*017*20261232"), "element-date", "DTM02"),
    )
    rows += listed(
        "syntax note",
        ("packaging without a number", change("CTN25*4", "CTN25*"), "syntax", "TD101"),
        ("weight without its unit", change("*125.5*LB", "*125.5"), "syntax", "TD107"),
        ("kind of weight without weight", change("*G*125.5*LB", "*G"), "syntax", "TD106"),
        ("ordered quantity without its unit", change("**2*EA", "**2"), "syntax", "SN105"),
        ("carrier kind without carrier", change("*2*EXPC*M", "*2**M"), "syntax", "TD502"),
        ("routing that says nothing", change("TD5*B*2*EXPC*M", "TD5*B"), "syntax", "TD502"),
        ("product id without its qualifier", change("*BP*BP0-1", "**BP0-1"), "syntax", "LIN04"),
        ("reference without value", change("REF*BM*BOL77", "REF*BM"), "syntax", "REF02"),
    )
    rows += listed(
        "code",
        ("order of levels not in use", change("*0000*0001", "*0000*0009"), "element-code", "BSN05"),
        ("level not in use", change("HL*3*2*P", "HL*3*2*Z"), "element-code", "HL03"),
        ("child flag not in use", change("HL*3*2*P*1", "HL*3*2*P*5"), "element-code", "HL04"),
        ("kind of mark not in use", change("MAN*GM", "MAN*QQ"), "element-code", "MAN01"),
        ("mode of transport not in use", change("*EXPC*M", "*EXPC*Q"), "element-code", "TD504"),
        ("unit not in use", change("SN1*1*1*EA", "SN1*1*1*ZQ"), "element-code", "SN103"),
        ("meaning of a date not in use", change("DTM*017", "DTM*999"), "element-code", "DTM01"),
    )
    rows += listed(
        "arithmetic",
        ("CTT01 wrong", change("CTT*7", "CTT*8"), "ctt-lines", "CTT01"),
        ("an item lost", drop("HL*5*"), "ctt-lines", "CTT01"),
        ("hash total wrong", change("CTT*7*6", "CTT*7*5"), "ctt-hash", "CTT02"),
        ("a quantity changed", change("SN1*1*1*EA", "SN1*1*2*EA"), "ctt-hash", "CTT02"),
        ("nothing shipped of an item", change("SN1*1*1*EA", "SN1*1*0*EA"), "quantity-sign", "SN102"),
    )
    rows += listed(
        "cross-segment",
        ("a level number skipped", change("HL*5*3", "HL*9*3"), "hl-number", "HL01"),
        ("a level number twice", change("HL*5*3", "HL*4*3"), "hl-number", "HL01"),
        ("a level above that is not there", change("HL*5*3", "HL*5*9"), "hl-parent", "HL02"),
        ("a level above itself", change("HL*5*3", "HL*5*5"), "hl-parent", "HL02"),
        ("a first level that has one above", change("HL*1**S", "HL*1*2*S"), "hl-parent", "HL02"),
        ("a level above missing", change("HL*5*3*I", "HL*5**I"), "hl-parent", "HL02"),
        ("an item under the shipment", change("HL*5*3", "HL*5*1"), "hl-level", "HL03"),
        ("first level no shipment", change("HL*1**S", "HL*1**O"), "hl-level", "HL03"),
        ("levels against BSN05", change("*0000*0001", "*0000*0004"), "hl-level", "HL03"),
        ("children denied", change("HL*3*2*P*1", "HL*3*2*P*0"), "hl-children", "HL04"),
        ("children promised", change("HL*5*3*I*0", "HL*5*3*I*1"), "hl-children", "HL04"),
        ("a pack with nothing in it", change("HL*7*6*I*0", "HL*7*3*I*0"), "hl-children", "HL04"),
        ("label of 19 digits", change(LABEL, LABEL[:-1]), "man-sscc", "MAN02"),
        ("label with a letter", change(LABEL, LABEL[:-1] + "X"), "man-sscc", "MAN02"),
        ("check digit of a label wrong", change(LABEL, LABEL[:-1] + "3"), "man-sscc", "MAN02"),
        ("one label twice", change(OTHER, LABEL), "man-sscc", "MAN02"),
        ("item and quantity of different lines", change("SN1*1*1*EA", "SN1*9*1*EA"), "line-number", "SN101"),
        ("one party twice", change("N1*SF", "N1*ST"), "party-twice", "N101"),
        ("one meaning of a date twice", change("DTM*017", "DTM*011"), "date-twice", "DTM01"),
        ("arrival before shipping", change("DTM*017*20261127", "DTM*017*20261120"), "date-window", "DTM02"),
    )
    return rows
