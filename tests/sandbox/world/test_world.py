"""The seeded world: what is in it, and what each move changes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.history import BATCH_SIZE
from airflow_provider_sagex3_cleo.sandbox.world import TABLES, World

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def small_world(seed: int = 7, orders: int = 400) -> World:
    return World(seed, Clock(START, frozen=True), orders=orders)


@pytest.fixture
def world() -> World:
    return small_world()


@pytest.fixture(scope="module")
def big() -> World:
    return World(1, Clock(START, frozen=True))


def dump(world: World) -> list[dict]:
    return [world.describe(number) for number in world.orders]


def stamps(world: World, table: str, number: str) -> list[datetime]:
    return [entry[0] for entry in world.entries_of(number, table)]


def test_the_same_seed_makes_the_same_world():
    assert dump(small_world()) == dump(small_world())


def test_another_seed_makes_another_world():
    assert dump(small_world(7)) != dump(small_world(8))


def test_lines_are_the_same_whatever_was_asked_first():
    one, other = small_world(), small_world()
    numbers = list(one.orders)
    forward = {n: one.describe(n) for n in numbers}
    assert {n: other.describe(n) for n in reversed(numbers)} == forward


def test_five_thousand_orders_of_three_hundred_suppliers_are_there():
    world = World(3, Clock(START, frozen=True))
    assert len(world.orders) >= 5_000
    assert len(world.suppliers) >= 300
    assert len(world.enrolled()) < len(world.suppliers) / 10


def test_orders_have_1_to_180_lines_and_one_more_than_150(big):
    counts = [len(order.line_keys()) for order in big.orders.values()]
    assert max(counts) == 180
    assert sum(count >= 150 for count in counts) >= 1
    assert len(big.orders[big.stories["long"]].lines) == 156
    assert [n for n, order in big.orders.items() if not order.line_keys()] == [big.stories["no_lines"]]


def test_every_state_of_signature_closing_kind_and_intersite_is_there(big):
    headers = [order.header for order in big.orders.values()]
    for column, values in {"APPFLG": {1, 2, 3, 4, 5}, "CLEFLG": {1, 2}, "POHTYP": {1, 2}, "BETFCY": {1, 2}}.items():
        assert {h[column] for h in headers} == values, column
    assert any(h["CLEFLG"] == 2 and h["APPFLG"] == 1 for h in headers), "a rejected order"


def test_many_orders_share_one_stamp(big):
    assert Counter(order.stamp for order in big.orders.values()).most_common(1)[0][1] >= BATCH_SIZE


def test_missing_dates_come_in_all_their_spellings(big):
    found = {order.header["EXTRCPDAT"] for order in big.orders.values()}
    assert {date(1599, 12, 31), date(1753, 1, 1), None, "0000-00-00"} <= found


def test_padded_and_non_ascii_texts_are_there(big):
    names = [order.header["BPRNAM0"] for order in big.orders.values()]
    assert any(name != name.strip() for name in names)
    assert any(not name.isascii() for name in names)


def test_some_lines_are_stamped_later_than_their_header(big):
    number = big.stories["line_newer"]
    assert max(stamps(big, "PORDERQ", number)) > big.orders[number].stamp


def test_the_history_ends_before_the_start(big):
    assert all(order.stamp < START for order in big.orders.values())


def test_totals_and_counts_come_from_the_lines(world):
    described = world.describe(world.new_order(lines=5))
    assert described["header"]["TOTORD"] == sum(line["LINAMT"] for line in described["lines"])
    assert described["header"]["LINNBR"] == 5
    for line in described["lines"]:
        assert abs(line["QTYPUU"] * line["NETPRI"] - line["LINAMT"]) <= Decimal("0.005")
        assert line["QTYPUU"] == line["QTYUOM"] * line["UOMPUUCOE"]


def test_a_new_order_is_signed_open_and_stamped_now(world):
    header = world.describe(world.new_order("S0002"))["header"]
    assert (header["BPSNUM"], header["APPFLG"], header["CLEFLG"], header["UPDDATTIM"]) == ("S0002", 3, 1, START)


def test_a_new_order_takes_columns_of_header_and_lines(world):
    number = world.new_order(header={"ORDDAT": "2026-02-01"}, line_values=[{"QTYUOM": "2.5", "UOM": "PAL"}], lines=1)
    described = world.describe(number)
    assert described["header"]["ORDDAT"] == date(2026, 2, 1)
    assert described["lines"][0]["QTYUOM"] == Decimal("2.5")
    assert described["lines"][0]["UOM"] == "PAL"


def test_an_edit_moves_the_stamp_of_header_and_line(world):
    number = world.new_order()
    later = world.clock.advance(60)
    world.edit_line(number, 1000, NETPRI="9.99")
    assert world.orders[number].stamp == later
    assert max(stamps(world, "PORDERP", number)) == later
    line = world.line(number, 1000).merged()
    assert line["LINAMT"] == (line["QTYPUU"] * Decimal("9.99")).quantize(Decimal("0.01"))


def test_a_line_edit_can_leave_the_headers_stamp_alone(world):
    number = world.new_order()
    later = world.clock.advance(60)
    world.edit_line(number, 2000, header_stamp=False, QTYUOM=3)
    assert world.orders[number].stamp == START
    assert stamps(world, "PORDERQ", number) == [START, START, later]
    assert stamps(world, "PORDERP", number) == [START, START, START], "a quantity is in PORDERQ alone"


def test_receipts_in_full_close_the_order_and_receipts_in_part_do_not(world):
    part, full = world.new_order(), world.new_order()
    world.receive(part, share=0.5)
    world.receive(full)
    assert (world.orders[part].header["RCPFLG"], world.orders[part].header["CLEFLG"]) == (2, 1)
    assert (world.orders[full].header["RCPFLG"], world.orders[full].header["CLEFLG"]) == (3, 2)


def test_only_an_order_with_nothing_received_can_be_cancelled(world):
    untouched, received = world.new_order(), world.new_order()
    world.receive(received, 1000, share=0.5)
    world.cancel(untouched)
    assert world.orders[untouched].header["CLEFLG"] == 2
    with pytest.raises(ValueError, match="received in part"):
        world.cancel(received)


def test_signatures_are_taken_back_and_given_again(world):
    number = world.new_order()
    world.unsign(number)
    assert world.orders[number].header["APPFLG"] == 1
    world.sign(number, 5)
    assert world.orders[number].header["APPFLG"] == 5


def test_a_late_commit_appears_with_an_older_stamp(world):
    number = world.late_commit(900)
    assert world.orders[number].stamp == START - timedelta(seconds=900)


def test_a_deleted_order_leaves_no_row(world):
    number = world.new_order()
    world.delete(number)
    assert world.get(number) is None
    for table in TABLES:
        assert number not in {entry[1] for entry in world.index[table].between(None, None)}


def test_a_touch_moves_the_headers_stamp_and_nothing_else(world):
    number = world.new_order()
    before = world.describe(number)
    later = world.clock.advance(60)
    world.touch([number])
    after = world.describe(number)
    assert after["header"] == before["header"] | {"UPDDATTIM": later}
    assert after["lines"] == before["lines"]


def test_a_line_added_comes_last(world):
    number = world.new_order(lines=2)
    assert world.add_line(number, QTYUOM=4) == 3000
    assert world.describe(number)["header"]["LINNBR"] == 3


def test_a_move_on_an_unknown_order_says_so(world):
    with pytest.raises(LookupError, match="no order NONE"):
        world.receive("NONE")


MOVES = st.lists(
    st.tuples(st.sampled_from(["new", "edit", "line", "receive", "close", "late", "delete", "touch", "add"]),
              st.integers(0, 10_000)), max_size=25,
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(MOVES)
def test_after_any_moves_the_indexes_hold_exactly_the_stamps_of_the_orders(moves):
    world = small_world(orders=60)
    for move, pick in moves:
        world.clock.advance(pick % 3)
        number = sorted(world.orders)[pick % len(world.orders)] if world.orders else world.new_order()
        lines = world.orders[number].line_keys()
        match move:
            case "new":
                world.new_order(lines=pick % 4 + 1)
            case "edit":
                world.edit(number, ORDREF="NEW")
            case "line" if lines:
                world.edit_line(number, lines[pick % len(lines)][0], header_stamp=bool(pick % 2), NETPRI=pick)
            case "receive":
                world.receive(number, share=0.5)
            case "close":
                world.close(number)
            case "late":
                world.late_commit(pick)
            case "delete":
                world.delete(number)
            case "touch":
                world.touch([number])
            case "add":
                world.add_line(number)
    for table in TABLES:
        expected = sorted(entry for number in world.orders for entry in world.entries_of(number, table))
        assert list(world.index[table].between(None, None)) == expected
