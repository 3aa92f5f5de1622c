"""What Airflow learns about the provider, and that each setting it shows is really read."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.providers_manager import ProvidersManager

from airflow_provider_sagex3_cleo import compat, settings
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings, known_extras
from airflow_provider_sagex3_cleo.dag_factory import acknowledgements_dag, entity_dag, partners_dag
from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.get_provider_info import CLEO_FIELDS, SAGEX3_FIELDS, SETTINGS, get_provider_info
from airflow_provider_sagex3_cleo.hooks import forms
from airflow_provider_sagex3_cleo.sagex3.settings import EXTRAS, SageX3Settings

TYPES = {"sagex3": "sagex3_conn_id", "cleo": "cleo_conn_id", "edi_ledger": "ledger_conn_id"}
SAGEX3 = SageX3Settings.from_connection(
    "sagex3_default", "x3.example.com", 443, "https", "edi", "secret", {"environment": "test", "folder": "SEED"}
)
CLEO = CleoSettings.from_connection(
    "cleo_default", "cleo.example.com", None, "https", "edi", "secret", {"environment": "test"}
)


@pytest.mark.filterwarnings("default")  # Airflow 3 moves this; 2.11 loads libraries that warn
def test_the_three_connection_types_are_there_with_a_hook_each() -> None:
    hooks = ProvidersManager().hooks
    for name, attribute in TYPES.items():
        hook = hooks[name]
        assert hook is not None
        assert hook.connection_id_attribute_name == attribute
        assert hook.package_name == "airflow-provider-sagex3-cleo"


def test_each_form_has_its_fields() -> None:
    widgets = ProvidersManager().connection_form_widgets
    for row in get_provider_info()["connection-types"]:
        kind = row["connection-type"]
        assert {f"extra__{kind}__{name}" for name in row["conn-fields"]} <= set(widgets)


def test_the_forms_of_older_airflows_show_the_same_fields() -> None:
    pytest.importorskip("flask_appbuilder", reason="Airflow 3.2 and later read the form from the provider info")
    for row in get_provider_info()["connection-types"]:
        assert set(forms.widgets(row["connection-type"])) == set(row["conn-fields"])


def test_the_form_of_sage_x3_is_the_list_of_known_extras() -> None:
    assert list(SAGEX3_FIELDS) == [extra.name for extra in EXTRAS]
    for extra in EXTRAS:
        words = [word for word in SAGEX3_FIELDS[extra.name]["schema"].get("enum", []) if word]
        assert words == list(extra.words)
        assert (SAGEX3_FIELDS[extra.name]["schema"].get("format") == "password") is extra.secret


def test_the_form_of_cleo_shows_known_extras_only() -> None:
    known = {field.name: field for field in known_extras()}
    assert set(CLEO_FIELDS) <= set(known)
    for name, field in CLEO_FIELDS.items():
        assert [word for word in field["schema"].get("enum", []) if word] == list(known[name].metadata["choices"])


def test_each_setting_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()

    class Recorder:
        def get(self, section: str, name: str, fallback: Any) -> Any:
            assert section == "sagex3_cleo"
            read.add(name)
            return fallback

    monkeypatch.setattr(settings, "conf", Recorder())
    settings.pipeline_settings(SAGEX3, CLEO)
    settings.entities_file()
    for entity in [name.removesuffix("_daily_schedule") for name in SETTINGS if name.endswith("_daily_schedule")]:
        entity_dag(entity, dag_id="poll")
        entity_dag(entity, dag_id="daily", daily=True)
    acknowledgements_dag()
    partners_dag()
    assert read == set(SETTINGS)


def test_the_defaults_shown_are_those_of_the_pipeline() -> None:
    made = settings.pipeline_settings(SAGEX3, CLEO)
    bare = type(made)(
        made.source, made.target, made.environment_source, made.environment_target, made.agreements,
        conn_id=made.conn_id,
    )  # fmt: skip
    assert made == bare
    assert (made.source, made.target) == ("x3.example.com:443/SEED", "cleo.example.com")
    assert made.agreements == compat.airflow_home() / "edi_agreements"


def test_the_environment_overrides_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__SAGEX3_CLEO__PURCHASE_ORDERS_SCHEDULE", "* * * * *")
    monkeypatch.setenv("AIRFLOW__SAGEX3_CLEO__READ_BACK", "true")
    monkeypatch.setenv("AIRFLOW__SAGEX3_CLEO__SETTLE_S", "1.5")
    assert settings.schedule("purchase_orders") == "* * * * *"
    made = settings.pipeline_settings(SAGEX3, CLEO)
    assert (made.read_back, made.settle_s) == (True, 1.5)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PART_SIZE", "0", "at least 1"),
        ("MAX_PARTS", "17", "a number from 1 to 16"),
        ("PART_SIZE", "2.5", "a whole number"),
        ("SETTLE_S", "soon", "a number"),
        ("SETTLE_S", "-1", "at least 0"),
        ("READ_BACK", "perhaps", "True or False"),
        ("CLEO_ENVELOPE", "none", "file or sets"),
        ("UPLOAD_DEADLINE_S", "400", "less than lease_s (300)"),
        ("ALIGN_MATCH", "code, colour", "names out of code, name, id, folder, apart by commas"),
        ("REFERENCE_FORMATS", "xml", "names out of csv, jsonl, apart by commas"),
        ("REFERENCE_ENTITIES", "orders", "names out of suppliers, customers, products, units, apart by commas"),
        ("REFERENCE_PICKUP", "perhaps", "never or may"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_was_expected(
    name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"AIRFLOW__SAGEX3_CLEO__{name}", value)
    with pytest.raises(SettingFault, match="cannot be used") as caught:
        settings.pipeline_settings(SAGEX3, CLEO)
    text = str(caught.value)
    assert f"[sagex3_cleo] {name.lower()}" in text
    assert f"expected {expected}." in text
    assert f"AIRFLOW__SAGEX3_CLEO__{name}" in text


def test_an_entity_that_nobody_knows_is_named_with_the_known_ones() -> None:
    with pytest.raises(SettingFault, match=r"unknown entity \(value 'orders'\); expected .*purchase_orders"):
        entity_dag("orders", dag_id="orders")


def test_a_schedule_that_is_no_cron_expression_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__SAGEX3_CLEO__PURCHASE_ORDERS_SCHEDULE", "hourly")
    with pytest.raises(SettingFault, match="five fields"):
        settings.schedule("purchase_orders")
