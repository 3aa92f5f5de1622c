"""Where there is no schema to ask, one row and one record of each class say what a site shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.sagex3.describe import Description
from airflow_provider_sagex3_cleo.sagex3.describe_rest import RestProbe, describe_rest
from airflow_provider_sagex3_cleo.sagex3.sessions import open_transport
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec, load_specs
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

Look = Callable[..., Description]


@pytest.fixture
def look(settings: Callable[..., SageX3Settings]) -> Look:
    def ask(spec: EntitySpec, *candidates: str, given: SageX3Settings | None = None) -> Description:
        given = given or settings()
        transport = open_transport(given)
        transport.attempts = 2
        try:
            return describe_rest(spec, RestProbe(given, transport, candidates))
        finally:
            transport.close()

    return ask


def site_spec(folder: Path, text: str, entity: str = "purchase_orders") -> EntitySpec:
    file = folder / "entities.yaml"
    file.write_text(text)
    return load_specs(file)[entity]


@pytest.mark.parametrize("entity", ["purchase_orders", "sales_invoices", "sales_orders"])
def test_a_site_that_is_as_specified_needs_no_file(look: Look, sandbox: Sandbox, entity: str, tmp_path: Path) -> None:
    spec = load_specs()[entity]
    found = look(spec)
    assert (found.differs, found.missing) == ({}, [])
    lines = sum(len(column.tables) for column in spec.lines.columns.values()) if spec.lines else 0
    assert found.same == len(spec.columns) + lines
    assert site_spec(tmp_path, found.file(), entity).hash == spec.hash
    assert len(sandbox.x3.server.log()) == 2 * len({*spec.rest.sources, spec.rest.details_class})


def test_types_are_told_as_the_values_suggest(look: Look, spec: EntitySpec, sandbox: Sandbox) -> None:
    text = "\n".join(look(spec).lines)
    assert "PORDER (PORDER) list: POHNUM text, " in text
    assert "UPDDATTIM datetime" in text
    assert "ORDDAT date" in text
    assert "CLEFLG int" in text
    assert "PORDERQ array of " in text


def test_a_representation_under_another_name_is_found_and_written_down(
    look: Look, sandbox: Sandbox, rest: Callable[..., Any], tmp_path: Path
) -> None:
    wrong = site_spec(
        tmp_path,
        "purchase_orders:\n  rest: {sources: {PORDERQ: {representation: YQ}}, details: {representation: YPOH}}\n",
    )
    found = look(wrong)
    assert found.differs["rest"]["sources"] == {"PORDERQ": {"representation": "PORDERQ"}}
    mended = site_spec(tmp_path, found.file())
    number = sandbox.world.new_order(lines=2)
    assert next(rest().details(mended, [number])).key == number


def test_what_the_site_does_not_show_and_what_it_shows_beyond_are_comments(look: Look, tmp_path: Path) -> None:
    odd = site_spec(
        tmp_path,
        "purchase_orders:\n  columns: {ZCUSTOM: {type: text}, ORDREF: null}\n"
        "  lines: {columns: {ZLINE: {type: int, rest: [PORDERQ]}}}\n",
    )
    found = look(odd)
    assert found.missing == ["ZCUSTOM", "lines.ZLINE"]
    assert found.more["ORDREF"] == "text"
    text = found.file()
    assert "# ZCUSTOM: not shown; null in its place takes it out" in text
    assert "# ORDREF: {type: text} is there too" in text
    assert site_spec(tmp_path, text).name == "purchase_orders"


def test_a_class_that_is_not_there_is_told_and_the_others_go_on(look: Look, tmp_path: Path) -> None:
    found = look(site_spec(tmp_path, "purchase_orders:\n  rest: {sources: {PORDERP: {class: ZPRICE}}}\n"), "ZVIEW")
    assert "ZPRICE: no such class, or no representation of it answers (asked for PORDERP.$query)" in found.lines
    assert found.same > 0
    assert found.missing == []


def test_an_array_under_another_name_is_told_with_those_that_would_fit(look: Look, tmp_path: Path) -> None:
    found = look(site_spec(tmp_path, "purchase_orders:\n  rest: {lines: {child: ZLINES}}\n"))
    assert "rest.lines (ZLINES)" in found.missing
    assert any("these arrays have POPLIN: PORDERQ, PORDERP" in line for line in found.lines)


def test_an_empty_table_is_said_to_be_unseen_and_nothing_is_called_missing(look: Look, spec: EntitySpec) -> None:
    with Sandbox(seed=7, orders=4, supplier_count=40) as empty:
        for number in list(empty.world.orders):
            empty.world.delete(number)
        access = empty.access()["sagex3"]
        given = SageX3Settings.from_connection(
            "x", access["host"], access["port"], access["schema"], access["login"], access["password"], access["extra"]
        )
        found = look(spec, given=given)
    assert (found.same, found.missing, found.differs) == (0, [], {})
    assert "PORDER (PORDER): the list is empty, so neither its columns nor its details could be seen" in found.lines
    assert any("could not be compared" in line for line in found.lines)


@pytest.mark.parametrize("kind", ["login_page", "wrong_json", "cut_body", "maintenance"])
def test_what_is_no_answer_is_never_read_as_an_empty_table(
    look: Look, spec: EntitySpec, sandbox: Sandbox, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_provider_sagex3_cleo.transport._backoff", lambda state: 0.01)
    sandbox.x3.fault(kind, "/api1", times=None)
    with pytest.raises(e.ProviderError):
        look(spec)
