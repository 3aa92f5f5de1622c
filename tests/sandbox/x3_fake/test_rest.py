"""The REST side, one test per fact of the public pages it imitates."""

from __future__ import annotations

import time
from collections import Counter
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
import requests


def resources(answer: requests.Response) -> list[dict]:
    assert answer.status_code == 200, answer.text
    return answer.json()["$resources"]


def test_a_list_has_20_rows_by_default(rest):
    body = rest("PORDER").json()
    assert len(body["$resources"]) == 20
    assert body["$itemsPerPage"] == 20


def test_count_sets_the_page_and_10000_in_one_call_are_given(rest, x3):
    assert len(resources(rest("PORDER", count=7))) == 7
    assert len(resources(rest("PORDER", count=10_000))) == len(x3.world.orders)


def test_a_row_carries_key_url_etag_and_uuid_beside_the_facets_fields(rest):
    row = resources(rest("PORDER", count=1))[0]
    assert {"$key", "$url", "$etag", "$uuid", "POHNUM", "UPDDATTIM"} <= set(row)
    assert row["$key"] == row["POHNUM"]


def test_the_key_of_a_line_is_joined_with_a_tilde(rest):
    row = resources(rest("PORDERQ", count=1))[0]
    assert row["$key"] == f"{row['POHNUM']}~{row['POPLIN']}~{row['POQSEQ']}"
    assert rest("PORDERQ", record=row["$key"]).json()["POHNUM"] == row["POHNUM"]


def test_the_next_link_is_absolute_on_another_host_and_below_mobile1(rest, x3):
    link = rest("PORDER").json()["$links"]["$next"]["$url"]
    assert urlsplit(link).scheme
    assert urlsplit(link).netloc != urlsplit(x3.url).netloc
    assert urlsplit(link).path.startswith("/mobile1/api1/")


def test_following_the_next_links_on_the_own_host_gives_every_order_once_and_ends_without_one(rest, http, x3):
    body, seen = rest("PORDER", count=150).json(), []
    while True:
        seen += [row["POHNUM"] for row in body["$resources"]]
        if "$links" not in body:
            break
        link = urlsplit(body["$links"]["$next"]["$url"])
        body = http.get(f"{x3.url}{link.path}?{link.query}", timeout=10).json()
    assert Counter(seen) == Counter(list(x3.world.orders))


def test_an_empty_result_is_200_with_an_empty_list(rest):
    answer = rest("PORDER", where="POHNUM eq 'NONE'")
    assert resources(answer) == []
    assert "$links" not in answer.json()


@pytest.mark.parametrize(
    ("where", "right"),
    [
        ("POHTYP eq 2", lambda h: h["POHTYP"] == 2),
        ("POHTYP ne 2", lambda h: h["POHTYP"] != 2),
        ("APPFLG lt 3", lambda h: h["APPFLG"] < 3),
        ("APPFLG le 3", lambda h: h["APPFLG"] <= 3),
        ("APPFLG gt 3", lambda h: h["APPFLG"] > 3),
        ("APPFLG ge 3", lambda h: h["APPFLG"] >= 3),
        ("APPFLG between 2 and 4", lambda h: 2 <= h["APPFLG"] <= 4),
        ("BPSNUM like 'S00%'", lambda h: h["BPSNUM"].startswith("S00")),
        ("POHFCY in ('TX01','CA01')", lambda h: h["POHFCY"] in ("TX01", "CA01")),
        ("left(BPSNUM,3) eq 'S01'", lambda h: h["BPSNUM"].startswith("S01")),
        ("CLEFLG eq 1 and APPFLG eq 3 or POHTYP eq 2",
         lambda h: (h["CLEFLG"] == 1 and h["APPFLG"] == 3) or h["POHTYP"] == 2),
        ("CLEFLG eq 1 and (APPFLG eq 3 or POHTYP eq 2)",
         lambda h: h["CLEFLG"] == 1 and (h["APPFLG"] == 3 or h["POHTYP"] == 2)),
        ("not (CLEFLG eq 1)", lambda h: h["CLEFLG"] != 1),
        ("BPRNAM0 eq 'O''Example'", lambda h: False),
        ("ORDDAT ge @2026-01-01@", lambda h: h["ORDDAT"].isoformat() >= "2026-01-01"),
        ("UPDDATTIM ge @2026-02-01T00:00:00Z@ and UPDDATTIM lt @2026-02-15T00:00:00Z@",
         lambda h: "2026-02-01" <= h["UPDDATTIM"].isoformat() < "2026-02-15"),
    ],
)  # fmt: skip
def test_where_gives_exactly_the_rows_that_fit(rest, x3, where, right):
    found = {row["POHNUM"] for row in resources(rest("PORDER", where=where, count=1000))}
    assert found == {n for n, order in x3.world.orders.items() if right(order.header)}


def test_text_is_compared_without_its_padding(rest, x3):
    number = x3.world.new_order(header={"BPRNAM0": "Example Padded     "})
    assert [r["POHNUM"] for r in resources(rest("PORDER", where="BPRNAM0 eq 'Example Padded'"))] == [number]


@pytest.mark.parametrize("separator", [",", ";", ", "])
def test_order_by_takes_commas_and_semicolons_and_a_direction(rest, separator):
    rows = resources(rest("PORDER", orderBy=f"POHFCY desc{separator}POHNUM asc", count=1000))
    assert [(r["POHFCY"], r["POHNUM"]) for r in rows] == sorted(
        sorted((r["POHFCY"], r["POHNUM"]) for r in rows), key=lambda pair: pair[0], reverse=True
    )


@pytest.mark.parametrize("order", ["UPDDATTIM asc,POHNUM asc", "UPDDATTIM desc,POHNUM desc", "UPDDATTIM desc"])
def test_order_by_stamp_both_ways(rest, order):
    rows = [(r["UPDDATTIM"], r["POHNUM"]) for r in resources(rest("PORDER", orderBy=order, count=1000))]
    assert rows == sorted(rows, reverse="desc" in order)


def test_keyset_paging_walks_through_a_batch_of_one_stamp_without_loss(rest, x3):
    seen, mark = [], None
    while True:
        where = f"UPDDATTIM gt @{mark[0]}@ or (UPDDATTIM eq @{mark[0]}@ and POHNUM gt '{mark[1]}')" if mark else ""
        rows = resources(rest("PORDER", where=where, orderBy="UPDDATTIM asc,POHNUM asc", count=30))
        seen += [row["POHNUM"] for row in rows]
        if len(rows) < 30:
            break
        mark = rows[-1]["UPDDATTIM"], rows[-1]["POHNUM"]
    assert Counter(seen) == Counter(list(x3.world.orders))


def test_key_gt_walks_by_the_class_key(rest, x3):
    first = resources(rest("PORDER", count=10))
    rest_of_it = resources(rest("PORDER", key=f"gt.{first[-1]['$key']}", count=1000))
    assert [r["POHNUM"] for r in first + rest_of_it] == sorted(x3.world.orders)


def test_a_property_that_is_not_on_the_facet_is_a_500(rest):
    for query in ({"where": "NOSUCH eq 1"}, {"orderBy": "BUY"}, {"where": "BUY eq 'BUYER1'"}):
        answer = rest("PORDER", **query)
        assert answer.status_code == 500
        assert "$message" in answer.json()["$diagnoses"][0]


@pytest.mark.parametrize(
    "path",
    [
        "NOSUCH?representation=NOSUCH.$query",
        "PORDER?representation=WRONG.$query",
        "PORDER('NONE')?representation=PORDER.$details",
    ],
)
def test_an_unknown_class_representation_or_key_is_a_404(http, x3, path):
    answer = http.get(f"{x3.url}/api1/x3/erp/{x3.folder}/{path}", timeout=10)
    assert answer.status_code == 404
    assert answer.json()["$diagnoses"]


def test_an_unknown_endpoint_is_a_404(rest):
    assert rest("PORDER", endpoint="OTHER").status_code == 404


def test_children_are_in_details_only(rest, x3):
    number = x3.world.stories["long"]
    listed = resources(rest("PORDER", where=f"POHNUM eq '{number}'"))[0]
    record = rest("PORDER", record=number).json()
    assert "PORDERQ" not in listed
    assert len(record["PORDERQ"]) == len(record["PORDERP"]) == record["LINNBR"] == 156


def test_details_carry_the_columns_as_x3_names_them(rest, x3):
    record = rest("PORDER", record=x3.world.new_order()).json()
    assert {"BPRNAM0", "BPRNAM1", "BPAADDLIG2", "TOTORD", "APPFLG"} <= set(record)
    assert record["UPDDATTIM"] == "2026-03-02T08:00:00Z"
    assert record["ORDDAT"] == "2026-03-02"
    assert isinstance(record["TOTORD"], float)


def test_decimals_come_as_text_where_the_build_does_so(rest, x3):
    x3.rest.configure(numbers_as_text=True)
    line = rest("PORDER", record=x3.world.new_order()).json()["PORDERQ"][0]
    assert isinstance(line["QTYUOM"], str)


def test_a_number_too_long_for_a_float_comes_as_text_and_whole(rest, x3):
    number = x3.world.new_order(line_values=[{"QTYUOM": "1234567890123456.789"}], lines=1)
    assert rest("PORDER", record=number).json()["PORDERQ"][0]["QTYUOM"] == "1234567890123456.789"


def test_missing_dates_are_served_as_they_lie_in_the_table(rest, x3):
    stories = x3.world.stories
    found = [
        rest("PORDER", record=stories[f"null_date_{kind}"]).json()["EXTRCPDAT"]
        for kind in ("none", "1599", "1753", "zeros")
    ]
    assert found == [None, "1599-12-31", "1753-01-01", "0000-00-00"]


def test_a_line_edited_without_its_header_shows_in_the_line_table_only(rest, x3):
    number = x3.world.new_order()
    x3.world.clock.advance(60)
    x3.world.edit_line(number, 1000, header_stamp=False, QTYUOM=3)
    since = "UPDDATTIM ge @2026-03-02T08:00:30Z@"
    assert resources(rest("PORDER", where=since)) == []
    assert [r["POHNUM"] for r in resources(rest("PORDERQ", where=since))] == [number]
    assert resources(rest("PORDERP", where=since)) == []


def test_an_order_deleted_between_list_and_read_is_a_404(rest, x3):
    number = x3.world.new_order()
    assert rest("PORDER", record=number).status_code == 200
    x3.world.delete(number)
    assert rest("PORDER", record=number).status_code == 404


def test_the_date_header_is_the_clock_of_the_sandbox(rest, x3):
    x3.world.clock.advance(3600)
    assert parsedate_to_datetime(rest("PORDER").headers["Date"]) == x3.world.clock.now()


def test_no_login_is_a_401_that_asks_for_basic(x3):
    answer = requests.get(f"{x3.url}/api1/x3/erp/PILOT/PORDER", timeout=10)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_wrong_password_is_a_401(x3):
    answer = requests.get(f"{x3.url}/api1/x3/erp/PILOT/PORDER", auth=(x3.login, "wrong"), timeout=10)
    assert answer.status_code == 401


def test_basic_switched_off_is_a_401_without_the_challenge(x3, rest):
    x3.rest.configure(basic=False)
    answer = rest("PORDER")
    assert answer.status_code == 401
    assert "WWW-Authenticate" not in answer.headers


def test_one_client_that_sends_its_cookie_back_opens_one_session(x3, rest, http):
    for _ in range(5):
        rest("PORDER")
    assert x3.rest.sessions_opened == 1
    assert any(cookie.name.startswith("syracuse.sid") for cookie in http.cookies)


def test_every_call_without_a_cookie_opens_a_session(x3, rest, http):
    for _ in range(3):
        rest("PORDER")
        http.cookies.clear()
    assert x3.rest.sessions_opened == 3


def test_a_lost_session_is_a_401_until_the_cookie_is_dropped(x3, rest, http):
    rest("PORDER")
    x3.rest.lose_sessions()
    assert rest("PORDER").status_code == 401
    http.cookies.clear()
    assert rest("PORDER").status_code == 200


def test_an_idle_session_dies(x3, rest):
    rest("PORDER")
    x3.world.clock.advance(1201)
    assert x3.rest.sessions_open == 0
    assert rest("PORDER").status_code == 401


def test_too_many_sessions_are_refused_with_the_licence_text(x3, rest, http):
    x3.rest.configure(session_limit=1, licence_status=500, licence_text="no licence left")
    assert rest("PORDER").status_code == 200
    http.cookies.clear()
    refused = rest("PORDER")
    assert refused.status_code == 500
    assert "no licence left" in refused.text


def test_the_first_call_of_a_session_is_slow_and_the_next_is_not(x3, rest):
    x3.rest.configure(slow_first_s=0.3)
    times = []
    for _ in range(2):
        began = time.monotonic()
        rest("PORDER", count=1)
        times.append(time.monotonic() - began)
    assert times[0] >= 0.3 > times[1]
