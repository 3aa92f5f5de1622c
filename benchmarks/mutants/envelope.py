"""Faults that any set can have: in ISA, GS, ST and their trailers, in delimiters and characters."""

from __future__ import annotations

from benchmarks.edits import again, change, cut, drop, insert, tail
from benchmarks.mutants.kinds import Mutant, listed

__all__ = ["envelope"]

GROUPS = {"850": "PO", "810": "IN", "856": "SH", "860": "PC"}
OTHERS = {"850": "810", "810": "856", "856": "850", "860": "850"}
#: A text of each set that may hold anything but delimiters.
TEXT = "Hex bolt M1"


def envelope(set_id: str, release: str) -> list[Mutant]:
    """The mutants of the envelope around a set."""
    group, first = GROUPS[set_id], release == "004010"
    version, eleventh = ("00401", "U") if first else ("00501", "^")
    isa = f"*{eleventh}*{version}*"
    rows = listed(
        "envelope",
        ("sender too wide", change("*SENDER  ", "*SENDER   "), "isa-width", "ISA06"),
        ("sender too narrow", change("*SENDER  ", "*SENDER "), "isa-width", "ISA06"),
        ("sender only blanks", change("*SENDER    ", "*          "), "element-blank", "ISA06"),
        ("authorization qualifier unknown", change("ISA*00*", "ISA*99*"), "isa-code", "ISA01"),
        ("receiver qualifier unknown", change("*01*123456789", "*XX*123456789"), "isa-code", "ISA07"),
        ("acknowledgment flag unknown", change("*0*T*", "*7*T*"), "isa-code", "ISA14"),
        ("usage unknown", change("*0*T*", "*0*Q*"), "isa-code", "ISA15"),
        ("interchange date impossible", change("*261124*1030*", "*261324*1030*"), "element-date", "ISA09"),
        ("interchange time impossible", change("*261124*1030*", "*261124*2530*"), "element-time", "ISA10"),
        ("interchange version unknown", change(isa, f"*{eleventh}*00301*"), "isa-code", "ISA12"),
        ("ISA11 of the other release", change(isa, f"*{'^' if first else 'U'}*{version}*"), "isa11", "ISA11"),
        (
            "ISA12 and GS08 of different releases",
            change(f"*X*{release}", f"*X*{'005010' if first else '004010'}"),
            "release-mixed",
            "GS08",
        ),
        ("GS01 of another set", change(f"GS*{group}", f"GS*{GROUPS[OTHERS[set_id]]}"), "gs01", "GS01"),
        ("GS01 unknown", change(f"GS*{group}", "GS*QQ"), "element-code", "GS01"),
        ("GS02 missing", change("*SENDERGS*", "**"), "element-missing", "GS02"),
        ("GS03 too long", change("*RECVGS*", "*RECEIVERGS123456*"), "element-too-long", "GS03"),
        ("GS04 of six digits", change("*20261124*1030*93", "*261124*1030*93"), "element-too-short", "GS04"),
        ("GS04 impossible", change("*20261124*1030*93", "*20261131*1030*93"), "element-date", "GS04"),
        ("GS05 impossible", change("*20261124*1030*93", "*20261124*1060*93"), "element-time", "GS05"),
        ("GS07 unknown", change("*X*00", "*Z*00"), "element-code", "GS07"),
        ("GS08 without tables", change(f"*X*{release}", "*X*003010"), "release-unknown", "GS08"),
        ("ST01 of another set", change(f"ST*{set_id}", f"ST*{OTHERS[set_id]}"), "gs01", "GS01"),
        ("ST01 no set of the group", change(f"ST*{set_id}", "ST*899"), "gs01", "GS01"),
        ("an element too many in ST", change(f"ST*{set_id}*0001", f"ST*{set_id}*0001***X"), "element-too-many", "ST05"),
        ("something after the end", tail("SEE YOU"), "isa-missing", "SEE YOU"),
    )
    rows += listed(
        "envelope",
        ("IEA missing", drop("IEA"), "iea-missing", "ISA"),
        ("GE missing", drop("GE*"), "ge-missing", "IEA"),
        ("GS missing", drop("GS"), "group-missing", "ST"),
        ("SE missing", drop("SE*"), "se-missing", "GE"),
        ("ST missing", drop("ST*"), "segment-outside", "SE"),
        ("ISA again before IEA", insert("IEA", "ISA" + "*1" * 15 + "*>"), "iea-missing", "ISA"),
        ("a segment between sets", insert("GE*", "NTE*GEN*LATE"), "segment-outside", "NTE"),
        ("a segment after GE", insert("IEA*", "NTE*GEN*LATE"), "segment-outside", "NTE"),
        ("TA1 after the group", insert("IEA", "TA1*000000001*261124*1030*A*000"), "segment-outside", "TA1"),
        ("the file ends in the set", cut(200), "se-missing", "ST"),
        keep_count=True,
    )
    rows += listed(
        "control number",
        ("ISA13 not a number", change("*000000417*0*", "*00000041A*0*"), "element-type", "ISA13"),
        ("IEA02 differs", change("IEA*1*000000417", "IEA*1*000000418"), "isa-control", "IEA02"),
        ("IEA02 too short", change("IEA*1*000000417", "IEA*1*417"), "element-too-short", "IEA02"),
        ("the interchange twice", again("ISA", "IEA"), "isa-control", "ISA13"),
        ("GS06 too long", change("*1030*93*", "*1030*1234567890*"), "element-too-long", "GS06"),
        ("GS06 not a number", change("*1030*93*", "*1030*9B*"), "element-type", "GS06"),
        ("GE02 differs", change("GE*1*93", "GE*1*94"), "gs-control", "GE02"),
        ("the group twice", again("GS*", "GE*"), "gs-control", "GS06"),
        ("ST02 too short", change(f"{set_id}*0001", f"{set_id}*1"), "element-too-short", "ST02"),
        ("ST02 missing", change(f"ST*{set_id}*0001", f"ST*{set_id}"), "element-missing", "ST02"),
        ("SE02 differs", change("*0001", "*0002"), "st-control", "SE02"),
        ("the set twice", again("ST*", "SE*"), "st-control", "ST02"),
        keep_count=True,
    )
    rows += listed(
        "count",
        ("IEA01 wrong", change("IEA*1*", "IEA*2*"), "count-iea01", "IEA01"),
        ("GE01 wrong", change("GE*1*93", "GE*2*93"), "count-ge01", "GE01"),
        ("GE01 not a number", change("GE*1*93", "GE*X*93"), "element-type", "GE01"),
        ("SE01 wrong", change("SE*3", "SE*13"), "count-se01", "SE01"),
        ("SE01 one too low", change("SE*3", "SE*2"), "count-se01", "SE01"),
        ("a segment lost, SE01 kept", drop("REF"), "count-se01", "SE01"),
        keep_count=True,
    )
    rows += listed(
        "delimiter",
        ("component separator equals element separator", change("*0*T*>", "*0*T**"), "delimiters", "ISA16"),
        ("component separator a letter", change("*0*T*>", "*0*T*A"), "delimiters", "ISA16"),
        ("component separator a blank", change("*0*T*>", "*0*T* "), "delimiters", "ISA16"),
        ("element separator in a text", change(TEXT, "Hex*bolt*M1"), "element-too-long", "PID"),
        ("segment terminator in a text", change(TEXT, "Hex~bolt"), "count-se01", "SE01"),
        ("component separator in a text", change(TEXT, "Hex>bolt"), "character", "PID05"),
        ("last terminator missing", cut(1), "segment-unterminated", "IEA"),
        keep_count=True,
    )
    rows += listed(
        "character",
        ("accent in an id", change("*SENDERGS*", "*SEND\u00c9RGS*"), "character", "GS02"),
        ("accent in a text", change(TEXT, "H\u00e9x bolt"), "character", "PID05"),
        ("line end in a text", change(TEXT, "Hex\nbolt"), "character", "PID05"),
        ("tab in a text", change(TEXT, "Hex\tbolt"), "character", "PID05"),
        ("NUL in a text", change(TEXT, "Hex\x00bolt"), "character", "PID05"),
        ("unit separator in a text", change(TEXT, "Hex\x1fbolt"), "character", "PID05"),
        ("backquote in a text", change(TEXT, "Hex`bolt"), "character", "PID05"),
        ("segment id in small letters", change("PID*F", "pid*F"), "segment-unknown", "pid"),
    )
    rows += listed(
        "empty or padded",
        ("empty elements at the end", change("*OH*45501*US", "*OH*45501*US**"), "element-trailing", "N406"),
        ("a segment without elements", change("N4*Springfield*OH*45501*US", "N4"), "segment-empty", "N4"),
        ("an empty segment", insert("SE*", ""), "segment-empty", ""),
        ("blanks after a value", change("*45501*", "*45501  *"), "element-padded", "N403"),
        ("blanks before a value", change("*Springfield*", "*  Springfield*"), "element-padded", "N401"),
        ("only blanks in an element", change("*Springfield*", "*    *"), "element-blank", "N401"),
        keep_count=True,
    )
    if not first:
        rows += listed(
            "delimiter",
            ("repetition separator in a text", change(TEXT, "Hex^bolt"), "character", "PID05"),
            ("repetition separator equals component separator", change(isa, f"*>*{version}*"), "delimiters", "ISA16"),
        )
    return rows
