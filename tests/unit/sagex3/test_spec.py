"""Entity specifications: complete defaults, a site's file laid over them, faults by file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs

SPEC = load_specs()["purchase_orders"]
ASSUMPTIONS = Path(__file__).parents[3] / "docs" / "assumptions.md"


def _site(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_key_sources_begin_with_the_header() -> None:
    assert SPEC.sources == ("PORDER", "PORDERQ", "PORDERP")
    assert all(next(iter(source.key)) == "POHNUM" for source in SPEC.rest.sources.values())


def test_every_line_column_is_found_in_a_child_table_and_by_graphql() -> None:
    assert SPEC.lines is not None
    assert SPEC.rest.lines is not None
    tables = {SPEC.rest.lines.child, SPEC.rest.lines.joined}
    for column in SPEC.lines.columns.values():
        assert column.tables, column.name
        assert set(column.tables) <= tables, column.name
        assert column.graphql, column.name
    assert all(column.graphql for column in SPEC.columns.values())


def test_gates_follow_the_rule_that_only_signed_open_orders_go_out() -> None:
    gate = SPEC.gates["APPFLG"]
    assert [gate.verdict(flag) for flag in (1, 2, 3, 4, 5)] == ["wait", "wait", "send", "send", "send"]
    assert gate.verdict(6) == gate.verdict(None) == gate.verdict("inFullMoon") == "unknown"
    assert SPEC.gates["CLEFLG"].verdict(2) == "closed"
    assert SPEC.gates["POHTYP"].verdict(2) == "never"


@pytest.mark.skipif(not ASSUMPTIONS.exists(), reason="docs/assumptions.md is not in this copy")
def test_every_assumed_name_is_listed_with_the_assumptions() -> None:
    page = ASSUMPTIONS.read_text(encoding="utf-8")
    columns = {f"lines.{name}": column for name, column in (SPEC.lines.columns if SPEC.lines else {}).items()}
    for name in SPEC.assumed:
        column = {**SPEC.columns, **columns}[name]
        assert column.graphql is not None
        assert f"| {name} | `{'.'.join(column.graphql)}` |" in page, name


def test_a_site_names_only_what_differs(tmp_path: Path) -> None:
    site = _site(
        tmp_path,
        "purchase_orders:\n"
        "  sources: [PORDER]\n"
        "  columns:\n"
        "    BPRNAM1: null\n"
        "    YREGION: {type: text, graphql: region.code}\n"
        "  gates:\n"
        "    PRNFLG: {send: [yes], wait: ['no']}\n"
        "  rest:\n"
        "    details: {representation: YPOH}\n",
    )
    with pytest.raises(SettingFault, match="neither a number nor a word"):  # a bare yes is true in YAML
        load_specs(site)
    site.write_text(site.read_text().replace("[yes]", "['yes']"))
    spec = load_specs(site)["purchase_orders"]
    assert spec.sources == ("PORDER",)
    assert "BPRNAM1" not in spec.columns
    assert spec.columns["YREGION"].graphql == ("region", "code")
    assert spec.gates["PRNFLG"].verdict(2) == "send"
    assert spec.gates["PRNFLG"].verdict(1) == "wait"
    assert (spec.rest.details_class, spec.rest.details_representation) == ("PORDER", "YPOH")
    assert spec.lines is not None
    assert SPEC.lines is not None
    assert list(spec.lines.columns) == list(SPEC.lines.columns)
    assert spec.hash != SPEC.hash
    assert load_specs()["purchase_orders"].hash == SPEC.hash


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("purchase_orders:\n  colums: {}\n", 2, ("purchase_orders.colums", "unknown field 'colums'", "columns")),
        ("invoices: {}\n", 1, ("unknown field 'invoices'", "purchase_orders")),
        ("purchase_orders:\n  columns:\n    CTY:\n      typ: text\n", 4, ("CTY.typ", "type, graphql, assumed")),
        ("purchase_orders:\n  columns:\n    CTY: {type: money}\n", 3, ("unknown type 'money'", "decimal", "menu 280")),
        ("purchase_orders:\n  gates:\n    APPFLAG: {send: [3]}\n", 3, ("APPFLAG", "one of POHNUM", "APPFLG")),
        ("purchase_orders:\n  gates:\n    APPFLG:\n      send: [onTheMoon]\n", 4, ("onTheMoon", "inFull")),
        ("purchase_orders:\n  gates:\n    APPFLG: {wait: [1, 2, 3]}\n", 3, ("stands in two lists",)),
        ("purchase_orders:\n  stamp: CHGDAT\n", 2, ("unknown column 'CHGDAT'", "UPDDATTIM")),
        ("purchase_orders:\n  stamp: ORDDAT\n", 2, ("not a datetime column",)),
        ("purchase_orders:\n  sources: [PORDER, YLINES]\n", 1, ("source 'YLINES' is missing",)),
        ("purchase_orders:\n  stamp: A\n  stamp: B\n", 3, ("stands twice (first in line 2)",)),
        ("purchase_orders: [\n", 2, ("is not YAML",)),
        ("purchase_orders:\n  graphql: {lines_first: 0}\n", 2, ("lines_first", "at least 1")),
    ],
)
def test_a_fault_names_file_line_and_field_and_what_would_be_right(
    tmp_path: Path, text: str, line: int, words: tuple[str, ...]
) -> None:
    with pytest.raises(SettingFault) as caught:
        load_specs(_site(tmp_path, text))
    message = str(caught.value)
    if "YLINES" not in text:  # that fault lies in the sources block of the defaults
        assert f"site.yaml:{line}:" in message
    for word in words:
        assert word in message


def test_a_missing_file_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingFault, match=r"nowhere\.yaml: the file cannot be read"):
        load_specs(tmp_path / "nowhere.yaml")
