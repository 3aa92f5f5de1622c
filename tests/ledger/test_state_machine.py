"""The machine of document states, walked at random: the model and the ledger never disagree."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from airflow_provider_sagex3_cleo.errors import ImpossibleTransition, LostRace
from airflow_provider_sagex3_cleo.ledger import Ledger, audit, documents, lanes
from airflow_provider_sagex3_cleo.ledger.states import (
    ALLOWED,
    DocState,
    InterchangeState,
    NumberState,
    VersionState,
    check_edge,
)
from tests.ledger.making import ENTITY, RUN, World


class DocumentMachine(RuleBasedStateMachine):
    docs = Bundle("docs")

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Ledger.open(f"sqlite:///{Path(self.folder.name) / 'ledger.db'}"))
        self.lease = self.world.lease(3600)
        self.model: dict[int, list[DocState]] = {}

    @rule(target=docs)
    def claim(self) -> int:
        (document,) = self.world.ready(f"PO{len(self.model)}")
        self.model[document] = [DocState.READY]
        return document

    @rule(doc=docs, was=st.sampled_from(DocState), to=st.sampled_from(DocState), leased=st.booleans())
    def move(self, doc: int, was: DocState, to: DocState, leased: bool) -> None:
        self._move([doc], was, to, leased)

    @rule(doc=docs, data=st.data(), leased=st.booleans())
    def move_along_an_edge(self, doc: int, data: st.DataObject, leased: bool) -> None:
        was = self.model[doc][-1]
        if ways := sorted(ALLOWED[DocState][was]):
            self._move([doc], was, DocState(data.draw(st.sampled_from(ways))), leased)

    @rule(one=docs, two=docs, was=st.sampled_from(DocState), to=st.sampled_from(DocState))
    def move_together(self, one: int, two: int, was: DocState, to: DocState) -> None:
        if one != two:
            self._move([one, two], was, to, True)

    def _move(self, docs: list[int], was: DocState, to: DocState, leased: bool) -> None:
        edge = to in ALLOWED[DocState][was]
        there = all(self.model[doc][-1] is was for doc in docs)
        sender = DocState.SENDING in (was, to)
        try:
            with self.world.ledger.begin() as db:
                lease = self.lease if leased else None
                documents.transition_many(db, docs, was, to, "test", run_id=RUN, actor="test", lease=lease)
        except ImpossibleTransition:
            assert not edge
        except LostRace:
            assert not there or (sender and not leased)
        else:
            assert edge
            assert there
            assert leased or not sender
            for doc in docs:
                self.model[doc].append(to)

    @rule()
    def the_lease_passes_on(self) -> None:
        with self.world.ledger.begin() as db:
            lanes.release(db, self.world.lane, self.lease)
        self.lease = self.world.lease(3600)

    @invariant()
    def ledger_and_model_agree(self) -> None:
        with self.world.ledger.reading() as db:
            for doc, path in self.model.items():
                row = documents.get(db, doc)
                assert row is not None
                assert row.state is path[-1]

    def teardown(self) -> None:
        with self.world.ledger.begin() as db:
            audit.seal(db, RUN, "test")
            report = audit.verify(db)
            assert report.ok, report.faults
            assert report.events == sum(len(path) + 2 for path in self.model.values())  # landed and mapped
            assert set(documents.for_keys(db, self.world.source, ENTITY, [f"PO{n}" for n in range(99)])) == {
                f"PO{n}" for n in range(len(self.model))
            }
        self.world.ledger.close()
        self.folder.cleanup()


DocumentMachine.TestCase.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
test_documents_walk_along_their_edges_only = DocumentMachine.TestCase


def test_every_state_has_its_edges_and_they_stay_within_their_machine() -> None:
    for machine in (VersionState, DocState, InterchangeState, NumberState):
        edges = ALLOWED[machine]
        assert [type(state) for state in edges] == [machine] * len(machine)
        assert all(type(to) is machine for ways in edges.values() for to in ways)


def test_equal_words_of_two_machines_are_no_edge() -> None:
    with pytest.raises(ImpossibleTransition):
        check_edge(InterchangeState.SENDING, DocState.SENT)
