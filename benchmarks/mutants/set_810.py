"""Faults inside an 810."""

from __future__ import annotations

from benchmarks.edits import change, drop, drop_all, insert, swap
from benchmarks.mutants.kinds import Mutant, listed

__all__ = ["set_810"]

FIRST = "IT1*1000*1*EA*2.25**"
CHARGE = "SAC*C*D240***1250*******06"


def set_810(release: str) -> list[Mutant]:
    """The mutants of the 810 of `documents.clean`."""
    rows = listed(
        "structure",
        ("BIG missing", drop("BIG"), "segment-missing", "BIG"),
        ("BIG twice", insert("CUR", "BIG*20261124*X"), "segment-over-max", "BIG"),
        ("no lines at all", drop_all("IT1", "PID", "REF*LI"), "ctt-lines", "CTT01"),
        ("TDS missing", drop("TDS"), "segment-missing", "TDS"),
        ("TDS twice", insert("TXI", "TDS*7400"), "segment-over-max", "TDS"),
        ("CTT missing", drop("CTT"), "segment-missing", "CTT"),
        ("a charge in the heading", insert("N1", CHARGE), "segment-missing", "TDS"),
        ("carrier before the total", swap("TDS", "CAD"), "segment-order", "TDS"),
        ("total before the lines", swap("TDS", "IT1*1000"), "segment-order", "IT1"),
        ("terms before the parties", swap("ITD", "N1*RI"), "segment-order", "N1"),
        ("segment of another set", insert("DTM", "BEG*00*SA*1**20261124"), "segment-unknown", "BEG"),
        ("unknown segment", insert("CTT", "ZZZ*1"), "segment-unknown", "ZZZ"),
        ("eleven texts under a note", insert("IT1", *["MSG*MORE"] * 10), "segment-over-max", "MSG"),
        ("a note without text", drop("MSG"), "segment-missing", "MSG"),
        ("two notes", insert("IT1", "N9*L1**MORE", "MSG*MORE"), "loop-over-max", "N9"),
        ("three carriers", insert("SAC", "CAD*M***EXPC"), "segment-over-max", "CAD"),
    )
    rows += listed(
        "presence",
        ("invoice number missing", change("*INV2600000000*", "**"), "element-missing", "BIG02"),
        ("invoice date missing", change("BIG*20261124*", "BIG**"), "element-missing", "BIG01"),
        ("total missing", change("TDS*7400", "TDS*"), "element-missing", "TDS01"),
        ("kind of tax missing", change("TXI*ST*40", "TXI**40"), "element-missing", "TXI01"),
        ("allowance or charge not said", change("SAC*C*", "SAC**"), "element-missing", "SAC01"),
        ("too many elements", change("TDS*7400", "TDS*7400****1"), "element-too-many", "TDS05"),
        (
            "carrier without its mode" if release == "005010" else "carrier without code and name",
            change("CAD*M***EXPC", "CAD****EXPC" if release == "005010" else "CAD*M***"),
            "element-missing" if release == "005010" else "syntax",
            "CAD01" if release == "005010" else "CAD04",
        ),
    )
    rows += listed(
        "type",
        ("total with a point", change("TDS*7400", "TDS*74.00"), "element-type", "TDS01"),
        ("charge with a point", change("*1250*", "*12.50*"), "element-type", "SAC05"),
        ("price not a number", change(FIRST, "IT1*1000*1*EA*2,25**"), "element-type", "IT104"),
        ("tax not a number", change("TXI*ST*40", "TXI*ST*4O"), "element-type", "TXI02"),
        ("number of lines with a point", change("CTT*3", "CTT*3."), "element-type", "CTT01"),
    )
    rows += listed(
        "length",
        ("invoice number too long", change("*INV2600000000*", f"*{'9' * 23}*"), "element-too-long", "BIG02"),
        (
            "quantity too long for the release",
            change(FIRST, f"IT1*1000*{'1' * (11 if release == '004010' else 16)}*EA*2.25**"),
            "element-too-long",
            "IT102",
        ),
        ("total of 16 digits", change("TDS*7400", "TDS*1234567890123456"), "element-too-long", "TDS01"),
        ("carrier code too long", change("*EXPC*", "*EXPCX*"), "element-too-long", "CAD04"),
        ("name of 61 characters", change("Example Store", "X" * 61), "element-too-long", "N102"),
    )
    rows += listed(
        "date",
        ("invoice date impossible", change("BIG*20261124", "BIG*20261324"), "element-date", "BIG01"),
        ("order date impossible", change("*20261103*", "*20260931*"), "element-date", "BIG03"),
        ("ship date of six digits", change("DTM*011*20261123", "DTM*011*261123"), "element-too-short", "DTM02"),
    )
    rows += listed(
        "syntax note",
        ("quantity without unit and price", change(FIRST, "IT1*1000*1***"), "syntax", "IT102"),
        ("price missing", change(FIRST, "IT1*1000*1*EA***"), "syntax", "IT102"),
        ("product id without its qualifier", change("*VP*VP-1", "**VP-1"), "syntax", "IT106"),
        ("charge without its code", change("SAC*C*D240*", "SAC*C**"), "syntax", "SAC02"),
        ("percent without its basis", change("*1250**", "*1250**7"), "syntax", "SAC06"),
        ("tax without amount, rate and exemption", change("TXI*ST*40*7", "TXI*ST"), "syntax", "TXI02"),
        ("reference without value", change("REF*IA*V100", "REF*IA"), "syntax", "REF02"),
        ("bill of lading kind without number", change("*BM*BOL77", "*BM"), "syntax", "CAD07"),
        ("jurisdiction list without jurisdiction", change("TXI*ST*40*7", "TXI*ST*40*7*CD"), "syntax", "TXI04"),
        ("discount without a day", change("ITD*01*3*****30", "ITD*01*3*2****30"), "syntax", "ITD03"),
    )
    rows += listed(
        "code",
        ("allowance or charge not in use", change("SAC*C*", "SAC*Z*"), "element-code", "SAC01"),
        ("charge code not in use", change("*D240*", "*D999*"), "element-code", "SAC02"),
        ("settlement not in use", change("*06", "*99"), "element-code", "SAC12"),
        ("kind of tax not in use", change("TXI*ST", "TXI*QQ"), "element-code", "TXI01"),
        ("unit not in use", change("*EA*2.25", "*ZQ*2.25"), "element-code", "IT103"),
        ("mode of transport not in use", change("CAD*M*", "CAD*Q*"), "element-code", "CAD01"),
        ("party role not in use", change("N1*BT", "N1*Q9"), "element-code", "N101"),
        ("terms not in use", change("ITD*01", "ITD*99"), "element-code", "ITD01"),
    )
    rows += listed(
        "arithmetic",
        ("CTT01 wrong", change("CTT*3", "CTT*4"), "ctt-lines", "CTT01"),
        ("a line lost", drop("IT1*2000*"), "ctt-lines", "CTT01"),
        ("total off by a cent of each line", change("TDS*7400", "TDS*7402"), "tds-sum", "TDS01"),
        ("total in whole units", change("TDS*7400", "TDS*74"), "tds-sum", "TDS01"),
        ("a price changed", change("*EA*2.25", "*EA*2.52"), "tds-sum", "TDS01"),
        ("a charge changed", change("*1250*", "*1350*"), "tds-sum", "TDS01"),
        ("a charge turned into an allowance", change("SAC*C*", "SAC*A*"), "tds-sum", "TDS01"),
        ("tax in cents", change("TXI*ST*40*", "TXI*ST*4000*"), "tds-sum", "TDS01"),
        ("discounted total does not add up", change("TDS*7400", "TDS*7400*7400*7300*74"), "tds-discount", "TDS03"),
        ("destinations do not add up", insert("IT1*2000", "SDQ*EA*92*S1*1*S2*1"), "destination-sum", "IT102"),
    )
    rows += listed(
        "arithmetic",
        ("tax not its rate of its base", change("TXI*ST*40*7", "TXI*ST*40*7*****100"), "tax-rate", "TXI02"),
        ("exempt, and yet taxed", change("TXI*ST*40*7", "TXI*ST*40*7***1"), "tax-exempt", "TXI02"),
        ("charge not rate by quantity", change("*1250*******06", "*1250***2*EA*6**06"), "charge-rate", "SAC05"),
        severity="warning",
    )
    rows += listed(
        "cross-segment",
        ("one party twice", change("N1*BT", "N1*ST"), "party-twice", "N101"),
        ("one meaning of a date twice", insert("N9", "DTM*011*20261124"), "date-twice", "DTM01"),
        ("a period that ends before it begins", insert("N9", "DTM*186*20261105", "DTM*187*20261104"), "date-window",
         "DTM02"),
        ("discount days after the net days", change("ITD*01*3*****30", "ITD*01*3*2**40**30"), "terms-days", "ITD05"),
    )  # fmt: skip
    return rows
