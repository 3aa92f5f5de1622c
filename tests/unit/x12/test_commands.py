"""The commands `x12 show`, `check`, `diff` and `json`, as a person uses them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from airflow_provider_sagex3_cleo.cli_x12 import x12
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.x12 import Envelope, Finding
from airflow_provider_sagex3_cleo.x12.agreed import Agreed, agreed
from airflow_provider_sagex3_cleo.x12.meaning import differences
from airflow_provider_sagex3_cleo.x12.model import Delimiters
from airflow_provider_sagex3_cleo.x12.validator import validate
from benchmarks.documents import clean

ROOT = Path(__file__).parents[3]
GOOD = clean("850", "004010")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(x12, [str(x) for x in arguments])


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.edi"
    file.write_bytes(GOOD)
    return file


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.edi"
    file.write_bytes(GOOD.replace(b"*EA*2.25", b"*EA*2.2.5").replace(b"BEG*00*SA", b"BEG*00*QQ"))
    return file


# --- show -------------------------------------------------------------------------------------------------------------
def test_show_says_each_segment_in_words_and_what_is_wrong_under_it(bad: Path) -> None:
    shown = run("show", bad)
    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    at = next(n for n, line in enumerate(lines) if line.strip().startswith("PO1"))
    assert lines[at].strip() == (
        "PO1 Ordered item: assigned number 1000, quantity ordered 1, unit EA (each), unit price 2.2.5, "
        "vendor part number (VP) VP-1, buyer part number (BP) BP0-1, GTIN-12 (UPC) (UP) 012345678905"
    )
    assert lines[at + 1].strip() == (
        "^^^ error element-type: PO104: unit price is not a number of type R, found '2.2.5', "
        "expected digits, a point, a leading minus"
    )


def test_show_has_colours_where_they_are_wanted(bad: Path) -> None:
    assert "\x1b[31m" in run("show", "--color", bad).output
    assert "\x1b[" not in run("show", "--no-color", bad).output


# --- check ------------------------------------------------------------------------------------------------------------
def test_check_tells_all_findings_with_their_place_and_fails(good: Path, bad: Path) -> None:
    done = run("check", good, bad)
    assert done.exit_code == 1
    assert f"{good}: 0 findings" in done.output
    assert (
        f"{bad}: error element-type: PO104: unit price is not a number of type R (PO1 line 1000, unit price; "
        "ISA 000000417 GS 93 ST 0001 segment 23 byte 711). Found '2.2.5', expected digits, a point, a leading minus."
    ) in done.output
    assert f"{bad}: 1 errors, 1 warnings" in done.output
    assert run("check", good).exit_code == 0


def test_check_as_json_has_exactly_the_promised_form(good: Path, bad: Path) -> None:
    done = run("check", "--json", good, bad)
    assert done.exit_code == 1
    first, second = json.loads(done.output)
    assert first == {"file": str(good), "findings": []}
    assert set(second) == {"file", "findings"}
    for finding in second["findings"]:
        assert list(finding) == ["code", "severity", "segment", "element", "found", "expected", "message"]
        assert all(isinstance(value, str) for value in finding.values())
    assert [finding["code"] for finding in second["findings"]] == ["element-code", "element-type"]


def test_warnings_alone_do_not_fail_unless_the_file_is_ours(tmp_path: Path) -> None:
    odd = tmp_path / "odd.edi"
    odd.write_bytes(GOOD.replace(b"BEG*00*SA", b"BEG*00*QQ"))
    assert run("check", odd).exit_code == 0
    assert run("check", "--own", odd).exit_code == 1


def test_the_whole_command_runs_from_a_shell(bad: Path) -> None:
    command = [sys.executable, "-m", "airflow_provider_sagex3_cleo.cli", "x12", "check", "--json", str(bad)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (1, "")
    assert len(json.loads(done.stdout)[0]["findings"]) == 2


def test_what_is_no_x12_is_one_finding(tmp_path: Path) -> None:
    page = tmp_path / "login.html"
    page.write_text("<html>login</html>")
    done = run("check", page)
    assert done.exit_code == 1
    assert "error isa-missing: no ISA where one must begin" in done.output


# --- check --partner --------------------------------------------------------------------------------------------------
@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "examples" / "agreements", tmp_path / "agreements"))


def agreements_of(folder: Path) -> dict[str, Any]:
    """The envelope of the first complete agreement for orders, and its partner."""
    from airflow_provider_sagex3_cleo.pipeline.convert import envelope

    book = load_book(folder)
    agreement = next(a for a in book.agreements if a.set_id == "850" and not a.missing())
    identity = book.identities[agreement.identity or next(iter(book.identities))]
    return {"partner": agreement.partner, "envelope": envelope(agreement, identity)}


def test_a_file_is_held_against_the_agreement_with_its_partner(folder: Path, good: Path) -> None:
    partner = agreements_of(folder)["partner"]
    done = run("check", "--partner", partner, "--agreements", folder, good)
    assert done.exit_code == 1
    assert "error agreement-differs: ISA06 is not as agreed in" in done.output
    unknown = run("check", "--partner", "NOBODY", "--agreements", folder, good)
    assert unknown.exit_code == 1
    assert "no complete agreement" in str(unknown.exception)


PACK = """\
pack: 1
id: partner
set: "850"
rules:
  - {id: three-packs, allow: {codes: {PO103: P3}}, reason: Screws come in three-packs.}
  - {id: currency, codes: {CUR02: CAD}, says: We pay in Canadian dollars., severity: warning}
"""


def test_a_file_is_held_against_a_pack_whose_notes_and_warnings_do_not_fail(folder: Path, good: Path) -> None:
    (folder / "packs").mkdir()
    (folder / "packs" / "partner.yaml").write_text(PACK)
    good.write_bytes(GOOD.replace(b"*EA*2.25", b"*P3*2.25"))
    command = ("check", "--pack", "partner", "--agreements", folder, good)
    done = run(*command)
    assert done.exit_code == 0
    assert f"{good}: note pack-three-packs: Screws come in three-packs (PO1 line 1000, unit; " in done.output
    assert f"{good}: warning pack-currency: We pay in Canadian dollars (CUR, currency; " in done.output
    assert f"{good}: 0 errors, 1 warnings, 1 notes" in done.output
    [file] = json.loads(run(*command, "--json").output)
    for finding in file["findings"]:
        assert list(finding) == ["code", "severity", "segment", "element", "found", "expected", "message"]
    assert [(f["code"], f["severity"]) for f in file["findings"]] == [
        ("pack-currency", "warning"),
        ("pack-three-packs", "note"),
    ]
    assert "neither in packs/ of the agreements nor shipped" in str(
        run("check", "--pack", "nope", "--agreements", folder, good).exception
    )


def test_the_packs_of_a_partner_are_taken_for_its_sets(folder: Path, tmp_path: Path) -> None:
    partner = next(a.partner for a in load_book(folder).agreements if a.pack == "example-retailer-810")
    invoice = tmp_path / "invoice.edi"
    invoice.write_bytes(clean("810", "004010"))
    done = run("check", "--partner", partner, "--agreements", folder, invoice)
    assert "error agreement-differs: " in done.output
    assert "error pack-" in done.output
    data = invoice.read_bytes()
    invoice.write_bytes(data[data.index(b"ST*") : data.index(b"GE*")])
    assert "error pack-" in run("check", "--partner", partner, "--agreements", folder, invoice).output


def test_check_reads_sets_without_an_envelope(good: Path) -> None:
    good.write_bytes(GOOD[GOOD.index(b"ST*") : GOOD.index(b"GE*")])
    assert run("check", good).output == f"{good}: 0 findings\n"


ENVELOPE = Envelope("004010", "T", "ZZ", "SENDER", "01", "123456789", "SENDERGS", "RECVGS")


def under(envelope: Envelope = ENVELOPE, set_id: str = "850") -> list[Finding]:
    return validate(GOOD, rules=[agreed({set_id: [Agreed("orders", envelope)]})])


def test_what_was_agreed_is_compared_value_by_value() -> None:
    assert under() == []
    other = Envelope("004010", "P", "ZZ", "OTHER", "01", "123456789", "SENDERGS", "RECVGS", "004010VICS")
    assert [(f.element, f.found, f.expected) for f in under(other)] == [
        ("ISA06", "SENDER         ", "OTHER"),
        ("ISA15", "T", "P"),
        ("GS08", "004010", "004010VICS"),
    ]
    marks = Envelope(**{**vars(ENVELOPE), "delimiters": Delimiters(component=":")})
    assert [(f.code, f.message) for f in under(marks)] == [
        ("agreement-differs", "orders: the component separator is '>'")
    ]
    small = under(replace(ENVELOPE, charset="basic"))
    assert {f.expected for f in small} == {"characters of the basic set"}
    assert "N1 buyer, name" in {f.path for f in small}


def test_of_several_agreements_the_nearest_one_counts() -> None:
    far = Envelope("005010", "P", "ZZ", "X", "01", "Y", "A1", "B1", charset="basic")
    rule = agreed({"850": [Agreed("far", far), Agreed("near", ENVELOPE)]})
    assert validate(GOOD, rules=[rule]) == []


def test_a_set_without_an_agreement_is_a_warning() -> None:
    assert [(f.severity, f.code) for f in under(set_id="810")] == [("warning", "agreement-missing")]


# --- diff -------------------------------------------------------------------------------------------------------------
def test_diff_says_what_differs_in_business_words(good: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.edi"
    other.write_bytes(
        GOOD.replace(b"PO1*1000*1*EA*2.25", b"PO1*1000*2*EA*2.250")
        .replace(b"N1*ST*Example Warehouse", b"N1*ST*Example Depot")
        .replace(b"DTM*002*20261201~", b"DTM*001*20261210~")
        .replace(b"PO1*3000*", b"PO1*4000*")
    )
    done = run("diff", good, other)
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "850 POH2600000000, DTM delivery requested (002): only in the first file: delivery requested (002) 2026-12-01",
        "850 POH2600000000, N1 ship to (ST), ship to (ST): Example Warehouse -> Example Depot",
        "850 POH2600000000, PO1 line 1000, quantity ordered: 1 -> 2",
        "850 POH2600000000, PO1 line 3000: only in the first file: assigned number 3000, quantity ordered 3, "
        "unit EA (each), unit price 4.25, vendor part number (VP) VP-3, buyer part number (BP) BP0-3, "
        "GTIN-12 (UPC) (UP) 012345678905",
        "850 POH2600000000, DTM cancel after (001): only in the second file: cancel after (001) 2026-12-10",
        "850 POH2600000000, PO1 line 4000: only in the second file: assigned number 4000, quantity ordered 3, "
        "unit EA (each), unit price 4.25, vendor part number (VP) VP-3, buyer part number (BP) BP0-3, "
        "GTIN-12 (UPC) (UP) 012345678905",
        "6 differences",
    ]
    rows = json.loads(run("diff", "--json", good, other).output)
    assert rows[2] == {
        "where": "850 POH2600000000, PO1 line 1000",
        "name": "quantity ordered",
        "first": "1",
        "second": "2",
    }


def test_order_delimiters_numbers_and_spelling_do_not_count(good: Path, tmp_path: Path) -> None:
    same = tmp_path / "same.edi"
    text = GOOD.decode().replace("000000417", "000000999").replace("*0001", "*0007").replace("*2.25*", "*2.250*")
    text = text.replace("VP*VP-1*BP*BP0-1", "BP*BP0-1*VP*VP-1").replace(
        "REF*IA*V100~REF*CT*C-7", "REF*CT*C-7~REF*IA*V100"
    )
    same.write_text(text.replace("*", "|").replace("~", "'\n").replace(">", ":"))
    done = run("diff", good, same)
    assert (done.exit_code, done.output) == (0, "They say the same.\n")


def test_the_same_order_in_both_releases_differs_in_its_release_alone() -> None:
    found = differences(GOOD, clean("850", "005010"))
    assert [str(one) for one in found] == [
        "850 POH2600000000, ISA, interchange version: 00401 -> 00501",
        "850 POH2600000000, GS, release of the standard: 004010 -> 005010",
    ]


def test_levels_of_a_ship_notice_are_matched_by_what_they_are() -> None:
    one = clean("856", "004010")
    other = one.replace(b"SN1*1*1*EA", b"SN1*1*2*CA").replace(b"PRF*PO0**", b"PRF*PO0*7*")
    assert [str(x) for x in differences(one, other)] == [
        "856 SHP2600000000, shipment, order PO0, PRF, release number: only in the second file: 7",
        "856 SHP2600000000, shipment, order PO0, pack 00061234500000000001, item 1, SN1, quantity shipped: 1 -> 2",
        "856 SHP2600000000, shipment, order PO0, pack 00061234500000000001, item 1, SN1, unit: EA (each) -> CA (case)",
    ]


def test_files_of_other_documents_differ_in_their_documents() -> None:
    assert [str(x) for x in differences(GOOD, clean("810", "004010"))] == [
        "850 POH2600000000: only in the first file: the document",
        "810 INV2600000000: only in the second file: the document",
    ]


# --- json -------------------------------------------------------------------------------------------------------------
def test_json_is_a_tree_of_loops_with_names_and_meanings(good: Path) -> None:
    [interchange] = json.loads(run("json", good).output)
    assert interchange["delimiters"] == {"segment": "~", "element": "*", "component": ">", "repetition": None}
    [group] = interchange["groups"]
    [item] = group["sets"]
    assert (item["set"], item["control"]) == ("850", "0001")
    line = next(x for x in item["segments"] if x["segment"] == "PO1")
    assert line["name"] == "Ordered item"
    assert {"element": "PO103", "name": "unit", "value": "EA", "meaning": "each"} in line["elements"]
    assert [x["segment"] for x in line["inside"]] == ["PID", "DTM"]


def test_levels_stand_inside_the_levels_above_them(tmp_path: Path) -> None:
    file = tmp_path / "asn.edi"
    file.write_bytes(clean("856", "004010"))
    [interchange] = json.loads(run("json", file).output)
    top = [x for x in interchange["groups"][0]["sets"][0]["segments"] if x["segment"] == "HL"]
    assert len(top) == 1
    [order] = [x for x in top[0]["inside"] if x["segment"] == "HL"]
    packs = [x for x in order["inside"] if x["segment"] == "HL"]
    assert [[x["segment"] for x in pack["inside"]] for pack in packs] == [["MAN", "HL", "HL"], ["MAN", "HL"]]
