"""Faults inside an 860."""

from __future__ import annotations

from benchmarks.edits import change, drop, drop_all, insert, swap
from benchmarks.mutants.kinds import Mutant, listed

__all__ = ["set_860"]

MORE = "POC*1000*QI*5*5*EA*2.25**VP*VP-1"
GONE = "POC*2000*DI*0*0*EA"
LATER = "POC*3000*CT*3*2*EA"
NEW = "POC*4000*AI*3*3*EA"


def set_860(release: str) -> list[Mutant]:
    """The mutants of the 860 of `documents.clean`."""
    text, other = ("MSG", "MTX*GEN*TEXT") if release == "004010" else ("MTX", "MSG*TEXT")
    rows = listed(
        "structure",
        ("BCH missing", drop("BCH"), "segment-missing", "BCH"),
        ("BCH twice", insert("CUR", "BCH*04*SA*X***20261124"), "segment-over-max", "BCH"),
        ("BEG in place of BCH", change("BCH*04*SA*POH2600000000**1*", "BEG*00*SA*POH2600000000**"), "segment-missing",
         "BCH"),
        ("a line of the order in place of one of the change", change(LATER, "PO1*3000*3*EA*4.25"), "segment-unknown",
         "PO1"),
        ("CTT missing", drop("CTT"), "segment-missing", "CTT"),
        ("CTT twice", insert("SE*", "CTT*4"), "loop-over-max", "CTT"),
        ("no lines at all", drop_all("POC", "PID", "DTM*002*20261202", "DTM*002*20261209"), "ctt-lines", "CTT01"),
        ("a line after the totals", insert("SE*", "POC*5000*AI*1*1*EA*1**VP*X"), "segment-order", "POC"),
        ("description before its line", swap("POC*1000", "PID"), "segment-order", "PID"),
        ("terms after the parties", swap("ITD", "N1*BY"), "segment-order", "DTM"),
        ("currency before the beginning", swap("BCH", "CUR"), "segment-order", "BCH"),
        ("an address after the lines", insert("CTT", "N3*LOST ROAD"), "segment-order", "N3"),
        ("unknown segment", insert("CTT", "ZZZ*1"), "segment-unknown", "ZZZ"),
        ("segment of another set", insert("DTM", "BAK*00*AD*X*20261124"), "segment-unknown", "BAK"),
        ("six terms", insert("ITD", *["ITD*01"] * 5), "segment-over-max", "ITD"),
        ("eleven dates of a line", insert("POC*2000", *["DTM*001*20261201"] * 10), "segment-over-max", "DTM"),
        ("text of the other release", insert(text, other), "segment-unknown", other[:3]),
        ("N9 missing before its text", drop("N9"), "segment-order", text),
    )  # fmt: skip
    rows += listed(
        "presence",
        ("purpose missing", change("BCH*04*", "BCH**"), "element-missing", "BCH01"),
        ("order type missing", change("BCH*04*SA*", "BCH*04**"), "element-missing", "BCH02"),
        ("order number missing", change("*POH2600000000*", "**"), "element-missing", "BCH03"),
        ("order date missing", change("*1*20261124*", "*1**"), "element-missing", "BCH06"),
        ("code of a line missing", change(MORE, "POC*1000**5*5*EA*2.25**VP*VP-1"), "element-missing", "POC02"),
        ("quantity missing", change(MORE, "POC*1000*QI**5*EA*2.25**VP*VP-1"), "element-missing", "POC03"),
        ("release number missing in a release", change("BCH*04*SA", "BCH*04*RL"), "element-missing", "BCH04"),
        ("number of lines missing", change("CTT*4", "CTT*"), "element-missing", "CTT01"),
        ("too many elements", change("*20261130", "*20261130******X"), "element-too-many", "BCH17"),
    )
    rows += listed(
        "type",
        ("quantity not a number", change(MORE, "POC*1000*QI*S*5*EA*2.25**VP*VP-1"), "element-type", "POC03"),
        ("what is left not a number", change(MORE, "POC*1000*QI*5*5,0*EA*2.25**VP*VP-1"), "element-type", "POC04"),
        ("price of two points", change("*EA*2.25", "*EA*2.2.5"), "element-type", "POC06"),
        ("number of lines with a point", change("CTT*4", "CTT*4.0"), "element-type", "CTT01"),
        ("net days not a number", change("*10**30", "*10**3O"), "element-type", "ITD07"),
    )
    rows += listed(
        "length",
        ("order number too long", change("*POH2600000000*", f"*{'9' * 23}*"), "element-too-long", "BCH03"),
        ("purpose too short", change("BCH*04*", "BCH*4*"), "element-too-short", "BCH01"),
        ("code of one letter", change(MORE, "POC*1000*Q*5*5*EA*2.25**VP*VP-1"), "element-too-short", "POC02"),
        ("quantity of 16 digits", change(MORE, "POC*1000*QI*1234567890123456*5*EA*2.25**VP*VP-1"), "element-too-long",
         "POC03"),
        ("ten digits left", change(MORE, "POC*1000*QI*5*1234567890*EA*2.25**VP*VP-1"), "element-too-long", "POC04"),
        ("unit of three letters", change("*EA*2.25", "*EAC*2.25"), "element-too-long", "POC05-1"),
        ("name of 61 characters", change("Example Tools", "X" * 61), "element-too-long", "N102"),
        ("product id of 49 characters", change("*VP-1*", f"*{'V' * 49}*"), "element-too-long", "POC09"),
    )  # fmt: skip
    rows += listed(
        "date",
        ("order date impossible", change("*1*20261124*", "*1*20261131*"), "element-date", "BCH06"),
        ("day of the change impossible", change("*20261130", "*20261331"), "element-date", "BCH11"),
        ("29 February of a common year", change("DTM*002*20261209", "DTM*002*20270229"), "element-date", "DTM02"),
        ("date of six digits", change("DTM*002*20261209", "DTM*002*261209"), "element-too-short", "DTM02"),
    )
    rows += listed(
        "syntax note",
        ("what is left missing", change(MORE, "POC*1000*QI*5**EA*2.25**VP*VP-1"), "syntax", "POC03"),
        ("unit missing", change(MORE, "POC*1000*QI*5*5**2.25**VP*VP-1"), "syntax", "POC03"),
        ("price missing under a basis", change("*EA*2.25*", "*EA**PE"), "syntax", "POC07"),
        ("product id without its qualifier", change("*VP*VP-1", "**VP-1"), "syntax", "POC08"),
        ("qualifier without product id", change("*UP*012345678905", "*UP"), "syntax", "POC12"),
        ("reference without value", change("REF*IA*V100", "REF*IA"), "syntax", "REF02"),
        ("date without value", change("DTM*002*20261209", "DTM*002"), "syntax", "DTM02"),
        ("terms discount without days", change("*2**10**30", "*2****30"), "syntax", "ITD03"),
        ("party without name and identifier", change("N1*BT*Example Accounts*9*1234567890123", "N1*BT"), "syntax",
         "N102"),
        ("schedule with a date without its meaning", insert("POC*2000", "SCH*5*EA****20261201"), "element-missing",
         "SCH05"),
        ("a destination without its quantity", insert("DTM*002*20261202", "SDQ*EA*92*S1*3*S2"), "syntax", "SDQ05"),
    )  # fmt: skip
    rows += listed(
        "code",
        ("purpose not in use", change("BCH*04", "BCH*99"), "element-code", "BCH01"),
        ("order type not in use", change("BCH*04*SA", "BCH*04*QQ"), "element-code", "BCH02"),
        ("code of a line not in use", change("*QI*", "*XX*"), "element-code", "POC02"),
        ("unit not in use", change("*EA*2.25", "*ZQ*2.25"), "element-code", "POC05-1"),
        ("kind of product id not in use", change("*VP*VP-1", "*QZ*VP-1"), "element-code", "POC08"),
        ("party role not in use", change("N1*BT", "N1*Q9"), "element-code", "N101"),
        ("kind of identifier not in use", change("*9*1234567890123", "*7Q*1234567890123"), "element-code", "N103"),
        ("meaning of a date not in use", change("DTM*002*20261209", "DTM*999*20261209"), "element-code", "DTM01"),
        ("terms not in use", change("ITD*01", "ITD*99"), "element-code", "ITD01"),
        ("kind of amount not in use", change("AMT*TT", "AMT*QQ"), "element-code", "AMT01"),
    )
    rows += listed(
        "arithmetic",
        ("CTT01 wrong", change("CTT*4", "CTT*5"), "ctt-lines", "CTT01"),
        ("a line lost", drop("POC*2000*"), "ctt-lines", "CTT01"),
        ("hash total wrong", change("CTT*4*11", "CTT*4*12"), "ctt-hash", "CTT02"),
        ("a quantity changed", change(MORE, "POC*1000*QI*6*5*EA*2.25**VP*VP-1"), "ctt-hash", "CTT02"),
        ("less than nothing left", change(MORE, "POC*1000*QI*5*-5*EA*2.25**VP*VP-1"), "poc-left", "POC04"),
        ("something left of a deleted line", change(GONE, "POC*2000*DI*0*2*EA"), "poc-left", "POC04"),
        ("more left of a new line than is ordered", change(NEW, "POC*4000*AI*3*4*EA"), "poc-left", "POC04"),
        ("a sign where the code says which way", change(MORE, "POC*1000*QI*-5*5*EA*2.25**VP*VP-1"), "quantity-sign",
         "POC03"),
        ("nothing ordered of a new line", change(NEW, "POC*4000*AI*0*0*EA"), "quantity-sign", "POC03"),
        ("schedules of a new line do not add up", insert("CTT", "SCH*2*EA***002*20261209"), "schedule-sum", "POC03"),
        ("schedules with less than what is left", insert("POC*4000", "SCH*1*EA***002*20261209"), "schedule-sum",
         "POC03"),
        ("destinations with less than what is left", insert("DTM*002*20261202", "SDQ*EA*92*S1*1*S2*1"),
         "destination-sum", "POC03"),
    )  # fmt: skip
    rows += listed(
        "cross-segment",
        ("one line number twice", change("POC*3000*", "POC*1000*"), "line-number", "POC01"),
        ("a cancellation that adds lines", change("BCH*04", "BCH*01"), "poc-code", "POC02"),
        ("price without its unit", change(GONE, "POC*2000*DI***"), "unit-missing", "POC05"),
        ("one party twice", change("N1*BT", "N1*ST"), "party-twice", "N101"),
        ("one meaning of a date twice", insert("POC*2000", "DTM*002*20261210"), "date-twice", "DTM01"),
        ("a ship window that ends before it begins", insert("N9", "DTM*037*20261205", "DTM*038*20261204"),
         "date-window", "DTM02"),
        ("discount days after the net days", change("*10**30", "*40**30"), "terms-days", "ITD05"),
    )  # fmt: skip
    return rows
