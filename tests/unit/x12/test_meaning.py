"""What two files say differently, in the words of an analyst: order changes, answers to orders, payments."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.x12 import SetBody
from airflow_provider_sagex3_cleo.x12.meaning import differences
from benchmarks.documents import clean, written

ORDER, CHANGE = clean("850", "004010"), clean("860", "004010")
LINE = "POC*1000*QI*5*5*"


def told(first: bytes, second: bytes) -> list[str]:
    return [str(one) for one in differences(first, second)]


def edited(data: bytes, *edits: tuple[str, str]) -> bytes:
    for old, new in edits:
        assert old.encode() in data
        data = data.replace(old.encode(), new.encode(), 1)
    return data


def file_of(set_id: str, group: str, *rows: str) -> bytes:
    return written(SetBody(set_id, group, "004010", tuple(tuple(row.split("*")) for row in rows)))


# --- 860 --------------------------------------------------------------------------------------------------------------
def test_two_changes_of_an_order_differ_by_what_they_do_to_its_lines() -> None:
    other = edited(
        CHANGE,
        ("BCH*04", "BCH*05"),
        ("*20261130~", "*20261201~"),
        (LINE, "POC*1000*QI*6*6*"),
        ("POC*3000*CT*3*2*EA*4.25", "POC*3000*PC*3*2*EA*4.5"),
    )
    assert told(CHANGE, other) == [
        "860 POH2600000000, BCH, purpose: 04 (change) -> 05 (replace)",
        "860 POH2600000000, BCH, date of the change: 2026-11-30 -> 2026-12-01",
        "860 POH2600000000, POC line 1000, quantity ordered: 5 -> 6",
        "860 POH2600000000, POC line 1000, quantity left to receive: 5 -> 6",
        "860 POH2600000000, POC line 3000, change of the line: CT (dates changed) -> PC (price changed)",
        "860 POH2600000000, POC line 3000, unit price: 4.25 -> 4.5",
    ]


def test_an_order_and_its_change_differ_by_what_each_line_changes() -> None:
    where = "860 POH2600000000"
    item = "vendor part number (VP) VP-{0}, buyer part number (BP) BP0-{0}, GTIN-12 (UPC) (UP) 012345678905"
    assert told(ORDER, edited(CHANGE, ("20261124*****", "20261125*****"))) == [
        f"{where}, order date: 2026-11-24 -> 2026-11-25",
        f"{where}, AMT total transaction amount (TT), total transaction amount (TT): 21.5 -> 36.75",
        f"{where}, line 1000 (more of it), quantity ordered: 1 -> 5",
        f"{where}, line 1000 (more of it), quantity left to receive: only in the second file: 5",
        f"{where}, line 2000 (item deleted): only in the first file: assigned number 2000, quantity ordered 2, "
        f"unit EA (each), unit price 3.25, {item.format(2)}",
        f"{where}, line 3000 (dates changed), quantity left to receive: only in the second file: 2",
        f"{where}, line 3000 (dates changed), DTM delivery requested (002), delivery requested (002): "
        "2026-12-02 -> 2026-12-09",
        f"{where}, line 4000 (item added): only in the second file: assigned number 4000, change of the line AI "
        "(item added), quantity ordered 3, quantity left to receive 3, unit EA (each), unit price 4.25, "
        f"{item.format(9)}",
    ]


def test_a_change_before_its_order_says_the_same_the_other_way_round() -> None:
    forth, back = differences(ORDER, CHANGE), differences(CHANGE, ORDER)
    assert [(x.where, x.name, x.second, x.first) for x in back] == [tuple(x) for x in forth]


def test_an_order_is_cancelled_and_another_order_has_nothing_to_do_with_a_change() -> None:
    assert told(ORDER, edited(CHANGE, ("BCH*04", "BCH*01"))) == [
        "860 POH2600000000: only in the first file: the order, which is cancelled"
    ]
    assert told(ORDER, edited(CHANGE, ("*POH2600000000*", "*POH7*"))) == [
        "850 POH2600000000: only in the first file: the document",
        "860 POH7: only in the second file: the document",
    ]


def test_schedules_and_destinations_differ_by_day_and_place_wherever_they_stand() -> None:
    places = [f"S{n}" for n in range(12)]

    def split(order: list[str], first: str, day: str) -> bytes:
        pairs = [f"{place}*{first if place == 'S1' else 1}" for place in order]
        sdq = [f"SDQ*EA*92*{'*'.join(pairs[n : n + 10])}" for n in range(0, len(pairs), 10)]
        more = "~".join([*sdq, "DTM*002*20261202"])
        data = edited(ORDER, ("DTM*002*20261202", more))
        return edited(data, ("PO1*2000", f"SCH*4*EA***002*{day}~SCH*3*EA***002*20261210~PO1*2000"))

    one, other = split(places, "1", "20261209"), split(places[::-1], "5", "20261208")
    assert told(one, split(places[::-1], "1", "20261209")) == []
    assert told(split(places[:10], "1", "20261209"), split(places[:11], "1", "20261209")) == [
        "850 POH2600000000, PO1 line 1000, SDQ EA 92, quantity for S10: only in the second file: 1",
    ]
    assert told(one, other) == [
        "850 POH2600000000, PO1 line 1000, SDQ EA 92, quantity for S1: 1 -> 5",
        "850 POH2600000000, PO1 line 1000, SCH delivery requested (002) 2026-12-09: only in the first file: quantity "
        "4, unit EA (each), delivery requested (002) 2026-12-09",
        "850 POH2600000000, PO1 line 1000, SCH delivery requested (002) 2026-12-08: only in the second file: quantity "
        "4, unit EA (each), delivery requested (002) 2026-12-08",
    ]


# --- 820 --------------------------------------------------------------------------------------------------------------
PAYMENT = file_of(
    "820", "RA", "BPR*I*1400*C*CHK************20261130", "TRN*1*PAY1", "ENT*1", "ADX*-30.5*01*IV*CM1",
    "RMR*IV*INV1**980*1000*20", "RMR*IV*INV2**450.5*500.5", "ADX*-50*01",
)  # fmt: skip


def test_payments_differ_by_invoice_and_adjustment() -> None:
    other = edited(
        PAYMENT,
        ("BPR*I*1400", "BPR*I*420"),
        ("20261130~TRN", "20261201~TRN"),
        ("RMR*IV*INV1**980*1000*20~", ""),
        ("RMR*IV*INV2**450.5*500.5~ADX*-50*", "RMR*IV*INV2**440.5*500.5~ADX*-60*"),
        ("SE*9", "SE*8"),
    )
    assert told(PAYMENT, other) == [
        "820 PAY1, BPR, amount paid: 1400 -> 420",
        "820 PAY1, BPR, date of the payment: 2026-11-30 -> 2026-12-01",
        "820 PAY1, ENT 1, RMR seller invoice number (IV) INV1: only in the first file: seller invoice number (IV) "
        "INV1, amount paid 980, amount of the invoice 1000, discount taken 20",
        "820 PAY1, ENT 1, RMR seller invoice number (IV) INV2, amount paid: 450.5 -> 440.5",
        "820 PAY1, ENT 1, RMR seller invoice number (IV) INV2, ADX 01, amount of the adjustment: -50 -> -60",
    ]


# --- 855, 865 ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("set_id", "group", "beginning", "line"),
    [
        ("855", "PR", "BAK*00*AC*PO1*20261124*****20261126", "PO1*1*10*EA*2.5**VP*V1"),
        ("865", "CA", "BCA*00*AC*PO1***20261124", "POC*1*CA*10*10*EA*2.5**VP*V1"),
    ],
)
def test_answers_to_orders_differ_by_the_status_of_each_line(
    set_id: str, group: str, beginning: str, line: str
) -> None:
    one = file_of(set_id, group, beginning, line, "ACK*IA*10*EA*068*20261202", "CTT*1")
    other = edited(one, ("ACK*IA*10*EA*068*20261202", "ACK*IQ*8*EA*068*20261203"), ("*00*AC*", "*00*AD*"))
    place = f"{set_id} PO1, {line[:3]} line 1, ACK"
    assert told(one, other) == [
        f"{set_id} PO1, {beginning[:3]}, acknowledgment wanted: AC (acknowledge with detail and change) -> AD "
        "(acknowledge with detail, no change)",
        f"{place}, status of the line: IA (accepted) -> IQ (accepted in another quantity)",
        f"{place}, quantity: 10 -> 8",
        f"{place}, current schedule ship (068): 2026-12-02 -> 2026-12-03",
    ]
    parts = edited(one, ("ACK*IA*10*EA*068*20261202", "ACK*IQ*8*EA~ACK*IB*2*EA"), ("SE*6", "SE*7"))
    turned = edited(one, ("ACK*IA*10*EA*068*20261202", "ACK*IB*2*EA~ACK*IQ*7*EA"), ("SE*6", "SE*7"))
    assert told(parts, turned) == [f"{place} accepted in another quantity, quantity: 8 -> 7"]


def test_two_published_answers_in_one_file_say_the_same_as_themselves(reference: Path) -> None:
    data = (reference / "x12_samples" / "855_4010_01_two_sets.txt").read_bytes()
    assert told(data, data) == []
