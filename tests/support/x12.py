"""Documents for property tests of the X12 engine, and right bodies broken in one place."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.documents import Contact, ItemReferences, Party, PostalAddress, Reference
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge
from airflow_provider_sagex3_cleo.x12 import Delimiters, Envelope, SetBody
from airflow_provider_sagex3_cleo.x12.set_rules import SetRules
from airflow_provider_sagex3_cleo.x12.writer import write


def examples(most: int) -> settings:
    """That many examples, however slow the machine is."""
    return settings(max_examples=most, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def long_run(slice_of_it: int) -> settings:
    """As many examples as EDI_EXAMPLES says, and without it a slice (see CONTRIBUTING.md)."""
    return examples(int(os.environ.get("EDI_EXAMPLES", slice_of_it)))


SIGNS = "~*>^|:!<;}\x1d\x1c\x1f\x15"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
GTINS = ("012345678905", "4012345678901", "14012345678908")


def words(most: int) -> st.SearchStrategy[str]:
    """Text that fits `most` characters and holds no delimiter, with blanks inside."""
    return st.text(LETTERS + " .,/()&'-", min_size=2, max_size=most).map(str.strip).filter(lambda x: len(x) >= 2)


def ids(most: int) -> st.SearchStrategy[str]:
    return st.text(LETTERS + "-.", min_size=2, max_size=most)


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


dates = st.dates(date(1950, 1, 1), date(2099, 12, 31))
addresses = st.builds(
    PostalAddress,
    lines=st.lists(words(55), max_size=4).map(tuple),
    city=maybe(words(30)),
    state=maybe(st.sampled_from(["OH", "CA", "NY"])),
    postal_code=maybe(st.text("0123456789", min_size=3, max_size=15)),
    country=maybe(st.sampled_from(["US", "CA", "DEU"])),
)
parties = st.builds(
    Party,
    code=ids(8),
    name=words(60),
    name2=maybe(words(60)),
    identifier_kind=st.sampled_from(["duns", "duns4", "gln", "assigned_by_seller", "assigned_by_buyer", "mutual"]),
    identifier=maybe(ids(80)),
    address=maybe(addresses),
    contact=maybe(st.builds(Contact, name=maybe(words(60)), phone=maybe(ids(80)), email=maybe(ids(60)))),
)
items = st.builds(
    ItemReferences,
    buyer=ids(48),
    vendor=maybe(ids(48)),
    gtin=maybe(st.sampled_from(GTINS)),
    manufacturer=maybe(ids(48)),
    description=maybe(words(80)),
)
quantities = st.decimals("0.001", "9999999999", places=3) | st.integers(1, 10**10).map(Decimal)
delimiters = st.permutations(SIGNS).map(lambda x: Delimiters(x[0], x[1], x[2], x[3]))


money = st.integers(0, 10**7).map(lambda n: Decimal(n) / 100)
percents = st.decimals("0", "99", places=2)
charges = st.builds(
    AllowanceOrCharge,
    kind=st.sampled_from(["allowance", "charge"]),
    code=st.sampled_from(["C310", "D240", "F050", "H750"]),
    amount=money,
    percent=maybe(percents),
    description=maybe(words(80)),
)


def references(*names: str) -> st.SearchStrategy[tuple[Reference, ...]]:
    """A reference of each name, or none of it."""
    each = [maybe(st.builds(Reference, name=st.just(name), value=ids(30))) for name in names]
    return st.tuples(*each).map(lambda found: tuple(x for x in found if x))


def envelope_for(rules: SetRules) -> Envelope:
    return Envelope(
        rules.release, "P", "ZZ", "SENDER", "14", "0123456789", "SNDGS", "RCVGS", None, False, rules.delimiters
    )


def file_of(body: SetBody, rules: SetRules) -> bytes:
    """An interchange with this one set."""
    return write([body], envelope_for(rules), isa=1, gs=1, st=["0001"], at=datetime(2026, 11, 24, 23, 59, tzinfo=UTC))


def plain_rows(data: bytes) -> list[list[str]]:
    """The segments between ST and SE, read by no more than the delimiters' places in the ISA."""
    text = data.decode("ascii")
    element, terminator = text[3], text[105]
    rows = [segment.split(element) for segment in text.split(terminator)]
    first = next(n for n, row in enumerate(rows) if row[0] == "ST")
    last = next(n for n, row in enumerate(rows) if row[0] == "SE")
    return rows[first + 1 : last]


def padded(row: list[str], length: int = 32) -> list[str]:
    """A segment whose absent elements are ''."""
    return row + [""] * (length - len(row))


def broken(body: SetBody, data: st.DataObject, labels: set[tuple[str, int]]) -> SetBody | None:
    """The body with one element changed or one segment gone; None when the drawn element is only a label."""
    rows = list(body.segments)
    at = data.draw(st.integers(0, len(rows) - 1))
    places = [n for n, value in enumerate(rows[at]) if n and value]
    if data.draw(st.booleans()):
        row = list(rows[at])
        place = data.draw(st.sampled_from(places))
        if (row[0], place) in labels:
            return None
        row[place] = data.draw(st.sampled_from([f"{row[place]}7", "", f"7{row[place]}", row[place][:-1]]))
        rows[at] = tuple(row)
    else:
        del rows[at]
    return SetBody(body.set_id, body.functional_group, body.release, tuple(rows))
