"""Cross-reference tables of an agreement from CSV: entries, duplicates, faults in the file's own lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.partners import Agreement, Tables, check, load_book
from airflow_provider_sagex3_cleo.partners.csv_tables import code_tables

Write = Callable[..., Path]

NUMBERS = "x3,id,qualifier\nITM1,V-100,VP\nITM2,V-200,\n"


def findings(folder: Path) -> list[str]:
    return [str(each) for each in check(folder)]


def test_each_table_of_an_agreement_may_be_a_csv_file(write: Write, partner: str) -> None:
    tables = "units: units.csv\naddresses: stores.csv\ncharges: charges.csv\nitem_numbers: numbers.csv\n"
    folder = write(
        {
            "partners/hardware.yaml": partner + tables,
            "units.csv": "x3,value\nUN,EA\nBOX,BX\n",
            "stores.csv": "x3,kind,id\nST1,assigned_by_buyer,0042\n",
            "charges.csv": "x3,kind,code,description\n1,charge,D240,Freight\n",
            "numbers.csv": NUMBERS,
        }
    )
    (one,) = load_book(folder).agreements
    assert findings(folder) == []
    assert one.units == {"UN": "EA", "BOX": "BX"}
    assert one.addresses["ST1"].id == "0042"
    assert one.charges["1"].code == "D240"
    assert [(n.id, n.qualifier) for n in one.item_numbers.values()] == [("V-100", "VP"), ("V-200", None)]


def test_the_common_tables_may_be_csv_files_too(write: Write) -> None:
    folder = write(
        {
            "tables.yaml": "units: units.csv\nterms: terms.csv\n",
            "units.csv": "x3,value\nUN,EA\n",
            "terms.csv": "x3,net_days,description\nNET30,30,Net 30\n",
        }
    )
    tables = load_book(folder).tables
    assert (tables.units, tables.terms["NET30"].net_days) == ({"UN": "EA"}, 30)


@pytest.mark.parametrize("table", sorted(code_tables(Agreement)))
def test_a_code_that_stands_twice_is_an_error_with_the_file_and_both_lines(
    write: Write, partner: str, table: str
) -> None:
    key, *columns = code_tables(Agreement)[table]
    row = f"CODE,{','.join('1' for _ in columns)}\n"
    text = f"{key},{','.join(columns)}\n{row}OTHER,{','.join('1' for _ in columns)}\n{row}"
    folder = write({"partners/hardware.yaml": f"{partner}{table}: table.csv\n", "table.csv": text})
    assert "table.csv:4: code CODE stands twice (first in line 2)" in findings(folder)


def test_a_wrong_value_is_said_in_the_line_of_the_csv_and_once_only(write: Write, partner: str) -> None:
    second = partner.replace("hardware-850", "hardware-850-late").replace("2026-01-01", "2027-01-01")
    first = f"{partner}effective_to: 2026-12-31\n"
    folder = write(
        {
            "partners/hardware.yaml": f"{first}units: units.csv\n",
            "partners/later.yaml": f"{second}units: units.csv\n",
            "units.csv": "x3,value\nUN,EA\nBOX,box\n",
        }
    )
    (found,) = findings(folder)
    assert found.startswith("units.csv:3: units.BOX: ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("code,value\nUN,EA\n", "units.csv:1: column 'x3' is missing"),
        ("x3,value\nUN,\n", "units.csv:2: 'value' is empty"),
        ("x3,value\n,EA\n", "units.csv:2: 'x3' is empty"),
    ],
)
def test_a_table_that_lacks_something_is_a_fault_at_its_line(
    write: Write, partner: str, text: str, sentence: str
) -> None:
    folder = write({"partners/hardware.yaml": f"{partner}units: units.csv\n", "units.csv": text})
    assert sentence in findings(folder)


def test_a_table_outside_the_folder_is_not_read(write: Write, partner: str) -> None:
    folder = write({"partners/hardware.yaml": f"{partner}units: ../units.csv\n"})
    assert any("lies outside the agreements folder" in each for each in findings(folder))


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("{id: X, qualifier: SK}", "item ITM1 has qualifier SK, not in `order` of `items`"),
        ("{id: '123', qualifier: UP}", "'123' of item ITM1 is no GTIN"),
        ("{id: X, qualifier: QQ}", "unknown qualifier 'QQ'"),
    ],
)
def test_an_item_number_that_could_never_be_sent_is_a_fault(
    write: Write, partner: str, entry: str, sentence: str
) -> None:
    folder = write({"partners/hardware.yaml": f"{partner}item_numbers:\n  ITM1: {entry}\n"})
    assert any(sentence in each for each in findings(folder))


def test_every_mapping_of_the_common_tables_can_be_a_csv() -> None:
    assert {"units", "items", "sites", "terms", "charges", "taxes"} <= set(code_tables(Tables))
