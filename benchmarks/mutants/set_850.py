"""Faults inside an 850."""

from __future__ import annotations

from benchmarks.edits import change, drop, drop_all, insert, swap
from benchmarks.mutants.kinds import Mutant, listed

__all__ = ["set_850"]

FIRST = "PO1*1000*1*EA*2.25**"


def set_850(release: str) -> list[Mutant]:
    """The mutants of the 850 of `documents.clean`."""
    text, other = ("MSG", "MTX*GEN*TEXT") if release == "004010" else ("MTX", "MSG*TEXT")
    rows = listed(
        "structure",
        ("BEG missing", drop("BEG"), "segment-missing", "BEG"),
        ("BEG twice", insert("CUR", "BEG*00*SA*X**20261124"), "segment-over-max", "BEG"),
        ("CUR twice", insert("REF", "CUR*BY*USD"), "segment-over-max", "CUR"),
        ("no lines at all", drop_all("PO1", "PID", "DTM*002*20261202"), "segment-missing", "PO1"),
        ("CTT missing", drop("CTT"), "segment-missing", "CTT"),
        ("CTT twice", insert("SE*", "CTT*3"), "loop-over-max", "CTT"),
        ("an address after the lines", insert("CTT", "N3*LOST ROAD"), "segment-order", "N3"),
        ("DTM before BEG", swap("BEG", "DTM"), "segment-order", "BEG"),
        ("a reference after the parties", swap("REF*IA", "N4"), "segment-order", "N4"),
        ("description before its line", swap("PO1*1000", "PID"), "segment-order", "PID"),
        ("a line after the totals", insert("SE*", "PO1*4000*1*EA*1**VP*X"), "segment-order", "PO1"),
        ("unknown segment", insert("CTT", "ZZZ*1"), "segment-unknown", "ZZZ"),
        ("segment of another set", insert("DTM", "BIG*20261124*1"), "segment-unknown", "BIG"),
        ("eleven header dates", insert("N9", *["DTM*001*20261201"] * 10), "segment-over-max", "DTM"),
        ("four contacts in the heading", insert("ITD", *["PER*OC*Pat"] * 3), "segment-over-max", "PER"),
        ("three N3 in one party", insert("N4", "N3*A", "N3*B"), "segment-over-max", "N3"),
        ("two cities in a line's party", insert("CTT", "N1*ST*X", "N4*Ab", "N4*Cd"), "segment-over-max", "N4"),
        ("text of the other release", insert(text, other), "segment-unknown", other[:3]),
        ("N9 missing before its text", drop("N9"), "segment-order", text),
    )
    rows += listed(
        "presence",
        ("PO number missing", change("*POH2600000000*", "**"), "element-missing", "BEG03"),
        ("order date missing", change("**20261124", ""), "element-missing", "BEG05"),
        ("quantity missing", change(FIRST, "PO1*1000**EA*2.25**"), "element-missing", "PO102"),
        ("description code missing", change("PID*F", "PID*"), "element-missing", "PID01"),
        ("currency missing", change("CUR*BY*USD", "CUR*BY"), "element-missing", "CUR02"),
        ("number of lines missing", change("CTT*3", "CTT*"), "element-missing", "CTT01"),
        ("too many elements", change("CUR*BY*USD", "CUR*BY*USD" + "*" * 20 + "X"), "element-too-many", "CUR22"),
        ("release number missing in a release", change("BEG*00*SA", "BEG*00*RL"), "element-missing", "BEG04"),
    )
    rows += listed(
        "type",
        ("quantity not a number", change(FIRST, "PO1*1000*I*EA*2.25**"), "element-type", "PO102"),
        ("quantity with exponent", change(FIRST, "PO1*1000*1E0*EA*2.25**"), "element-type", "PO102"),
        ("quantity with plus", change(FIRST, "PO1*1000*+1*EA*2.25**"), "element-type", "PO102"),
        ("quantity with thousands mark", change(FIRST, "PO1*1000*1,000*EA*2.25**"), "element-type", "PO102"),
        ("price of two points", change("*EA*2.25", "*EA*2.2.5"), "element-type", "PO104"),
        ("price with a currency sign", change("*EA*2.25", "*EA*$2.25"), "element-type", "PO104"),
        ("number of lines with a point", change("CTT*3", "CTT*3.0"), "element-type", "CTT01"),
        ("net days not a number", change("*10**30", "*10**3O"), "element-type", "ITD07"),
    )
    rows += listed(
        "length",
        ("PO number too long", change("*POH2600000000*", "*POH26000000000000000000*"), "element-too-long", "BEG03"),
        ("purpose too short", change("BEG*00*", "BEG*0*"), "element-too-short", "BEG01"),
        ("quantity of 16 digits", change(FIRST, "PO1*1000*1234567890123456*EA*2.25**"), "element-too-long", "PO102"),
        ("city of one letter", change("*Springfield*", "*S*"), "element-too-short", "N401"),
        ("name of 61 characters", change("Example Tools", "X" * 61), "element-too-long", "N102"),
        ("address line of 56 characters", change("1 Example Road", "X" * 56), "element-too-long", "N301"),
        ("description of 81 characters", change("Hex bolt M1 zinc plated", "X" * 81), "element-too-long", "PID05"),
        ("product id of 49 characters", change("*VP-1*", f"*{'V' * 49}*"), "element-too-long", "PO107"),
        ("unit of three letters", change("*EA*2.25", "*EAC*2.25"), "element-too-long", "PO103"),
        (
            "reference too long for the release",
            change("REF*IA*V100", f"REF*IA*{'V' * (31 if release == '004010' else 51)}"),
            "element-too-long",
            "REF02",
        ),
    )
    rows += listed(
        "date",
        ("order date impossible", change("**20261124", "**20261131"), "element-date", "BEG05"),
        ("29 February of a common year", change("DTM*002*20261201", "DTM*002*20270229"), "element-date", "DTM02"),
        ("month 13", change("DTM*002*20261202", "DTM*002*20261302"), "element-date", "DTM02"),
        ("date of six digits", change("DTM*002*20261202", "DTM*002*261202"), "element-too-short", "DTM02"),
        ("date with letters", change("DTM*002*20261202", "DTM*002*2026DEC2"), "element-date", "DTM02"),
        ("time impossible", change("DTM*002*20261202", "DTM*002*20261202*2400"), "element-time", "DTM03"),
    )
    rows += listed(
        "syntax note",
        ("price missing under a basis", change("*EA*2.25*", "*EA**PE"), "syntax", "PO105"),
        ("product id without its qualifier", change("*VP*VP-1", "**VP-1"), "syntax", "PO106"),
        ("qualifier without product id", change("*UP*012345678905", "*UP"), "syntax", "PO110"),
        ("unit missing under a price", change("*EA*2.25**VP", "**2.25**VP"), "unit-missing", "PO103"),
        ("identifier without its qualifier", change("*9*1234567890123", "**1234567890123"), "syntax", "N103"),
        ("party without name and identifier", change("N1*BT*Example Accounts*9*1234567890123", "N1*BT"), "syntax",
         "N102"),
        ("reference without value", change("REF*IA*V100", "REF*IA"), "syntax", "REF02"),
        ("date without value", change("DTM*002*20261201", "DTM*002"), "syntax", "DTM02"),
        ("terms discount without days", change("*2**10**30", "*2****30"), "syntax", "ITD03"),
        ("phone kind without phone", change("*TE*555-0100", "*TE"), "syntax", "PER03"),
        ("location without its kind (C)", change("*45501*US", "*45501*US**A1"), "syntax", "N406"),
        ("quantity twice in QTY (E)", insert("PID", "QTY*01*5**7"), "syntax", "QTY02"),
        ("hazard class without its list (C)", insert("DTM*002*20261202", "TD4**9"), "syntax", "TD402"),
        ("weight without its unit (P)", change("CTT*3*6", "CTT*3*6*10"), "syntax", "CTT03"),
    )  # fmt: skip
    rows += listed(
        "code",
        ("order type not in use", change("BEG*00*SA", "BEG*00*QQ"), "element-code", "BEG02"),
        ("purpose not in use", change("BEG*00", "BEG*99"), "element-code", "BEG01"),
        ("unit not in use", change("*EA*2.25", "*ZQ*2.25"), "element-code", "PO103"),
        ("party role not in use", change("N1*BT", "N1*Q9"), "element-code", "N101"),
        ("kind of identifier not in use", change("*9*1234567890123", "*7Q*1234567890123"), "element-code", "N103"),
        ("meaning of a date not in use", change("DTM*002*20261202", "DTM*999*20261202"), "element-code", "DTM01"),
        ("kind of product id not in use", change("*VP*VP-1", "*QZ*VP-1"), "element-code", "PO106"),
        ("kind of reference not in use", change("REF*IA", "REF*Q9"), "element-code", "REF01"),
        ("terms not in use", change("ITD*01", "ITD*99"), "element-code", "ITD01"),
        ("kind of amount not in use", change("AMT*TT", "AMT*QQ"), "element-code", "AMT01"),
    )
    rows += listed(
        "arithmetic",
        ("CTT01 wrong", change("CTT*3", "CTT*4"), "ctt-lines", "CTT01"),
        ("a line lost", drop("PO1*2000*"), "ctt-lines", "CTT01"),
        ("hash total wrong", change("CTT*3*6", "CTT*3*7"), "ctt-hash", "CTT02"),
        ("a quantity changed", change(FIRST, "PO1*1000*2*EA*2.25**"), "ctt-hash", "CTT02"),
        ("order total wrong", change("AMT*TT*21.5", "AMT*TT*22.5"), "amt-total", "AMT02"),
        ("a price changed", change("*EA*2.25", "*EA*2.52"), "amt-total", "AMT02"),
        ("total of a line wrong", insert("PO1*2000", "AMT*1*2.52"), "amt-line", "AMT02"),
        ("schedules do not add up", insert("PO1*2000", "SCH*2*EA***002*20261201"), "schedule-sum", "PO102"),
        ("destinations do not add up", insert("DTM*002*20261202", "SDQ*EA*92*S1*1*S2*1"), "destination-sum", "PO102"),
        ("a negative quantity", change(FIRST, "PO1*1000*-1*EA*2.25**"), "quantity-sign", "PO102"),
    )
    rows += listed(
        "cross-segment",
        ("one line number twice", change("PO1*2000*", "PO1*1000*"), "line-number", "PO101"),
        ("one party twice", change("N1*BT", "N1*ST"), "party-twice", "N101"),
        ("one meaning of a date twice", insert("N9", "DTM*002*20261209"), "date-twice", "DTM01"),
        ("a ship window that ends before it begins", insert("N9", "DTM*037*20261205", "DTM*038*20261204"),
         "date-window", "DTM02"),
        ("discount days after the net days", change("*10**30", "*40**30"), "terms-days", "ITD05"),
    )  # fmt: skip
    return rows
