"""Purchase order -> 850: what is written where, and what is held instead of being cut or guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import Contact, ItemReferences, OrderLine, Party, PurchaseOrder
from airflow_provider_sagex3_cleo.x12 import Delimiters, SetBody
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, build, compare
from airflow_provider_sagex3_cleo.x12.validator import validate_body

Make = Callable[..., PurchaseOrder]
MakeLine = Callable[..., OrderLine]


def rows(body: SetBody, segment: str) -> list[tuple[str, ...]]:
    return [row for row in body.segments if row[0] == segment]


def named(line: OrderLine, **references: str | None) -> OrderLine:
    return line.model_copy(update={"item": ItemReferences(**references)})


def test_an_order_becomes_these_segments(make_order: Make, make_line: MakeLine) -> None:
    body = build(make_order(bill_to=None, lines=(make_line(1),)), Rules850(amount_total=True))
    assert body.segments == (
        ("BEG", "00", "SA", "POH260000417", "", "20261124"),
        ("CUR", "BY", "USD"),
        ("REF", "IA", "V100"),
        ("REF", "CT", "C-7"),
        ("REF", "IL", "REQ-9"),
        ("PER", "BD", "Pat Example", "TE", "555-0100"),
        ("DTM", "002", "20261201"),
        ("N1", "BY", "Example Hardware Supply", "92", "IDBUY"),
        ("N3", "1 Example Road", "Unit 4"),
        ("N4", "Springfield", "OH", "45501", "US"),
        ("N1", "SU", "Example Tools", "92", "IDSUP"),
        ("N3", "1 Example Road", "Unit 4"),
        ("N4", "Springfield", "OH", "45501", "US"),
        ("N1", "ST", "Example Warehouse", "92", "IDWHS"),
        ("N3", "1 Example Road", "Unit 4"),
        ("N4", "Springfield", "OH", "45501", "US"),
        ("PO1", "1", "11", "EA", "1.25", "", "VP", "VP-1", "BP", "BP1"),
        ("PID", "F", "", "", "", "Hex bolt M1"),
        ("DTM", "002", "20261202"),
        ("CTT", "1", "11"),
        ("AMT", "TT", "13.75"),
    )


def test_a_po_number_of_23_characters_is_held_and_says_field_value_limit_and_remedy(make_order: Make) -> None:
    number = "POH26000041700000000001"
    with pytest.raises(e.NotRepresentable) as held:
        build(make_order(number=number), Rules850())
    assert held.value.where == {"field": "number", "value": number}
    assert str(held.value) == (
        "number: 23 characters (value 'POH26000041700000000001'); expected 1 to 22 characters (BEG03). "
        "Shorten it in Sage X3, or allow a replacement in the agreement."
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"vendor_number": "V" * 31}, "vendor_number"),
        ({"internal_reference": "A*B"}, "internal_reference"),
        ({"number": "PO~1"}, "number"),
        ({"number": "PÖ-1"}, "number"),
        ({"notes": ("x" * 265,)}, "notes"),
    ],
)
def test_what_does_not_fit_is_held_with_its_field(change: dict, field: str, make_order: Make) -> None:
    with pytest.raises(e.NotRepresentable) as held:
        build(make_order(**change), Rules850(note_reference="L1"))
    assert held.value.where["field"] == field


def test_a_reference_of_31_characters_fits_in_005010_only(make_order: Make) -> None:
    order = make_order(vendor_number="V" * 31)
    assert ("REF", "IA", "V" * 31) in build(order, Rules850(release="005010")).segments
    with pytest.raises(e.NotRepresentable, match="1 to 30 characters"):
        build(order, Rules850(release="004010"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": Decimal("1234567890123456")}, "lines[0].quantity"),
        ({"unit_price": Decimal("0.12345678901234567")}, "lines[0].unit_price"),
        ({"unit": "QQ"}, "lines[0].unit"),
        ({"item": ItemReferences(vendor="V" * 49)}, "lines[0].item.vendor"),
        ({"item": ItemReferences(vendor="V", description="x" * 81)}, "lines[0].item.description"),
        ({"item": ItemReferences(vendor="A*B")}, "lines[0].item.vendor"),
        ({"item": ItemReferences(vendor="V", gtin="123")}, "lines[0].item.gtin"),
    ],
)
def test_a_line_that_does_not_fit_is_held_with_its_field(
    change: dict, field: str, make_order: Make, make_line: MakeLine
) -> None:
    with pytest.raises(e.NotRepresentable) as held:
        build(make_order(lines=(make_line(1, **change),)), Rules850())
    assert held.value.where["field"] == field


def test_six_decimal_prices_and_huge_quantities_are_written_in_full(make_order: Make, make_line: MakeLine) -> None:
    line = make_line(1, quantity=Decimal("999999999999999"), unit_price=Decimal("0.000001"))
    body = build(make_order(lines=(line,)), Rules850())
    assert rows(body, "PO1")[0][:5] == ("PO1", "1", "999999999999999", "EA", "0.000001")
    assert rows(body, "CTT") == [("CTT", "1", "9999999999")]  # ten digits, the rest drops out on the left
    assert validate_body(body) == []


def test_an_absurd_total_is_held_and_does_not_break_anything(make_order: Make, make_line: MakeLine) -> None:
    line = make_line(1, quantity=Decimal(10**14), unit_price=Decimal(10**16))
    with pytest.raises(e.NotRepresentable) as held:
        build(make_order(lines=(line,)), Rules850(amount_total=True))
    assert held.value.where["field"] == "total"


def test_the_hash_total_is_left_out_when_a_quantity_has_decimals(make_order: Make, make_line: MakeLine) -> None:
    lines = (make_line(1), make_line(2, quantity=Decimal("2.5")))
    assert rows(build(make_order(lines=lines), Rules850()), "CTT") == [("CTT", "2")]
    whole = (make_line(1), make_line(2, quantity=Decimal("2.000")))
    assert rows(build(make_order(lines=whole), Rules850()), "CTT") == [("CTT", "2", "13")]
    assert rows(build(make_order(lines=whole), Rules850(hash_total=False)), "CTT") == [("CTT", "2")]


def test_the_order_total_is_written_in_cents(make_order: Make, make_line: MakeLine) -> None:
    order = make_order(lines=(make_line(1, quantity=Decimal(1), unit_price=Decimal("0.125")),))
    body = build(order, Rules850(amount_total=True))
    assert rows(body, "AMT") == [("AMT", "TT", "0.13")]
    assert compare(order, Rules850(amount_total=True), body) == []


def test_a_drop_shipment_is_marked_as_one(make_order: Make) -> None:
    assert rows(build(make_order(drop_ship=True), Rules850()), "BEG")[0][:3] == ("BEG", "00", "DS")


def test_line_numbers_are_those_of_the_order(make_order: Make, make_line: MakeLine) -> None:
    body = build(make_order(lines=(make_line(3000), make_line(1000))), Rules850())
    assert [row[1] for row in rows(body, "PO1")] == ["3000", "1000"]


def test_item_references_come_in_the_agreed_order_and_missing_ones_are_left_out(
    make_order: Make, make_line: MakeLine
) -> None:
    line = named(make_line(1), buyer="B1", vendor="V1", gtin="4012345678901")
    body = build(make_order(lines=(line,)), Rules850(item_order=("EN", "BP", "MG", "VP")))
    assert rows(body, "PO1")[0][6:] == ("EN", "4012345678901", "BP", "B1", "VP", "V1")


def test_an_item_without_any_agreed_reference_is_held(make_order: Make, make_line: MakeLine) -> None:
    with pytest.raises(e.UnknownItem, match="no reference the agreement asks for; expected VP UP"):
        build(make_order(lines=(named(make_line(1), buyer="B1"),)), Rules850(item_order=("VP", "UP")))


def test_gtins_are_written_under_the_qualifier_of_their_length(make_order: Make, make_line: MakeLine) -> None:
    rules = Rules850(item_order=("UP", "EN", "UK"))
    for gtin, qualifier in (("012345678905", "UP"), ("4012345678901", "EN"), ("14012345678908", "UK")):
        body = build(make_order(lines=(named(make_line(1), gtin=gtin),)), rules)
        assert rows(body, "PO1")[0][6:] == (qualifier, gtin)


def test_a_delimiter_in_text_is_held_unless_a_replacement_is_agreed(make_order: Make, make_line: MakeLine) -> None:
    line = named(make_line(1), vendor="V1", description="Pipe 1/2* 3~4 > 5")
    order = make_order(lines=(line,))
    with pytest.raises(e.NotRepresentable, match=r"'\*' is a delimiter"):
        build(order, Rules850())
    rules = Rules850(replacement=" ")
    body = build(order, rules)
    assert rows(body, "PID") == [("PID", "F", "", "", "", "Pipe 1/2  3 4   5")]
    assert compare(order, rules, body) == []


def test_an_identifier_is_never_mended(make_order: Make) -> None:
    with pytest.raises(e.NotRepresentable) as held:
        build(make_order(number="PO*1"), Rules850(replacement=" ", transliterate=True))
    assert held.value.where["field"] == "number"


def test_the_repetition_separator_is_reserved_from_005010_on(make_order: Make, make_line: MakeLine) -> None:
    marks = Delimiters(repetition="|")
    order = make_order(lines=(named(make_line(1), vendor="V1", description="A|B"),))
    assert rows(build(order, Rules850(delimiters=marks)), "PID")[0][5] == "A|B"
    with pytest.raises(e.NotRepresentable, match="delimiter"):
        build(order, Rules850(release="005010", delimiters=marks))


def test_accents_are_folded_only_where_the_agreement_allows_it(
    make_order: Make, make_party: Callable[..., Party]
) -> None:
    order = make_order(supplier=make_party("SUP", "Größe & Søn “Çelik” – A\tB"))
    with pytest.raises(e.NotRepresentable, match="outside the extended set"):
        build(order, Rules850())
    rules = Rules850(transliterate=True)
    body = build(order, rules)
    assert ("N1", "SU", 'Grosse & Son "Celik" - A B', "92", "IDSUP") in body.segments
    assert compare(order, rules, body) == []


def test_the_basic_set_wants_capitals(make_order: Make) -> None:
    rules = Rules850(charset="basic")
    with pytest.raises(e.NotRepresentable, match="outside the basic set"):
        build(make_order(), rules)
    capital = build(make_order(), replace(rules, transliterate=True))
    assert capital.segments[7] == ("N1", "BY", "EXAMPLE HARDWARE SUPPLY", "92", "IDBUY")


def test_characters_without_a_plain_form_need_a_replacement(make_order: Make, make_party: Callable[..., Party]) -> None:
    order = make_order(supplier=make_party("SUP", "東京 Tools"))
    with pytest.raises(e.NotRepresentable):
        build(order, Rules850(transliterate=True))
    body = build(order, Rules850(transliterate=True, replacement="?"))
    assert ("N1", "SU", "?? Tools", "92", "IDSUP") in body.segments


def test_a_long_description_goes_on_in_the_next_pid_only_where_agreed(make_order: Make, make_line: MakeLine) -> None:
    text = " ".join(f"word{n:03d}" for n in range(30))
    order = make_order(lines=(named(make_line(1), vendor="V1", description=text),))
    with pytest.raises(e.NotRepresentable, match="1 to 80 characters"):
        build(order, Rules850())
    rules = Rules850(split_text=True)
    body = build(order, rules)
    parts = [row[5] for row in rows(body, "PID")]
    assert " ".join(parts) == text
    assert max(map(len, parts)) <= 80
    assert len(parts) > 2
    assert validate_body(body) == []
    assert compare(order, rules, body) == []


def test_a_long_name_goes_on_in_n2_once(make_order: Make, make_party: Callable[..., Party]) -> None:
    rules = Rules850(split_text=True)
    name = "Example Company for Very Long Names and Still Longer Descriptions Limited"
    order = make_order(supplier=make_party("SUP", name))
    body = build(order, rules)
    assert " ".join((rows(body, "N1")[1][2], rows(body, "N2")[0][1])) == name
    assert compare(order, rules, body) == []
    with pytest.raises(e.NotRepresentable) as held:
        build(make_order(supplier=make_party("SUP", f"{name} {name}")), rules)
    assert held.value.where["field"] == "supplier.name"


def test_a_text_without_blanks_is_never_cut(make_order: Make, make_line: MakeLine) -> None:
    order = make_order(lines=(named(make_line(1), vendor="V1", description="x" * 100),))
    with pytest.raises(e.NotRepresentable, match="100 characters"):
        build(order, Rules850(split_text=True))


def test_four_address_lines_take_two_n3_and_a_fifth_is_held(make_order: Make, make_party: Callable[..., Party]) -> None:
    place = make_party("X", "Example Site")
    four = place.address.model_copy(update={"lines": ("A", "B", "C", "D")})
    body = build(make_order(ship_to=place.model_copy(update={"address": four})), Rules850())
    assert ("N3", "A", "B") in body.segments
    assert ("N3", "C", "D") in body.segments
    five = place.address.model_copy(update={"lines": ("A", "B", "C", "D", "E")})
    with pytest.raises(e.NotRepresentable, match="5 address lines"):
        build(make_order(ship_to=place.model_copy(update={"address": five})), Rules850())


def test_unknown_identifier_kinds_and_terms_are_held(make_order: Make, make_party: Callable[..., Party]) -> None:
    with pytest.raises(e.UnmappedValue, match="kind of identifier"):
        build(make_order(buyer=make_party("B", "Example", identifier_kind="passport")), Rules850())
    with pytest.raises(e.UnmappedValue, match="payment terms"):
        build(make_order(terms="NET99"), Rules850(terms={}))


def test_a_party_with_neither_name_nor_identifier_is_held(make_order: Make) -> None:
    with pytest.raises(e.NotRepresentable, match="neither a name nor an identifier"):
        build(make_order(ship_to=Party(code="WHS")), Rules850())


def test_a_contact_without_a_number_keeps_its_name_and_an_empty_one_is_left_out(
    make_order: Make, make_party: Callable[..., Party]
) -> None:
    mail = make_party("B", "Example", contact=Contact(email="desk@example.com"))
    assert rows(build(make_order(buyer=mail), Rules850()), "PER") == [("PER", "BD", "", "EM", "desk@example.com")]
    empty = make_party("B", "Example", contact=Contact(name=" "))
    assert rows(build(make_order(buyer=empty), Rules850()), "PER") == []


def test_notes_are_sent_only_where_agreed(make_order: Make) -> None:
    assert rows(build(make_order(notes=("Handle with care",)), Rules850()), "MSG") == []
    body = build(make_order(notes=("Handle with care",)), Rules850(note_reference="L1"))
    assert rows(body, "MSG") == [("MSG", "Handle with care")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"release": "006010"},
        {"item_order": ("VP", "XX")},
        {"item_order": ()},
        {"item_order": ("VP", "VP")},
        {"replacement": "*"},
        {"replacement": "ab"},
        {"replacement": "é"},
    ],
)
def test_rules_that_cannot_work_are_refused_at_once(wrong: dict) -> None:
    with pytest.raises(e.SettingFault):
        Rules850(**wrong)


@pytest.mark.parametrize(
    "wrong", [{"segment": "A"}, {"element": " "}, {"element": "~"}, {"component": "é"}, {"segment": ""}]
)
def test_delimiters_must_be_different_signs(wrong: dict) -> None:
    with pytest.raises(e.SettingFault):
        Delimiters(**wrong)
