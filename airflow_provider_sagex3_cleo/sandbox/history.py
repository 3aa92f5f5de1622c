"""The history of a world: some thousands of orders up to its start, and one order for each odd case."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from airflow_provider_sagex3_cleo.sandbox.masterdata import SITES
from airflow_provider_sagex3_cleo.sandbox.seeding import NO_DATE_1599, NO_DATE_1753

if TYPE_CHECKING:
    from airflow_provider_sagex3_cleo.sandbox.world import World

__all__ = ["BATCH_SIZE", "LONG_ORDER_LINES", "STORIES", "fill_history"]

BATCH_SIZE: Final = 130
"""So many orders share one stamp: a nightly job touched them. More than one page of any client."""
LONG_ORDER_LINES: Final = 156
DAYS: Final = 400

STORIES: Final[dict[str, dict[str, Any]]] = {
    "unsigned": {"header": {"APPFLG": 1}},
    "partly_signed": {"header": {"APPFLG": 2}},
    "signed": {"header": {"APPFLG": 3}},
    "not_managed": {"header": {"APPFLG": 4}},
    "automatic": {"header": {"APPFLG": 5}},
    "closed": {"header": {"CLEFLG": 2}},
    "rejected": {"header": {"CLEFLG": 2, "APPFLG": 1}},
    "contract": {"header": {"POHTYP": 2}},
    "intersite": {"header": {"BETFCY": 2}},
    "long": {"lines": LONG_ORDER_LINES},
    "longest": {"lines": 180},
    "one_line": {"lines": 1},
    "padded": {"header": {"BPRNAM0": "Example Hardware Supply 1".ljust(35), "CTY": " Columbus  ", "ORDREF": " "}},
    "null_date_1599": {"header": {"EXTRCPDAT": NO_DATE_1599}},
    "null_date_1753": {"header": {"EXTRCPDAT": NO_DATE_1753}},
    "null_date_none": {"header": {"EXTRCPDAT": None}},
    "null_date_zeros": {"header": {"EXTRCPDAT": "0000-00-00"}},
    "non_ascii": {"header": {"BPRNAM0": "Éclairage Exemple Ltée", "CTY": "Québec"}, "names": "Tôle pliée 3 mm – Ø 12"},
    "line_newer": {},
    "same_stamp_a": {},
    "same_stamp_b": {},
    "partly_received": {},
    "unknown_unit": {"lines": 2, "first": {"UOM": "PAL"}},
    "no_item_reference": {"lines": 2, "first": {"ITMREFBPS": " "}},
    "delimiter_in_text": {"header": {"ORDREF": "REQ*17~B"}, "lines": 2},
    "six_decimals": {"lines": 2, "first": {"GROPRI": Decimal("0.123456"), "NETPRI": Decimal("0.123456")}},
    "huge_quantity": {"lines": 1, "first": {"QTYUOM": Decimal("12345678901234.5")}},
    "negative_quantity": {"lines": 1, "first": {"QTYUOM": Decimal("-5")}},
    "no_lines": {"lines": 0},
}


def fill_history(world: World, count: int, start: datetime) -> None:
    """Enter `count` orders whose stamps lead up to `start` (the last hour before it stays empty)."""
    draw = random.Random(f"{world.seed}/history")
    plain = count - len(STORIES)
    batch = range(plain // 2, plain // 2 + min(BATCH_SIZE, plain // 4))
    batch_stamp = start
    for n in range(plain):
        age = DAYS * (1 - n / plain) + draw.random()
        entered = start - timedelta(days=age, hours=1)
        stamp = min(
            entered + timedelta(days=draw.random() * 15), start - timedelta(hours=1, seconds=draw.random() * 9e4)
        )
        stamp = stamp.replace(microsecond=0)
        if n in batch:
            batch_stamp = stamp if n == batch.start else batch_stamp
            stamp = batch_stamp
        _enter(world, draw, n, entered, stamp, old=age > 60)
    for turn, (name, story) in enumerate(STORIES.items()):
        entered = (start - timedelta(hours=1, minutes=len(STORIES) - turn)).replace(second=17, microsecond=0)
        world.stories[name] = _enter_story(world, turn, entered, story)
    _finish_stories(world)


def _enter(world: World, draw: random.Random, n: int, entered: datetime, stamp: datetime, *, old: bool) -> None:
    supplier = world.drawer.supplier(draw)
    site = world.drawer.site(draw, supplier)
    columns: dict[str, Any] = {"APPFLG": draw.choices((3, 4, 5, 1, 2), (70, 12, 8, 6, 4))[0]}
    if old and draw.random() < 0.9:
        columns |= {"APPFLG": max(columns["APPFLG"], 3), "CLEFLG": 2, "RCPFLG": 3, "INVFLG": 3, "PRNFLG": 2}
    elif draw.random() < 0.02:
        columns |= {"APPFLG": 1, "CLEFLG": 2}
    if n % 53 == 0:
        columns["POHTYP"] = 2
    if n % 59 == 0:
        columns["BETFCY"] = 2
    if n % 7 == 0:
        columns |= {"BPRNAM0": supplier.names[0].ljust(35), "BPAADDLIG2": " ", "PJTH": " "}
    for step, nothing in ((11, NO_DATE_1599), (13, NO_DATE_1753), (17, None)):
        if n % step == 0:
            columns["EXTRCPDAT"] = nothing
    order = world.drawer.order(
        world.next_number(site.code, entered),
        stamp,
        entered.date(),
        supplier=supplier,
        site=site,
        line_count=world.drawer.line_count(draw),
        **columns,
    )
    world.orders[order.number] = order
    if n % 97 == 0:
        order.lines[0].q["UPDDATTIM"] = stamp + timedelta(minutes=7)


def _enter_story(world: World, turn: int, entered: datetime, story: dict[str, Any]) -> str:
    supplier = world.enrolled()[turn % 4]
    first = dict(story.get("first", {}))
    if "names" in story:
        first["ITMDES"] = story["names"]
    order = world.drawer.order(
        world.next_number("NJ01", entered),
        entered,
        entered.date(),
        supplier=supplier,
        site=SITES["NJ01"],
        line_count=story.get("lines", 4),
        line_values=[first] if first else [],
        **story.get("header", {}),
    )
    world.orders[order.number] = order
    return order.number


def _finish_stories(world: World) -> None:
    """What needs the order to be there already."""
    newer = world.orders[world.stories["line_newer"]]
    newer.lines[-1].q["UPDDATTIM"] = newer.stamp + timedelta(minutes=5)
    twin = world.orders[world.stories["same_stamp_a"]]
    world.orders[world.stories["same_stamp_b"]].header["UPDDATTIM"] = twin.stamp
    partly = world.orders[world.stories["partly_received"]]
    partly.header["RCPFLG"] = 2
    partly.lines[0].q["RCPQTYPUU"] = partly.lines[0].q["QTYPUU"] / 2
