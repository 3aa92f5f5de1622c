"""The schema says what a site calls its columns; the file written from it makes reading work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.sagex3.describe import Description, Schema, describe
from airflow_provider_sagex3_cleo.sagex3.sessions import open_transport
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec, load_specs
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

Settings = Callable[..., SageX3Settings]
Look = Callable[[EntitySpec], Description]


@pytest.fixture
def look(settings: Settings) -> Look:
    def ask(spec: EntitySpec) -> Description:
        given = settings(transport="graphql", auth="connected_app")
        transport = open_transport(given)
        transport.attempts = 2
        try:
            return describe(spec, Schema(given, transport))
        finally:
            transport.close()

    return ask


def site_spec(folder: Path, text: str) -> EntitySpec:
    file = folder / "entities.yaml"
    file.write_text(text)
    return load_specs(file)["purchase_orders"]


def test_a_site_that_is_as_specified_needs_no_file(look: Look, spec: EntitySpec, tmp_path: Path) -> None:
    found = look(spec)
    assert (found.lines, found.differs, found.missing) == ([], {}, [])
    assert found.same == len(spec.columns) + len(spec.lines.columns) if spec.lines else 0
    assert site_spec(tmp_path, found.file()).hash == spec.hash


def test_the_file_written_for_an_older_release_makes_it_readable(
    look: Look, spec: EntitySpec, sandbox: Sandbox, graphql: Callable[..., Any], tmp_path: Path
) -> None:
    number = sandbox.world.new_order(lines=3)
    expected = next(graphql().details(spec, [number])).canonical()
    sandbox.x3.graphql.configure(root="xtremX3Purchasing")
    with pytest.raises(e.RequestRejected):
        next(graphql().details(spec, [number]))
    found = look(spec)
    assert found.differs == {
        "columns": {"BPSNUM": {"graphql": "orderFromSupplier.code"}},
        "graphql": {"root": "xtremX3Purchasing", "lines": "purchaseOrderQuantityLines"},
    }
    assert found.missing == []
    mended = site_spec(tmp_path, found.file())
    assert next(graphql().details(mended, [number])).canonical() == expected


def test_a_wrong_name_is_found_by_the_column_in_its_description(look: Look, tmp_path: Path) -> None:
    wrong = "purchase_orders:\n  columns: {BUY: {graphql: purchaser}, PTE: {graphql: terms.code}}\n"
    wrong += "  lines: {columns: {NETPRI: {graphql: price}}}\n"
    found = look(site_spec(tmp_path, wrong))
    assert found.differs == {
        "columns": {"BUY": {"graphql": "buyer.code"}, "PTE": {"graphql": "paymentTerm.code"}},
        "lines": {"columns": {"NETPRI": {"graphql": "netPrice"}}},
    }
    assert "lines.NETPRI: netPrice instead of price" in found.lines


def test_a_column_that_nobody_names_is_a_comment_in_the_file_and_no_guess(look: Look, tmp_path: Path) -> None:
    odd = site_spec(tmp_path, "purchase_orders:\n  columns: {ZCUSTOM: {type: text, graphql: custom}}\n")
    found = look(odd)
    assert found.missing == ["ZCUSTOM"]
    assert found.differs == {}
    assert "# ZCUSTOM: no such property" in found.file()
    assert site_spec(tmp_path, found.file()).name == "purchase_orders"


def test_words_of_a_menu_that_nobody_knows_are_told(look: Look, tmp_path: Path) -> None:
    found = look(site_spec(tmp_path, "purchase_orders:\n  menus: {506: {2: null}}\n"))
    assert any("POHTYP: menu 506 has words nobody knows: contract" in line for line in found.lines)


def test_a_schema_that_may_not_be_asked_says_whom_to_ask(look: Look, spec: EntitySpec, sandbox: Sandbox) -> None:
    sandbox.x3.graphql.configure(introspection=False)
    with pytest.raises(e.RequestRejected) as refused:
        look(spec)
    assert "introspection is allowed" in str(refused.value)


def test_a_node_that_no_package_has_is_told_with_the_remedy(look: Look, tmp_path: Path) -> None:
    with pytest.raises(e.NotFound, match="no package of the schema has the node purchaseContract"):
        look(site_spec(tmp_path, "purchase_orders:\n  graphql: {node: purchaseContract}\n"))


@pytest.mark.parametrize("kind", ["login_page", "wrong_json", "cut_body"])
def test_what_is_no_schema_is_never_read_as_an_empty_one(
    look: Look, spec: EntitySpec, sandbox: Sandbox, kind: str
) -> None:
    sandbox.x3.fault(kind, "/xtrem/api", times=None)
    with pytest.raises(e.ProviderError):
        look(spec)
