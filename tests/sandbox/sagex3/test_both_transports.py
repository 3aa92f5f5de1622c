"""What holds by REST and by GraphQL alike: the same records, whole orders, keys in order, one request when quiet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import SettingFault, ValueUnreadable
from airflow_provider_sagex3_cleo.sagex3.reader import KeyStamp, Reader, Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

Open = Callable[..., Any]
MINUTE = timedelta(minutes=1)


def keys(reader: Reader, spec: EntitySpec, source: str, **window: Any) -> list[KeyStamp]:
    window.setdefault("lower", None)
    return [row for page in reader.key_pages(spec, source, **window) for row in page.rows]


def one(reader: Reader, spec: EntitySpec, key: str) -> Record:
    (record,) = reader.details(spec, [key])
    return record


def test_the_same_orders_are_equal_record_by_record(
    sandbox: Sandbox, spec: EntitySpec, rest: Open, graphql: Open
) -> None:
    by_rest, by_graphql = rest(), graphql()
    numbers = sorted({row.key for row in keys(by_rest, spec, "PORDER")})
    assert len(numbers) >= 160
    assert numbers == sorted({row.key for row in keys(by_graphql, spec, "PORDER")})
    pairs = list(zip(by_rest.details(spec, numbers), by_graphql.details(spec, numbers), strict=True))
    for one_, other in pairs:
        assert one_ == other
        assert one_.canonical() == other.canonical()
        assert Record.load(one_.canonical()) == one_
    assert [record.key for record, _ in pairs] == numbers


def test_changed_orders_stay_equal_by_both(sandbox: Sandbox, spec: EntitySpec, rest: Open, graphql: Open) -> None:
    edited, received, closed, unsigned = (sandbox.world.new_order(lines=4) for _ in range(4))
    sandbox.clock.advance(5)
    sandbox.world.edit_line(edited, 3000, header_stamp=False, NETPRI="1.5", QTYUOM="7.25")
    sandbox.world.receive(received, 2000, share="0.5")
    sandbox.world.close(closed)
    sandbox.world.unsign(unsigned)
    numbers = [edited, received, closed, unsigned]
    by_rest, by_graphql = list(rest().details(spec, numbers)), list(graphql().details(spec, numbers))
    assert by_rest == by_graphql
    assert [record.fields["CLEFLG"] for record in by_rest] == [1, 1, 2, 1]
    assert [record.fields["APPFLG"] for record in by_rest][-1] == 1


def test_decimals_as_text_make_no_difference(sandbox: Sandbox, spec: EntitySpec, rest: Open) -> None:
    number = sandbox.world.new_order(lines=4, line_values=[{"NETPRI": "1.234567", "QTYUOM": "2.50"}])
    as_numbers = one(rest(), spec, number)
    sandbox.x3.rest.settings.numbers_as_text = True
    assert one(rest(), spec, number) == as_numbers
    assert as_numbers.lines[0]["NETPRI"] == "1.234567"
    assert as_numbers.lines[0]["QTYUOM"] == "2.5"


@pytest.mark.parametrize("lines", [1, 21, 100, 101, 150, 620])
def test_an_order_arrives_whole_however_many_lines_it_has(
    sandbox: Sandbox, spec: EntitySpec, reader: Open, lines: int
) -> None:
    number = sandbox.world.new_order(lines=lines)
    record = one(reader(), spec, number)
    assert [line["POPLIN"] for line in record.lines] == [1000 * n for n in range(1, lines + 1)]
    assert all(line["ITMREF"] and line["QTYUOM"] and line["NETPRI"] for line in record.lines)


def test_rows_with_one_stamp_are_all_read_in_order_and_once(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    stamp = sandbox.clock.now().replace(microsecond=0) + timedelta(days=30)
    numbers = [sandbox.world.new_order(lines=3, stamp=stamp) for _ in range(57)]
    try:
        for source, rows in (("PORDER", 57), ("PORDERQ", 57 * 3)):
            opened = reader(page_size=10)
            pages = list(opened.key_pages(spec, source, lower=stamp))
            listed = [row for page in pages for row in page.rows]
            assert sorted({row.key for row in listed}) == sorted(numbers)
            assert {row.stamp for row in listed} == {stamp}
            assert [row.key for row in listed] == sorted(row.key for row in listed)
            assert len(pages) >= rows / 10
            assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
            if source == "PORDER":
                assert len(listed) == 57
    finally:
        for number in numbers:
            sandbox.world.delete(number)


def test_the_lower_bound_is_inside_and_the_upper_outside(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    start = sandbox.clock.now().replace(microsecond=0) + timedelta(days=60)
    stamps = [start, start + MINUTE, start + 2 * MINUTE]
    numbers = [sandbox.world.new_order(lines=1, stamp=stamp) for stamp in stamps]
    try:
        opened = reader()
        assert [row.key for row in keys(opened, spec, "PORDER", lower=start, upper=stamps[2])] == numbers[:2]
        assert [row.key for row in keys(opened, spec, "PORDER", lower=stamps[1])] == numbers[1:]
    finally:
        for number in numbers:
            sandbox.world.delete(number)


def test_a_quiet_poll_is_one_request_per_source(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    opened = reader()
    for source in opened.sources(spec):
        (page,) = opened.key_pages(spec, source, lower=sandbox.clock.now() + timedelta(days=3650))
        assert page.rows == ()
        assert page.last
        assert abs(page.server_time - sandbox.clock.now()) < timedelta(seconds=5)
    assert opened.meter.requests == len(opened.sources(spec))
    assert len(sandbox.x3.server.log()) == opened.meter.requests


def test_what_a_lookback_shows_again_costs_no_second_request(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    number = sandbox.world.new_order(lines=1)
    opened = reader()
    (page,) = opened.key_pages(spec, "PORDER", lower=sandbox.clock.now() - MINUTE)
    assert number in {row.key for row in page.rows}
    assert page.last
    assert opened.meter.requests == 1


def test_the_clock_is_the_servers_own(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    sandbox.clock.advance(3600)
    page = next(iter(reader().key_pages(spec, "PORDER", lower=sandbox.clock.now() - MINUTE)))
    assert abs(page.server_time - sandbox.clock.now()) < timedelta(seconds=5)
    assert page.server_time - datetime.now(UTC) > timedelta(minutes=50)


def test_a_line_edited_without_its_headers_stamp_is_shown_by_a_line_source_alone(
    sandbox: Sandbox, spec: EntitySpec, reader: Open
) -> None:
    number = sandbox.world.new_order(lines=3)
    sandbox.clock.advance(60)
    since = sandbox.clock.now() - timedelta(seconds=30)
    sandbox.world.edit_line(number, 2000, header_stamp=False, QTYUOM=77)
    opened = reader()
    assert number not in {row.key for row in keys(opened, spec, "PORDER", lower=since)}
    (shown,) = {row for row in keys(opened, spec, "PORDERQ", lower=since) if row.key == number}
    record = one(opened, spec, number)
    assert record.stamp == shown.stamp
    assert record.lines[1]["QTYUOM"] == "77"
    assert record.fields["UPDDATTIM"] < record.lines[1]["UPDDATTIM"]


def test_a_price_edited_alone_is_found_and_moves_the_records_stamp(
    sandbox: Sandbox, spec: EntitySpec, reader: Open
) -> None:
    number = sandbox.world.new_order(lines=2)
    sandbox.clock.advance(60)
    since = sandbox.clock.now() - timedelta(seconds=30)
    sandbox.world.edit_line(number, 1000, header_stamp=False, NETPRI="9.87", GROPRI="9.87", LINAMT="1")
    opened = reader()
    (shown,) = {row for row in keys(opened, spec, "PORDERP", lower=since) if row.key == number}
    assert one(opened, spec, number).stamp == shown.stamp


def test_a_deleted_order_is_not_yielded_and_the_others_are(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    first, gone, last = (sandbox.world.new_order(lines=2) for _ in range(3))
    sandbox.world.delete(gone)
    opened = reader()
    assert [record.key for record in opened.details(spec, [first, gone, last])] == [first, last]
    assert list(opened.details(spec, [gone])) == []


def test_orders_are_found_by_their_business_date_whatever_their_stamp(
    sandbox: Sandbox, spec: EntitySpec, reader: Open
) -> None:
    days = ["2031-01-31", "2031-02-01", "2031-02-28", "2031-03-01"]
    numbers = [sandbox.world.new_order(lines=1, header={"ORDDAT": day}) for day in days]
    window = {"lower": datetime(2031, 2, 1, tzinfo=UTC), "upper": datetime(2031, 3, 1, tzinfo=UTC)}
    opened = reader()
    try:
        found = {row.key for row in keys(opened, spec, "PORDER", by="business_date", **window)}
    finally:
        for number in numbers:
            sandbox.world.delete(number)
    assert found == set(numbers[1:3])
    with pytest.raises(SettingFault, match="PORDERQ: cannot be read by business date"):
        keys(opened, spec, "PORDERQ", by="business_date", **window)


@pytest.mark.parametrize("nothing", ["0000-00-00", "1599-12-31", "1753-01-01", None])
def test_null_dates_and_padding_look_the_same_by_both(
    sandbox: Sandbox, spec: EntitySpec, reader: Open, nothing: str | None
) -> None:
    number = sandbox.world.new_order(
        lines=1, header={"EXTRCPDAT": nothing, "ORDREF": "  AB 1  ", "BPRNAM1": " ", "CTY": "Zürich "}
    )
    fields = one(reader(), spec, number).fields
    assert (fields["EXTRCPDAT"], fields["ORDREF"], fields["BPRNAM1"], fields["CTY"]) == (None, "AB 1", None, "Zürich")


def test_a_count_of_lines_that_stays_wrong_marks_that_order_only(
    sandbox: Sandbox, spec: EntitySpec, reader: Open
) -> None:
    good, wrong = sandbox.world.new_order(lines=2), sandbox.world.new_order(lines=2, header={"LINNBR": 3})
    records = {record.key: record for record in reader().details(spec, [wrong, good])}
    assert len(records[good].lines) == 2
    with pytest.raises(ValueUnreadable, match=r"counts 3 lines \(LINNBR\), but 2 were read.*line_count"):
        _ = records[wrong].lines
    again = Record.load(records[wrong].canonical())
    with pytest.raises(ValueUnreadable):
        _ = again.lines


def test_an_order_without_lines_is_a_record_without_lines(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    number = sandbox.world.new_order(lines=0)
    assert one(reader(), spec, number).lines == ()


def test_check_says_that_all_is_well(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    results = reader().probe(spec)
    assert len(results) >= 3
    assert all(result.ok and not result.remedy for result in results)


@pytest.mark.parametrize("sessions", [1, 3])
def test_details_come_in_the_order_asked_for_and_within_the_session_limit(
    sandbox: Sandbox, spec: EntitySpec, reader: Open, sessions: int
) -> None:
    numbers = [sandbox.world.new_order(lines=3) for _ in range(30)][::-1]
    before = sandbox.x3.rest.sessions_opened
    opened = reader(sessions=sessions, details_size=4)
    assert [record.key for record in opened.details(spec, numbers)] == numbers
    keys(opened, spec, "PORDER", lower=sandbox.clock.now() - MINUTE)
    assert opened.meter.sessions <= sessions
    assert sandbox.x3.rest.sessions_opened - before <= sessions


def test_a_caller_that_stops_early_leaves_no_thread_behind(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    numbers = [sandbox.world.new_order(lines=1) for _ in range(24)]
    opened = reader(sessions=3, details_size=1)
    records = opened.details(spec, numbers)
    assert next(records).key == numbers[0]
    records.close()
    asked = opened.meter.requests
    assert asked < len(numbers)
    assert one(opened, spec, numbers[-1]).key == numbers[-1]


def test_texts_discounts_and_places_of_use_are_read_by_both(
    sandbox: Sandbox, spec: EntitySpec, rest: Open, graphql: Open
) -> None:
    number = sandbox.world.new_order(
        lines=2,
        header={"TEX1": "Ring the bell.\r\nAsk for Pat.", "TEX2": "Thank you.", "PJTH": "PRJ-9"},
        line_values=[{"GROPRI": "10", "DISCRGVAL1": "5", "NETPRI": "9.5", "LINTEX": "Wrap it.", "USEPLC": "HALL 3"}],
    )
    by_rest, by_graphql = one(rest(), spec, number), one(graphql(), spec, number)
    assert by_rest == by_graphql
    assert [by_rest.fields[name] for name in ("TEX1", "TEX2", "PJTH")] == [
        "Ring the bell.\nAsk for Pat.", "Thank you.", "PRJ-9",
    ]  # fmt: skip
    first, second = by_rest.all_lines
    assert [first[name] for name in ("GROPRI", "DISCRGVAL1", "DISCRGVAL2", "LINTEX", "USEPLC")] == [
        "10", "5", "0", "Wrap it.", "HALL 3",
    ]  # fmt: skip
    assert (second["LINTEX"], second["DISCRGVAL1"]) == (None, "0")
