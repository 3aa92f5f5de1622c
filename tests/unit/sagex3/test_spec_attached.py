"""Tables that hang on a record, sources of some rows only, lines counted by their list: as a site writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs


def _site(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(f"deliveries:\n  {text}\n", encoding="utf-8")
    return path


def test_packs_contents_and_bills_hang_on_a_delivery() -> None:
    spec = load_specs()["deliveries"]
    assert {name: each.cls for name, each in spec.attached.items()} == {
        "packs": "SPACK", "pack_items": "SPACKD", "bills_of_lading": "BILLLADH",
    }  # fmt: skip
    assert spec.rest.sources["SPACK"].only == {"VCRTYP": 4}
    assert spec.rest.sources["BILLLADH"].through == "BOLNUM"
    assert spec.rest.lines is not None
    assert spec.rest.lines.listed == "SDELIVERYD"


def test_a_site_takes_one_of_them_out_and_adds_its_tracking_column(tmp_path: Path) -> None:
    text = "attached: {bills_of_lading: null}\n  columns:\n    YTRACK: {type: text}"
    spec = load_specs(_site(tmp_path, text))["deliveries"]
    assert list(spec.attached) == ["packs", "pack_items"]
    assert "YTRACK" in spec.columns
    assert spec.hash != load_specs()["deliveries"].hash


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("attached:\n    packs: {match: {VCRNUM: SDHNO}}", "unknown column 'SDHNO'"),
        ("attached:\n    packs: {key: {PACNUM: date}}", "unknown type 'date'"),
        ("attached:\n    packs: {only: {VCRTYP: []}}", "VCRTYP"),
        ("attached:\n    seals: {class: YSEAL}", "field 'representation' is missing"),
        ("rest:\n    sources:\n      BILLLADH: {through: BOLNO}", "unknown column 'BOLNO'"),
        ("rest:\n    lines: {listed: YLINES}", "'YLINES' is no source"),
        ("sources: [SDELIVERY, SPACK]", "'SDELIVERYD' is no source"),
    ],
)
def test_a_fault_is_named_with_file_and_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SettingFault) as caught:
        load_specs(_site(tmp_path, text))
    assert sentence in str(caught.value)
    assert ".yaml:" in str(caught.value)
