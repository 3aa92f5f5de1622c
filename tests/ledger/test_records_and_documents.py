"""Landing, deciding, claiming: what transform relies on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from airflow_provider_sagex3_cleo.errors import ImpossibleTransition, LedgerMismatch, LostRace
from airflow_provider_sagex3_cleo.ledger import (
    agreement_versions,
    audit,
    documents,
    queries,
    sources,
    versions,
    windows,
)
from airflow_provider_sagex3_cleo.ledger.states import DocState, VersionState
from airflow_provider_sagex3_cleo.ledger.versions import LandCounts, VersionMove
from tests.ledger.making import ENTITY, RUN, T0, World, payload

S1, S2 = T0 + timedelta(seconds=1), T0 + timedelta(seconds=2)


def test_the_same_record_landed_twice_is_known(world: World) -> None:
    assert world.land("PO1", "PO2") == LandCounts(landed=2, known=0)
    assert world.land("PO1", "PO2", "PO3") == LandCounts(landed=1, known=2)
    assert [row.key for row in world.due()] == ["PO1", "PO2", "PO3"]
    assert world.due()[0].payload == payload("PO1")


def test_other_content_under_the_same_stamp_is_a_newer_version(world: World) -> None:
    world.land("PO1", text="before")
    world.land("PO1", text="after")
    assert [row.payload for row in world.due()] == [payload("PO1", "after")]


def test_unseen_names_the_keys_not_landed_at_that_stamp_or_later(world: World) -> None:
    world.land("PO1", stamp=S1)
    with world.ledger.reading() as db:
        asked = [("PO1", T0), ("PO1", S1), ("PO2", T0)]
        assert versions.unseen(db, world.source, ENTITY, asked) == {"PO2"}
        assert versions.unseen(db, world.source, ENTITY, [*asked, ("PO1", S2)]) == {"PO1", "PO2"}


def test_a_newer_version_supersedes_what_is_still_open_and_leaves_what_is_decided(world: World) -> None:
    world.land("PO1", "PO2")
    first, second = world.due()
    world.settle(VersionMove(first.id, VersionState.UNCHANGED, "only receipts"))
    world.land("PO1", "PO2", stamp=S1)
    with world.ledger.reading() as db:
        old_first, old_second = versions.get(db, first.id), versions.get(db, second.id)
    assert old_first is not None
    assert old_first.state is VersionState.UNCHANGED
    assert old_second is not None
    assert old_second.state is VersionState.SUPERSEDED
    assert [row.stamp for row in world.due()] == [S1, S1]
    with pytest.raises(LostRace, match="superseded"):
        world.settle(VersionMove(second.id, VersionState.MAPPED, "too late"))


def test_a_version_older_than_what_is_there_lands_superseded(world: World) -> None:
    world.land("PO1", stamp=S2)
    assert world.land("PO1", stamp=S1) == LandCounts(1, 0)
    assert [row.stamp for row in world.due()] == [S2]
    with world.ledger.reading() as db:
        assert versions.latest_payload(db, world.source, ENTITY, "PO1") == payload("PO1")
        assert versions.latest_payload(db, world.source, ENTITY, "PO9") is None


def test_settle_time_puts_a_version_off_by_the_sources_clock_and_writes_no_event(world: World) -> None:
    world.land("PO1")
    world.settle(VersionMove(world.due()[0].id, VersionState.LANDED, "not quiet yet", not_before=S2))
    assert world.due(at=S1) == []
    assert [row.key for row in world.due(at=S2)] == ["PO1"]
    with world.ledger.reading() as db:
        assert audit.verify(db).events == 1


def test_a_held_version_is_due_again_only_when_its_cause_changed(world: World) -> None:
    world.land("PO1")
    version = world.due()[0]
    held = VersionMove(version.id, VersionState.HELD, "unit 'PAL' unknown", remedy="add PAL", cause_hash="c1")
    world.settle(held)
    assert world.due(cause="c1") == []
    assert [row.key for row in world.due(cause="c2")] == ["PO1"]
    world.settle(VersionMove(version.id, VersionState.HELD, "unit 'PAL' unknown", remedy="add PAL", cause_hash="c2"))
    assert world.due(cause="c2") == []
    with world.ledger.reading() as db:
        assert audit.verify(db).events == 2  # landed, held; judged again with the same result is no news
        assert versions.due_count(db, world.source, ENTITY, "c3", T0) == 1


def test_a_held_version_that_was_mended_may_have_to_be_quiet_first(world: World) -> None:
    world.land("PO1")
    version = world.due()[0].id
    world.settle(VersionMove(version, VersionState.HELD, "unit unknown", cause_hash="c1"))
    world.settle(VersionMove(version, VersionState.LANDED, "not quiet yet", not_before=S2))
    assert world.due(cause="c2", at=S1) == []
    assert [row.state for row in world.due(cause="c2", at=S2)] == [VersionState.LANDED]


def test_parts_share_the_work_without_gap_or_overlap_and_pages_follow_each_other(world: World) -> None:
    keys = {f"PO{n}" for n in range(100)}
    world.land(*keys)
    seen: list[str] = []
    for part in range(3):
        after = 0
        while rows := world.due(part=part, parts=3, after_id=after, limit=7):
            seen += [row.key for row in rows]
            after = rows[-1].id
    assert len(seen) == 100
    assert set(seen) == keys


def test_held_lists_what_is_wrong_and_where_to_put_it_right(world: World) -> None:
    world.land("PO1", "PO2", "PO3")
    one, two, three = world.due()
    world.settle(
        VersionMove(one.id, VersionState.HELD, "unit unknown", "add PAL", "lines[3].UOM", "PAL", "0042-850", "0042"),
        VersionMove(two.id, VersionState.QUARANTINED, "no lines", "correct it in Sage X3"),
        VersionMove(three.id, VersionState.NOT_FOR_EDI, "no agreement", partner="0077"),
    )
    with world.ledger.reading() as db:
        found = queries.held(db, world.source, ENTITY)
        cover = queries.coverage(db, world.source, ENTITY)
    assert [(row.key, row.reason, row.remedy, row.field, row.value, row.agreement) for row in found] == [
        ("PO1", "unit unknown", "add PAL", "lines[3].UOM", "PAL", "0042-850"),
        ("PO2", "no lines", "correct it in Sage X3", None, None, None),
    ]
    assert [(row.partner, row.records) for row in cover] == [("0077", 1)]


def test_a_document_is_claimed_once_and_the_loser_is_told_which(world: World) -> None:
    (document,) = world.ready("PO1")
    with world.ledger.reading() as db:
        row = documents.get(db, document)
        assert documents.body(db, document) == b"BEG*00*NE*PO1"
    assert row is not None
    assert (row.state, str(row.amount), row.number) == (DocState.READY, "12.50", "POPO1")
    with pytest.raises(LostRace, match=r"PO1 \(850 no\. 1, usage P\)"), world.ledger.begin() as db:
        documents.create(db, RUN, "transform", [world.new_document("PO1", row.version_id)])
    with world.ledger.begin() as db:  # a test copy and the next sending have keys of their own
        documents.create(
            db,
            RUN,
            "transform",
            [world.new_document("PO1", row.version_id, usage="T"), world.new_document("PO1", row.version_id, 2)],
        )
        assert [each.send_sequence for each in documents.for_keys(db, world.source, ENTITY, ["PO1", "PO2"])["PO1"]] == [
            *(1, 1, 2)
        ]


def test_eight_threads_claim_each_business_key_exactly_once(world: World) -> None:
    keys = [f"PO{n}" for n in range(6)]
    world.land(*keys)
    rows = world.due()

    def claim(turn: int) -> int:
        won = 0
        for row in rows[turn % 3 :] + rows[: turn % 3]:
            try:
                with world.ledger.begin() as db:
                    documents.create(db, f"run-{turn}", "transform", [world.new_document(row.key, row.id)])
                    versions.settle(db, RUN, "transform", [VersionMove(row.id, VersionState.MAPPED, "new")])
                won += 1
            except LostRace:
                continue
        return won

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(8))) == len(keys)
    with world.ledger.reading() as db:
        assert all(len(found) == 1 for found in documents.for_keys(db, world.source, ENTITY, keys).values())
        assert audit.verify(db).ok


def test_a_state_changes_only_along_its_edges_and_from_the_state_named(world: World) -> None:
    (document,) = world.ready("PO1")
    for was, to, error in (
        (DocState.READY, DocState.ACCEPTED, ImpossibleTransition),
        (DocState.BLOCKED, DocState.READY, LostRace),
    ):
        with pytest.raises(error), world.ledger.begin() as db:
            documents.transition(db, document, was, to, "no", run_id=RUN, actor="person")
    with world.ledger.begin() as db:
        documents.transition(
            db, document, DocState.READY, DocState.CANCELLED, "closed in X3", run_id=RUN, actor="transform"
        )
        row = documents.get(db, document)
    assert row is not None
    assert (row.state, row.reason) == (DocState.CANCELLED, "closed in X3")


def test_a_frozen_window_stays_as_it_was_whoever_asks_again(world: World) -> None:
    with world.ledger.begin() as db:
        again = windows.freeze(
            db, source_id=world.source, entity=ENTITY, run_id=RUN, kind="poll", lower=S1, upper=S2, server_time=S2
        )
        assert again == world.window
        assert windows.last_certified(db, world.source, ENTITY) is None
        windows.certify(db, again.id, run_id=RUN, certificate={"keys": 3})
        windows.freeze(
            db,
            source_id=world.source,
            entity=ENTITY,
            run_id="backfill",
            kind="backfill",
            lower=None,
            upper=T0 + timedelta(days=9),
            server_time=T0 + timedelta(days=9),
        )
        last = windows.last_certified(db, world.source, ENTITY)
        assert last is not None
        assert (last.run_id, last.certificate) == (RUN, {"keys": 3})
        assert windows.latest_server_time(db, world.source, ENTITY) == T0 + timedelta(days=9)


def test_a_ledger_belongs_to_one_pair_and_one_environment(world: World) -> None:
    with world.ledger.begin() as db:
        assert sources.bind(db, source="x3:443/SEED", target="cleo:443", environment="test") == world.source
    for change in ({"source": "x3:443/LIVE"}, {"target": "other:443"}, {"environment": "production"}):
        asked = {"source": "x3:443/SEED", "target": "cleo:443", "environment": "test", **change}
        with pytest.raises(LedgerMismatch, match=next(iter(change.values()))), world.ledger.begin() as db:
            sources.bind(db, **asked)


def test_agreements_are_kept_once_per_content(world: World) -> None:
    with world.ledger.begin() as db:
        for _ in range(2):
            assert agreement_versions.ensure(db, "a" * 64, "id: 0042") == "a" * 64
        assert agreement_versions.content(db, "a" * 64) == "id: 0042"
        assert agreement_versions.content(db, "b" * 64) is None
