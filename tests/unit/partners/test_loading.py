"""What a person reads when an agreements folder is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.errors import AgreementFault
from airflow_provider_sagex3_cleo.partners import check, load_book

Write = Callable[..., Path]
EXAMPLES = Path(__file__).parents[3] / "examples" / "agreements"


def only(folder: Path) -> str:
    findings = check(folder)
    assert len(findings) == 1, findings
    return str(findings[0])


def agreement(id: str, **keys: str) -> str:
    base = {
        "partner": "S0002",
        "set": '"850"',
        "stage": "live",
        "effective_from": "2026-01-01",
        "ids": "{qualifier: ZZ, id: EXTWO}",
        "folder": "outbound/two",
    }
    return f"id: {id}\n" + "".join(f"{key}: {value}\n" for key, value in {**base, **keys}.items() if value)


def test_the_good_folder_has_no_finding(write: Write) -> None:
    folder = write()
    assert check(folder) == []
    book = load_book(folder)
    assert [a.id for a in book.agreements] == ["hardware-850"]


def test_ids_keep_their_leading_zeros_and_norway_stays_norway(write: Write) -> None:
    book = load_book(write({"tables.yaml": "countries: {NOR: NO}\nsites: {'007': {name: A}}\n"}))
    assert book.agreements[0].ids is not None
    assert book.agreements[0].ids.id == "0005550001"
    assert book.tables.country("NOR") == "NO"
    assert "007" in book.tables.sites


def test_the_examples_are_right_and_load_with_every_stage() -> None:
    assert check(EXAMPLES) == []
    book = load_book(EXAMPLES)
    assert {a.id for a in book.agreements} == {
        "hardware-850", "fasteners-850-4010", "fasteners-850-5010", "electrical-850", "retail-810",
        "retail-856",
    }  # fmt: skip
    assert book.listed_not_for_edi("S0009")
    electrical = book.agreement("electrical-850")
    assert electrical is not None
    assert electrical.payment_terms["NET60"].description == "60 days net"


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_key(write: Write, partner: str) -> None:
    text = only(write({"partners/hardware.yaml": partner + "setle_s: 60\n"}))
    assert text.startswith("partners/hardware.yaml:8: setle_s: unknown key 'setle_s'; did you mean 'settle_s'?")


def test_an_unknown_nested_key_lists_the_keys_of_that_place(write: Write, partner: str) -> None:
    bad = partner.replace("ids: {qualifier", "ids:\n  qualifer: x\n  gs: EXHW\n# {qualifier")
    findings = [str(f) for f in check(write({"partners/hardware.yaml": bad}))]
    assert (
        "partners/hardware.yaml:7: ids.qualifer: unknown key 'qualifer'; did you mean 'qualifier'? "
        "known keys: qualifier, id, gs"
    ) in findings
    assert "partners/hardware.yaml:6: ids.id: is missing" in findings


def test_an_unknown_key_of_a_site_is_found_in_the_tables(write: Write) -> None:
    text = only(write({"tables.yaml": "sites:\n  NJ01:\n    name: A\n    adress: {}\n"}))
    assert text.startswith("tables.yaml:4: sites.NJ01.adress: unknown key 'adress'; did you mean 'address'?")


def test_a_key_that_stands_twice_is_named_with_both_lines(write: Write, partner: str) -> None:
    text = only(write({"partners/hardware.yaml": partner + "stage: test\n"}))
    assert text == "partners/hardware.yaml:8: key 'stage' stands twice (first in line 4)"


def test_broken_yaml_is_named_with_its_line(write: Write) -> None:
    text = only(write({"partners/hardware.yaml": "id: a\nids: {qualifier: '12'\nfolder: x\n"}))
    assert text.startswith("partners/hardware.yaml:3: is not YAML: ")


def test_an_agreement_id_that_stands_twice_is_named_with_both_places(write: Write) -> None:
    text = only(write({"partners/two.yaml": agreement("hardware-850")}))
    assert text == "partners/two.yaml:1: agreement id 'hardware-850' stands twice (first in partners/hardware.yaml:1)"


def test_two_agreements_that_fit_the_same_documents_are_a_fault_that_names_both(write: Write) -> None:
    text = only(write({"partners/two.yaml": agreement("a"), "partners/zwei.yaml": agreement("b")}))
    assert text.startswith("partners/zwei.yaml:1: 'b' and 'a' (partners/two.yaml:1) fit the same documents")


def test_two_agreements_for_the_same_shipments_in_two_roles_are_a_fault_that_names_both(write: Write) -> None:
    one, two = (agreement(role[:4], role=role, set='"856"', partner="C0001") for role in ("sold_to", "ship_to"))
    text = only(write({"partners/one.yaml": one, "partners/two.yaml": two}))
    assert text.startswith("partners/two.yaml:1: 'ship' and 'sold' (partners/one.yaml:1) fit the same documents")


def test_two_agreements_one_after_the_other_are_right(write: Write) -> None:
    first = agreement("a", effective_to="2026-06-30")
    assert (
        check(write({"partners/1.yaml": first, "partners/2.yaml": agreement("b", effective_from="2026-07-01")})) == []
    )


def test_agreements_that_only_cross_are_a_warning(write: Write) -> None:
    folder = write(
        {"partners/1.yaml": agreement("a", site="NJ01"), "partners/2.yaml": agreement("b", order_address="X")}
    )
    assert [f.severity for f in check(folder)] == ["warning"]
    assert load_book(folder).agreements  # a warning does not stop the run


def test_a_lane_with_two_folders_is_a_fault(write: Write) -> None:
    folder = write({
        "partners/1.yaml": agreement("a", effective_to="2026-06-30"),
        "partners/2.yaml": agreement("b", effective_from="2026-07-01", folder="outbound/new"),
    })  # fmt: skip
    assert only(folder) == (
        "partners/2.yaml:7: lane ZZ:EXDIS>ZZ:EXTWO/orders/P has two folders: 'outbound/new' here and 'outbound/two' "
        "in 'a' (partners/1.yaml:1)"
    )


def test_ids_of_another_partner_are_a_fault_unless_both_say_that_they_share(write: Write) -> None:
    text = only(write({"partners/1.yaml": agreement("a"), "partners/2.yaml": agreement("b", partner="S0003")}))
    assert text.startswith(
        "partners/2.yaml:6: ids ZZ:EXTWO of partner S0003 belong to partner S0002 too ('a', partners/1"
    )
    shared = write({
        "partners/1.yaml": agreement("a", shared_ids="true"),
        "partners/2.yaml": agreement("b", partner="S0003", shared_ids="yes"),
    })  # fmt: skip
    assert check(shared) == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("effective_to: 2025-12-31", "effective_to: 2025-12-31 is before effective_from 2026-01-01"),
        ("effective_to: 31.12.2026", "effective_to: expected a date as YYYY-MM-DD (found '31.12.2026')"),
        ("test_folder: ../secret", "test_folder: '../secret' is unsafe; expected parts of letters"),
        ("test_folder: out\\bound", "test_folder: 'out\\bound' is unsafe"),
        ("test_folder: x/autorun", "test_folder: a folder named 'autorun' is never written to"),
        ("test_folder: 100%/x", "test_folder: '100%/x' is unsafe"),
        ("file_name: '{set}.edi'", "file_name: must hold {isa13}"),
        ("file_name: '../{isa13}'", "file_name: '../{isa13}' is unsafe"),
        ("file_name: '{isa13}{x}'", "file_name: unknown part {x}; known: agreement, isa13, partner, set, usage"),
        ("delimiters: {element: '~'}", "delimiters: two delimiters are the same: '~' '~' '>' '^'"),
        ("delimiters: {element: a}", "delimiters.element: 'a' is no delimiter"),
        ("replacement: '>'", "replacement: '>' is one of the delimiters"),
        ("replacement: ab", "replacement: 'ab' is no replacement"),
        ("items: {order: [VP, XX]}", "items.order.1: unknown qualifier 'XX'; known: VP, "),
        ("items: {order: [VP], required: [buyer]}", "items: 'buyer' is required but no qualifier of"),
        ("units: {PAL: PAL}", "units.PAL: string should match pattern"),
        ("stage: production", "stage: input should be 'setup', 'test', 'parallel' or 'live' (found 'production')"),
        ("settle_s: soon", "settle_s: input should be a valid integer"),
        ("party: {kind: gln, id: '4006381333932'}", "party: the check digit of the gln '4006381333932' is wrong"),
        ("party: {kind: duns, id: '12345'}", "party: '12345' is no duns; expected 9 digits"),
        ("identity: nobody", "identity: identity 'nobody' is not in identities.yaml; known: fresno, us"),
        ("version: 005010UCS", "version: '005010UCS' does not belong to release 004010"),
        ("test_folder:", None),
        ("name:", None),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_line_and_what_was_expected(
    write: Write, partner: str, line: str, sentence: str | None
) -> None:
    key = line.split(":")[0]
    kept = "".join(row for row in partner.splitlines(keepends=True) if not row.startswith(f"{key}:"))
    folder = write({"partners/hardware.yaml": kept + line + "\n"})
    if sentence is None:
        assert check(folder) == []
        return
    text = only(folder).removeprefix(f"partners/hardware.yaml:{len(kept.splitlines()) + 1}: ")
    assert text.removeprefix("identity: ").startswith(sentence.removeprefix("identity: "))


def test_a_deadline_for_acknowledgments_that_cleo_takes_itself_is_a_fault(write: Write, partner: str) -> None:
    folder = write({"partners/hardware.yaml": f"{partner}envelope: cleo\nack_within_h: 4\n"})
    assert "ack_within_h: is never met: under `envelope: cleo`" in only(folder)


def test_all_faults_are_told_at_once_in_one_error(write: Write, partner: str) -> None:
    folder = write({
        "identities.yaml": "identities:\n  us: {company: EXDIS}\n",
        "tables.yaml": "unit: {}\n",
        "partners/hardware.yaml": partner.replace("live", "lively"),
        "partners/empty.yaml": "",
    })  # fmt: skip
    with pytest.raises(AgreementFault) as caught:
        load_book(folder)
    text = str(caught.value)
    for start in ("identities.yaml:2: name: is missing", "identities.yaml:2: ids: is missing",
                  "tables.yaml:1: unit: unknown key 'unit'; did you mean 'units'?",
                  "partners/hardware.yaml:4: stage: input should be",
                  "partners/empty.yaml:1: holds no agreement"):  # fmt: skip
        assert start in text
    assert text.startswith("5 faults in ")
    assert "`sagex3-cleo partners check`" in text


def test_a_file_that_is_missing_or_no_folder_is_said(write: Write, tmp_path: Path) -> None:
    assert "identities.yaml:1: cannot be read: No such file or directory" in map(
        str, check(write({"identities.yaml": None}))
    )
    assert "is no folder" in str(check(tmp_path / "nowhere")[0])


def test_csv_tables_are_read_and_their_faults_have_the_line_of_the_csv(write: Write) -> None:
    folder = write({
        "tables.yaml": "items: items.csv\nsites: sites.csv\n",
        "items.csv": "item,gtin,partner,vendor\nA,012345678905,S0001,V-1\nA,,S0002,V-2\nB,123,,\n",
        "sites.csv": "site,address,name,line1,country\nNJ01,,Newark,1 Street,US\nNJ01,D2,Door 2,1 Street,USX1\n",
    })  # fmt: skip
    assert [str(f) for f in check(folder)] == [
        "items.csv:4: items.B.gtin: '123' is no GTIN: expected 8, 12, 13 or 14 digits",
        "sites.csv:3: sites.NJ01/D2.address.country: string should match pattern '^[A-Z]{2,3}$' (found 'USX1')",
    ]


def test_csv_rows_of_one_item_add_up_and_doubles_are_faults(write: Write) -> None:
    folder = write({
        "tables.yaml": "items: items.csv\n",
        "items.csv": "item,partner,vendor\nA,S0001,V-1\nA,S0002,V-2\n",
    })  # fmt: skip
    assert load_book(folder).tables.items["A"].vendor == {"S0001": "V-1", "S0002": "V-2"}
    bad = write(
        {"tables.yaml": "items: items.csv\n", "items.csv": "item,partner,vendor,x\nA,S1,V\nA,S1,W\n,S1,W\nB,S1\n"}
    )
    assert [str(f) for f in check(bad)] == [
        "items.csv:1: unknown column 'x'; known columns: item, gtin, manufacturer, partner, vendor",
        "items.csv:2: has 3 cells, the first row has 4",
        "items.csv:3: has 3 cells, the first row has 4",
        "items.csv:4: has 3 cells, the first row has 4",
        "items.csv:5: has 2 cells, the first row has 4",
    ]


def test_a_csv_outside_the_folder_is_refused(write: Write) -> None:
    assert "lies outside the agreements folder" in only(write({"tables.yaml": "items: ../items.csv\n"}))


def test_a_partner_both_enrolled_and_listed_is_a_fault(write: Write) -> None:
    text = only(write({"not_for_edi.yaml": "not_for_edi:\n  - S0001\n"}))
    assert text == ("partners/hardware.yaml:2: partner S0001 has an agreement and is listed in not_for_edi.yaml:2")


def test_an_incomplete_agreement_is_a_warning_that_names_the_missing_keys(write: Write) -> None:
    folder = write({"partners/hardware.yaml": "id: h\npartner: S0001\nset: '850'\nstage: live\n"})
    assert only(folder) == (
        "partners/hardware.yaml:1: warning: agreement 'h' is incomplete: effective_from, ids, folder missing; "
        "its documents are held"
    )
    load_book(folder)


def test_our_own_ids_as_the_partners_are_a_fault(write: Write) -> None:
    text = only(write({"partners/two.yaml": agreement("a", ids="{qualifier: ZZ, id: EXDIS}")}))
    assert text == "partners/two.yaml:6: the partner's ids ZZ:EXDIS are our own ('us')"


def test_two_identities_for_one_company_are_a_fault(write: Write) -> None:
    twice = "identities:\n" + "".join(
        f"  {key}: {{company: EXDIS, name: Example, ids: {{qualifier: ZZ, id: {key}X}}}}\n" for key in ("us", "we")
    )
    assert only(write({"identities.yaml": twice})) == (
        "identities.yaml:3: company EXDIS has two identities: 'us' and 'we'"
    )


def test_a_wrong_time_zone_is_named(write: Write) -> None:
    bad = (
        "identities:\n  us:\n    company: A\n    name: A\n    ids: {qualifier: ZZ, id: AA}\n    time_zone: Mars/North\n"
    )
    assert only(write({"identities.yaml": bad})).startswith(
        "identities.yaml:6: time_zone: 'Mars/North' is no time zone"
    )


def test_keys_at_the_top_serve_all_agreements_of_a_file_and_keep_their_line(write: Write) -> None:
    text = "partner: S0002\nset: '850'\nstage: lively\nagreements:\n  - id: a\n  - id: b\n    stage: live\n"
    assert only(write({"partners/two.yaml": text.replace("lively", "setup").replace("b\n", "b\n    folder: a/../b\n")}))
    findings = [str(f) for f in check(write({"partners/two.yaml": text}))]
    assert any(f.startswith("partners/two.yaml:3: stage: input should be") for f in findings)


def test_a_file_that_nobody_reads_is_a_warning(write: Write) -> None:
    text = only(write({"partner.yaml": "id: x\n"}))
    assert text == "partner.yaml:1: warning: nobody reads this file; agreements live in partners/"


def test_the_hash_changes_with_any_file_and_only_then(write: Write) -> None:
    first = load_book(write()).hash
    assert load_book(write()).hash == first
    assert load_book(write({"tables.yaml": "units: {UN: PC}\n"})).hash != first


def test_an_anchor_that_holds_itself_is_a_fault_not_a_crash(write: Write) -> None:
    assert any("nested too deeply" in str(f) for f in check(write({"tables.yaml": "units: &a\n  x: *a\n"})))


_words = st.sampled_from(
    ["id", "partner", "set", "ids", "agreements", "identities", "sites", "items", "units", "x", "[a]", "{a: b}", "- a",
     "850", "~", "null", "&a", "*a", "<<", "'", '"', ":", "#", "\t", "items.csv", "-", "? a", "!!int x", "é",
     "\u2028", "\x07"]
)  # fmt: skip
_texts = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.lists(st.lists(_words, max_size=4).map(" ".join), max_size=6).map("\n".join),
    st.lists(st.tuples(_words, _words).map(": ".join), max_size=6).map("\n".join),
)


@given(
    texts=st.fixed_dictionaries(
        dict.fromkeys(("identities.yaml", "tables.yaml", "not_for_edi.yaml", "partners/a.yaml", "items.csv"), _texts)
    )
)
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_the_files_the_answer_is_a_list_of_places(texts: dict[str, str]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "partners").mkdir()
        for name, text in texts.items():
            (root / name).write_text(text, encoding="utf-8", newline="")
        findings = check(root)
    for finding in findings:
        assert finding.line >= 1
        assert finding.message
