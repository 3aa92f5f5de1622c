"""docker-compose.yaml: fits its schema, publishes nothing beyond 127.0.0.1, holds no secret, pins its images."""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from airflow_provider_sagex3_cleo.get_provider_info import SECTION, SETTINGS, get_provider_info
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import DEFAULT_USERS
from airflow_provider_sagex3_cleo.sandbox.x3_fake import FOLDER, LOGIN, PASSWORD

TOP = Path(__file__).parents[2]
FILE: dict[str, Any] = yaml.safe_load((TOP / "docker-compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
EXAMPLE = (TOP / ".env.example").read_text()
ONE_SHOT = {"init": "runs once; the others wait until it ended well"}
EACH = pytest.mark.parametrize("name", sorted(SERVICES))


def texts(value: Any) -> list[str]:
    """Every text below a value."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [str(value)]


def example() -> dict[str, str]:
    rows = [line.partition("=") for line in EXAMPLE.splitlines() if line and not line.startswith("#")]
    return {name: value for name, _, value in rows}


def test_the_file_fits_the_compose_schema() -> None:
    try:
        package = distribution("check-jsonschema")
    except PackageNotFoundError:
        pytest.skip("NOT CHECKED: check-jsonschema, which brings the Compose schema, is not installed")
    where = package.locate_file("check_jsonschema/builtin_schemas/vendor/compose-spec.json")
    schema = json.loads(Path(str(where)).read_text())
    checker = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in checker.iter_errors(FILE)] == []
    assert not checker.is_valid({**FILE, "services": {"worker": {"imagee": "misspelt"}}})


@EACH
def test_what_is_published_is_published_on_the_loopback_alone(name: str) -> None:
    service = SERVICES[name]
    for port in service.get("ports", []):
        assert isinstance(port, str), "the short form, which names the address"
        assert port.startswith("127.0.0.1:")
    assert service.get("network_mode", "") != "host"
    assert not service.get("privileged")


@EACH
def test_each_service_has_a_health_check_or_a_reason(name: str) -> None:
    if name in ONE_SHOT:
        assert any(s.get("depends_on", {}).get(name, {}).get("condition") == "service_completed_successfully"
                   for s in SERVICES.values())  # fmt: skip
    else:
        assert SERVICES[name]["healthcheck"]["test"]


@EACH
def test_what_is_waited_for_is_there_and_can_be_waited_for(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        if how["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]


@EACH
def test_images_are_pinned_to_a_full_version(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9/-]+:\d+\.\d+[\w.-]*", SERVICES[name]["image"])


def test_our_image_is_built_on_the_airflow_it_is_named_after() -> None:
    text = (TOP / "docker" / "Dockerfile").read_text()
    (base,) = re.findall(r"^FROM apache/airflow:(\d+\.\d+\.\d+)-python3\.\d+$", text, re.M)
    assert re.findall(r"apache-airflow==([\d.]+)", text) == [base]
    assert {s["image"] for s in SERVICES.values() if "build" in s} == {f"sagex3-cleo-airflow:{base}"}
    for source in re.findall(r"^COPY --chown=airflow:root (.+) \S+$", text, re.M):
        for each in source.split():
            assert (TOP / each).exists()
            assert f"!{each}" in (TOP / ".dockerignore").read_text().splitlines()


@EACH
def test_each_of_our_settings_is_a_known_one(name: str) -> None:
    prefix = f"AIRFLOW__{SECTION.upper()}__"
    for key in SERVICES[name].get("environment", {}):
        if key.startswith(prefix):
            assert key.removeprefix(prefix).lower() in SETTINGS


def test_the_connections_are_of_our_types_and_reach_the_services_beside_them() -> None:
    environment = SERVICES["worker"]["environment"]
    kinds = {row["connection-type"] for row in get_provider_info()["connection-types"]}
    ledger = json.loads(environment["AIRFLOW_CONN_EDI_LEDGER"])
    assert ledger["host"] in SERVICES
    assert ledger["schema"] == SERVICES[ledger["host"]]["environment"]["POSTGRES_DB"]
    given = example()
    sagex3, cleo = (json.loads(given[f"{name}_CONNECTION"].strip("'")) for name in ("SAGEX3", "CLEO"))
    assert {ledger["conn_type"], sagex3["conn_type"], cleo["conn_type"]} == kinds
    assert (sagex3["login"], sagex3["password"], sagex3["extra"]["folder"]) == (LOGIN, PASSWORD, FOLDER)
    assert {cleo["login"]: cleo["password"]} == dict(DEFAULT_USERS)


def test_every_value_from_outside_is_in_the_example_and_no_secret_has_a_value() -> None:
    wanted = {match[0]: match[1] for text in texts(FILE) for match in re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", text)}
    given = example()
    assert set(wanted) <= set(given)
    for name, default in wanted.items():
        if "PASSWORD" in name or "SECRET" in name or "KEY" in name:
            assert given[name] == ""
            assert default.startswith(":?"), f"{name} must not have a default"


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|FERNET|AUTH$", key) and key != "AIRFLOW__CORE__AUTH_MANAGER":
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", str(value)), key
    assert "\n.env\n" in (TOP / ".gitignore").read_text()


def test_data_lies_in_named_volumes() -> None:
    used = {mount.partition(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])}
    assert used == set(FILE["volumes"])
    assert {"metadata-db", "ledger-db"} <= used
