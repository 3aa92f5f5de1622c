"""Partners kept aligned: changes in Sage X3 and in Cleo become findings, reference files go once per content."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.errors import ProviderError, SettingFault
from airflow_provider_sagex3_cleo.ledger import Ledger, alignment, audit, reference_files
from airflow_provider_sagex3_cleo.ledger.alignment import FindingRow
from airflow_provider_sagex3_cleo.ledger.reference_files import ReferenceFileRow
from airflow_provider_sagex3_cleo.ledger.states import FindingState
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.pipeline.align import PartnersMisaligned, compare, status_of
from airflow_provider_sagex3_cleo.pipeline.cleo_changes import ChangesUnfinished, CleoPlan, apply_plan, plan_changes
from airflow_provider_sagex3_cleo.pipeline.reference_files import ReferenceFilesRefused
from airflow_provider_sagex3_cleo.sagex3.reader import open_reader
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from tests.sandbox.pipeline.conftest import START, Scene
from tests.support.scene import partners

FOLDER = "reference"
COLLECTIONS = "/api/(connections|authenticators)"


class Partners:
    """A scene whose runs are those of the partners DAG."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.sandbox, self.references = scene, scene.sandbox, scene.world.references
        self.folder, self._runs = scene.folder, 0
        self.options(lookback_s=60, partner_entities=("suppliers", "customers", "products"))
        for row in [*self.sandbox.cleo.directory.connections]:
            self.sandbox.cleo.directory.remove_connection(row["alias"])
        for rows in self.sandbox.cleo.directory.users.values():
            rows.clear()

    def options(self, **options: Any) -> None:
        self.scene.place = replace(self.scene.place, options={**self.scene.place.options, **options})

    def run(self, run_id: str = "") -> tuple[dict[str, Any], list[ProviderError]]:
        self.scene.advance(90)
        self._runs += 1
        self.last = run_id or f"partners-{self._runs}"
        done, problems = partners(self.scene.place, self.last)
        with self.ledger() as ledger, ledger.reading() as db:
            assert audit.verify(db).faults == []
        return done, problems

    def ledger(self) -> Ledger:
        return Ledger.open(self.scene.place.ledger_url)

    def findings(self) -> list[FindingRow]:
        with self.ledger() as ledger, ledger.reading() as db:
            return alignment.of_run(db, 1, self.last)

    def told(self) -> list[tuple[str, str, str, str]]:
        """Status, severity, kind and subject of each finding of the last run."""
        return [(status_of(row, self.last), row.severity, row.kind, row.subject) for row in self.findings()]

    def names(self) -> list[str]:
        return [row.name for row in self.sandbox.cleo.store.journal(FOLDER)]

    def newest(self, entity: str, format: str) -> bytes:
        return next(
            row.data
            for row in reversed(self.sandbox.cleo.store.journal(FOLDER))
            if row.name.startswith(entity) and row.name.endswith(f".{format}")
        )


@pytest.fixture
def partner(tmp_path: Path) -> Iterator[Partners]:
    with Sandbox(7, orders=10, supplier_count=30, start=START, frozen=True) as sandbox:
        yield Partners(Scene(tmp_path, sandbox))


def test_three_sides_that_agree_are_a_quiet_green_run(partner: Partners) -> None:
    done, problems = partner.run()
    assert (problems, partner.told()) == ([], [])
    assert done["align"]["partners"]["suppliers"] == 30
    assert done["align"]["not_enrolled"]["suppliers"] > 0
    assert done["reference_files"]["counts"] == {}
    assert done["report"]["counts"] == {"new": 0, "standing": 0, "resolved": 0}


def test_by_graphql_the_same_is_found(partner: Partners) -> None:
    access = partner.sandbox.access()["sagex3"]
    extra = {**access["extra"], "transport": "graphql", "auth": "connected_app", **access["connected_app"]}
    partner.scene.place = replace(partner.scene.place, sagex3={**access, "extra": extra})
    first, second, third = (supplier.code for supplier in partner.scene.world.enrolled(3))
    _, problems = partner.run()
    assert (problems, partner.told()) == ([], [])
    partner.references.rename(first, "Example Renamed Works")
    partner.references.deactivate(second)
    partner.references.delete(third)
    partner.run()
    assert partner.told() == [
        ("new", "alarm", "missing", f"suppliers {third}"),
        ("new", "warning", "inactive", f"suppliers {second}"),
        ("new", "warning", "renamed", f"suppliers {first}"),
    ]


def test_a_new_name_is_found_stands_and_is_resolved_by_the_agreement(partner: Partners) -> None:
    code = partner.scene.supplier
    partner.run()
    partner.references.rename(code, "Example Renamed Works")
    _, problems = partner.run()
    assert (problems, partner.told()) == ([], [("new", "warning", "renamed", f"suppliers {code}")])
    partner.run()
    assert partner.told() == [("standing", "warning", "renamed", f"suppliers {code}")]
    partner.scene.edit_agreement(code, r"^set: ", "partner_name: Example Renamed Works\nset: ")
    partner.run()
    assert partner.told() == [("resolved", "warning", "renamed", f"suppliers {code}")]
    partner.run()
    assert partner.told() == []


def test_an_inactive_supplier_is_a_warning_until_it_is_active_again(partner: Partners) -> None:
    code = partner.scene.supplier
    partner.run()
    partner.references.deactivate(code)
    _, problems = partner.run()
    assert (problems, partner.told()) == ([], [("new", "warning", "inactive", f"suppliers {code}")])
    partner.references.deactivate(code, active=True)
    partner.run()
    assert partner.told() == [("resolved", "warning", "inactive", f"suppliers {code}")]


def test_a_deleted_supplier_of_a_live_agreement_turns_the_run_red_and_the_next_one_green(partner: Partners) -> None:
    code = partner.scene.supplier
    name = partner.scene.world.suppliers[code].names[0]
    partner.run()
    partner.references.delete(code)
    done, (problem,) = partner.run()
    assert isinstance(problem, PartnersMisaligned)
    assert f"Sage X3 has no supplier {code}, which was there as" in str(problem)
    assert partner.told() == [("new", "alarm", "missing", f"suppliers {code}")]
    assert done["align"]["alarms"] == 1
    partner.references.new_supplier(code, name)
    _, problems = partner.run()
    assert (problems, partner.told()) == ([], [("resolved", "alarm", "missing", f"suppliers {code}")])


def test_a_customer_that_was_never_landed_is_asked_for_and_found(partner: Partners) -> None:
    partner.options(partner_entities=("suppliers",))
    partner.run()
    partner.options(partner_entities=("suppliers", "customers"))
    _, problems = partner.run()
    assert (problems, partner.told()) == ([], [])


def test_a_connection_that_an_agreement_names_is_missed_when_it_is_removed_and_resolved_when_back(
    partner: Partners,
) -> None:
    code = partner.scene.supplier
    partner.scene.edit_agreement(code, r"^set: ", "cleo_connection: ACME\nset: ")
    partner.sandbox.cleo.directory.add_connection("ACME")
    _, problems = partner.run()
    assert (problems, partner.told()) == ([], [])
    partner.sandbox.cleo_admin.remove_connection("ACME")
    _, (problem,) = partner.run()
    assert "Cleo has no connection ACME" in str(problem)
    assert partner.told() == [("new", "alarm", "orphaned", "connection ACME")]
    partner.sandbox.cleo.server.fault("status", COLLECTIONS, status=403, times=None)
    partner.run()  # what cannot be seen is not resolved
    assert partner.told() == [("standing", "alarm", "orphaned", "connection ACME")]
    partner.sandbox.cleo.server.faults.clear(None)
    partner.sandbox.cleo.directory.add_connection("ACME")
    _, problems = partner.run()
    assert (problems, partner.told()) == ([], [("resolved", "alarm", "orphaned", "connection ACME")])


def test_a_connection_of_nobody_is_orphaned_and_one_named_after_its_partner_is_not(partner: Partners) -> None:
    partner.sandbox.cleo.directory.add_connection(partner.scene.supplier.lower())
    partner.sandbox.cleo.directory.add_connection("Old Partner")
    partner.sandbox.cleo.directory.add_user("Staff", "edi-office-2")
    partner.options(align_ignore=("edi-*",))
    _, problems = partner.run()
    assert (problems, partner.told()) == ([], [("new", "warning", "orphaned", "connection Old Partner")])


def test_a_folder_that_cleo_lost_is_an_alarm(partner: Partners) -> None:
    folder = f"{partner.scene.supplier.lower()}-850"
    partner.sandbox.cleo.store.remove_folder(folder)
    partner.run()
    assert partner.told() == [("new", "alarm", "orphaned", f"folder {folder}")]


def test_a_tenant_without_the_collections_is_no_error(partner: Partners, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    partner.sandbox.cleo.server.fault("status", COLLECTIONS, status=404, times=None)
    _, problems = partner.run()
    assert (problems, partner.told()) == ([], [])
    assert "Cleo shows no connections" in caplog.text


def test_where_sage_x3_cannot_be_read_nothing_is_resolved_and_the_run_is_red(partner: Partners) -> None:
    partner.run()
    partner.references.deactivate(partner.scene.supplier)
    partner.run()
    partner.sandbox.admin.fault("status", status=403, times=None)
    done, problems = partner.run()
    partner.sandbox.admin.clear_faults()
    assert set(done) == {"keep", "reference_files"}
    assert len(problems) == 3  # extract, align, and the report that says so
    with partner.ledger() as ledger, ledger.reading() as db:
        (row,) = alignment.of_run(db, 1, "partners-2")
    assert row.state is FindingState.OPEN


def test_the_findings_are_written_for_people_where_a_folder_is_set(partner: Partners) -> None:
    partner.options(align_csv_folder=partner.folder / "reports")
    partner.sandbox.cleo.directory.add_connection("=HYPERLINK")
    partner.run()
    (row,) = list(csv.DictReader(io.StringIO((partner.folder / "reports" / "alignment.csv").read_text(), newline="")))
    assert (row["status"], row["severity"], row["subject"]) == ("new", "warning", "connection =HYPERLINK")
    assert row["sentence"].startswith("connection =HYPERLINK of Cleo belongs to no agreement")


# --- reference files --------------------------------------------------------------------------------------------------
@pytest.fixture
def files(partner: Partners) -> Partners:
    partner.sandbox.cleo.store.folder(FOLDER)
    partner.options(reference_folder=FOLDER)
    return partner


def test_each_reference_file_goes_once_and_again_only_when_its_content_changed(files: Partners) -> None:
    done, problems = files.run()
    assert problems == []
    assert done["reference_files"]["counts"] == {"sent": 6}
    assert sorted({name.split("_")[0] for name in files.names()}) == ["customers", "products", "suppliers"]
    files.run()
    assert len(files.names()) == 6
    files.references.rename(files.scene.supplier, "Example Renamed Works")
    done, _ = files.run()
    assert done["reference_files"]["counts"]["sent"] == 2
    assert [name.split("_")[:3] for name in files.names()[6:]] == [["suppliers", "v1", "000002"]] * 2
    files.references.rename(files.scene.supplier, files.scene.world.suppliers[files.scene.supplier].names[0])
    done, _ = files.run()
    assert done["reference_files"]["counts"]["sent"] == 2, "an earlier content is news again after another one"
    assert len(set(files.names())) == len(files.names()) == 10


def test_both_formats_say_what_sage_x3_says_with_schema_and_version(files: Partners) -> None:
    files.references.deactivate(files.scene.supplier)
    files.references.rename(files.scene.supplier, "=2+5 Works")
    files.run()
    table = list(csv.DictReader(io.StringIO(files.newest("suppliers", "csv").decode(), newline="")))
    lines = [json.loads(line) for line in files.newest("suppliers", "jsonl").decode().splitlines()]
    assert [row["code"] for row in table] == [line["code"] for line in lines] == sorted(files.scene.world.suppliers)
    assert {(row["schema"], row["schema_version"]) for row in table} == {("suppliers", "1")}
    mine = next(n for n, line in enumerate(lines) if line["code"] == files.scene.supplier)
    assert (lines[mine]["name"], lines[mine]["active"]) == ("=2+5 Works", False)
    assert (table[mine]["name"], table[mine]["active"]) == ("'=2+5 Works", "false")


def test_units_go_as_a_file_where_the_settings_name_them(files: Partners) -> None:
    files.options(partner_entities=("suppliers", "customers", "units"), reference_entities=("units",))
    _, problems = files.run()
    assert problems == []
    rows = [json.loads(line) for line in files.newest("units", "jsonl").splitlines()]
    assert {row["code"]: row["decimals"] for row in rows}["KG"] == "3"
    assert {(row["schema"], row["schema_version"]) for row in rows} == {("units", 1)}


def test_nothing_landed_is_no_empty_file(files: Partners, caplog: pytest.LogCaptureFixture) -> None:
    files.options(partner_entities=("suppliers",))
    files.run()
    assert {name.split("_")[0] for name in files.names()} == {"suppliers"}
    assert "No products are landed: no file is sent" in caplog.text


def test_records_with_one_code_are_held_with_a_sentence_that_names_both_and_the_others_go(
    files: Partners, caplog: pytest.LogCaptureFixture
) -> None:
    files.references.new_supplier("acme", "Example One")
    files.references.new_supplier("ACME", "Example Two")
    _, problems = files.run()
    assert problems == []
    codes = [json.loads(line)["code"] for line in files.newest("suppliers", "jsonl").decode().splitlines()]
    assert len(codes) == 30
    assert "acme" in caplog.text
    assert "ACME" in caplog.text


def newest_row(files: Partners) -> list[ReferenceFileRow]:
    with files.ledger() as ledger, ledger.reading() as db:
        return reference_files.of_run(db, 1, files.last)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("pickup", ["never", "may"])
def test_an_upload_without_an_answer_is_settled_by_looking(files: Partners, when: str, pickup: str) -> None:
    files.options(reference_pickup=pickup, reference_entities=("suppliers",), reference_formats=("csv",))
    files.sandbox.cleo.cut_upload(when, FOLDER)
    _, problems = files.run()
    assert problems == []
    (row,) = newest_row(files)
    if when == "before" and pickup == "may":
        assert (row.state.value, files.names()) == ("in_doubt", [])
        files.run()
        assert files.names() == [], "it is not sent again by itself"
        files.references.rename(files.scene.supplier, "Other Works")
        files.run()
    else:
        assert row.state.value == "sent"
    assert len(files.names()) == 1


def test_a_refused_file_turns_the_run_red_and_goes_under_the_same_name_later(files: Partners) -> None:
    files.options(reference_entities=("suppliers",), reference_formats=("csv",))
    files.sandbox.cleo.store.folder(FOLDER, writable=False)
    _, problems = files.run()
    assert isinstance(problems[0], ReferenceFilesRefused)
    (refused,) = newest_row(files)
    files.sandbox.cleo.store.folder(FOLDER, writable=True)
    _, problems = files.run()
    assert (problems, files.names()) == ([], [refused.file_name])


def test_a_refused_file_whose_content_has_changed_since_is_given_up_for_the_new_one(files: Partners) -> None:
    files.options(reference_entities=("suppliers",), reference_formats=("csv",))
    files.sandbox.cleo.store.folder(FOLDER, writable=False)
    files.run()
    files.sandbox.cleo.store.folder(FOLDER, writable=True)
    files.references.rename(files.scene.supplier, "Other Works")
    _, problems = files.run()
    assert problems == []
    (name,) = files.names()
    assert name.startswith("suppliers_v1_000002_")


# --- changing Cleo's own objects --------------------------------------------------------------------------------------
@pytest.fixture
def ended(partner: Partners) -> Partners:
    """The agreement names a connection, and has ended."""
    partner.sandbox.cleo.directory.add_connection("ACME")
    partner.sandbox.cleo.directory.add_connection("Stranger")
    ends = "cleo_connection: ACME\neffective_to: 2026-11-03\nset: "
    partner.scene.edit_agreement(partner.scene.supplier, r"^set: ", ends)
    return partner


@contextmanager
def planned(partner: Partners, **extra: Any) -> Iterator[tuple[CleoPlan, CleoClient, Ledger]]:
    """The plan as it is now, on a connection with these extras."""
    place = partner.scene.place
    place.cleo["extra"].update(extra)
    book, at = load_book(Path(place.agreements)), partner.sandbox.clock.now()
    with CleoClient(place.cleo_settings()) as cleo, partner.ledger() as ledger:
        with closing(open_reader(place.sagex3_settings())) as reader:
            compared = compare(1, reader=reader, ledger=ledger, cleo=cleo, specs=load_specs(None), book=book,
                               settings=place.settings(), at=at)  # fmt: skip
        yield plan_changes(compared, cleo=cleo, book=book, on=at.date()), cleo, ledger


def enabled(partner: Partners) -> dict[str, Any]:
    return {row["alias"]: row["enabled"] for row in partner.sandbox.cleo.directory.connections}


def made(plan: CleoPlan, given: str, cleo: CleoClient, ledger: Ledger) -> int:
    return apply_plan(plan, given=given, cleo=cleo, ledger=ledger, source_id=1, run_id="apply", actor="person")


def test_the_connection_of_an_agreement_that_has_ended_is_switched_off_by_exactly_the_plan_that_was_read(
    ended: Partners,
) -> None:
    ended.run()
    ended.scene.advance(3 * 86_400)
    with planned(ended, can_change=True) as (plan, cleo, ledger):
        (change,) = plan.changes
        agreement = f"{ended.scene.supplier.lower()}-850"
        assert change.words == f"connection ACME: enabled: True -> False; agreement {agreement} has ended"
        assert made(plan, plan.hash, cleo, ledger) == 1
        with ledger.reading() as db:
            assert audit.verify(db).faults == []
    assert enabled(ended) == {"ACME": False, "Stranger": True}
    with planned(ended) as (plan, _, _):
        assert plan.changes == ()


def test_nothing_is_changed_while_it_is_switched_off_or_under_another_hash(ended: Partners) -> None:
    ended.run()
    ended.scene.advance(3 * 86_400)
    with planned(ended) as (plan, cleo, ledger), pytest.raises(SettingFault, match="can_change"):
        made(plan, plan.hash, cleo, ledger)
    with planned(ended, can_change=True) as (plan, cleo, ledger), pytest.raises(SettingFault, match="not the plan"):
        made(plan, "0" * 64, cleo, ledger)
    assert enabled(ended) == {"ACME": True, "Stranger": True}
    assert ended.sandbox.cleo.server.log(method="PUT") == []


def test_a_plan_over_an_object_that_was_changed_meanwhile_is_another_plan(ended: Partners) -> None:
    ended.run()
    ended.scene.advance(3 * 86_400)
    with planned(ended, can_change=True) as (plan, _, _):
        read = plan.hash
    ended.sandbox.cleo.directory.connections[0]["connect"] = {"url": "https://elsewhere.example"}
    with planned(ended) as (plan, cleo, ledger), pytest.raises(SettingFault, match="not the plan"):
        made(plan, read, cleo, ledger)


def test_a_live_agreement_wants_its_connection_on_and_an_inactive_partner_wants_it_off(partner: Partners) -> None:
    partner.sandbox.cleo.directory.add_connection("ACME", enabled="false")
    partner.scene.edit_agreement(partner.scene.supplier, r"^set: ", "cleo_connection: ACME\nset: ")
    partner.run()
    with planned(partner, can_change=True) as (plan, cleo, ledger):
        assert [change.change for change in plan.changes] == [{"enabled": "true"}]
        made(plan, plan.hash, cleo, ledger)
    partner.references.deactivate(partner.scene.supplier)
    with planned(partner) as (plan, _, _):
        assert [(c.change, "not as an active one" in c.why) for c in plan.changes] == [({"enabled": "false"}, True)]


def test_a_change_that_cleo_refuses_is_kept_as_refused_and_said(ended: Partners) -> None:
    ended.run()
    ended.scene.advance(3 * 86_400)
    ended.sandbox.cleo.server.fault("status", "/api/connections/", method="PUT", status=403, times=None)
    with planned(ended, can_change=True) as (plan, cleo, ledger):
        with pytest.raises(ChangesUnfinished, match=r"connection ACME \(refused\)"):
            made(plan, plan.hash, cleo, ledger)
        with ledger.reading() as db:
            assert audit.verify(db).faults == []
    assert enabled(ended)["ACME"] is True
