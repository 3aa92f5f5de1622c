"""Tokens in the ledger: one renewal at a time, on both databases, and nothing written by who lost the lease."""

from __future__ import annotations

import threading

import pytest

from airflow_provider_sagex3_cleo.errors import LostRace
from airflow_provider_sagex3_cleo.ledger import Ledger, tokens

NAME = "sagex3_default"


@pytest.fixture
def chain(ledger: Ledger) -> Ledger:
    with ledger.begin() as db:
        tokens.begin_chain(db, NAME, "a" * 64, b"first")
    return ledger


def test_a_chain_begins_with_a_persons_token_and_a_new_one_begins_it_again(chain: Ledger) -> None:
    with chain.begin() as db:
        assert tokens.lease(db, NAME, "one", 60)
        tokens.keep(db, NAME, "one", refresh=b"second", access=b"access", serves_s=300)
        tokens.begin_chain(db, NAME, "a" * 64, b"first")  # the same token of the same person: nothing to do
    with chain.reading() as db:
        row = tokens.find(db, NAME)
    assert row is not None
    assert (row.refresh, row.access) == (b"second", b"access")
    assert 290 < row.serves_s <= 300
    with chain.begin() as db:
        tokens.begin_chain(db, NAME, "b" * 64, b"other")
        row = tokens.find(db, NAME)
    assert row is not None
    assert (row.refresh, row.access, row.serves_s) == (b"other", None, 0)


def test_one_process_renews_at_a_time_and_a_lease_that_ended_is_taken_over(chain: Ledger) -> None:
    with chain.begin() as db:
        assert tokens.lease(db, NAME, "one", 60)
        assert not tokens.lease(db, NAME, "two", 60)
        tokens.release(db, NAME, "one", spent=False)
        assert tokens.lease(db, NAME, "two", 0)
    with chain.begin() as db:
        assert tokens.lease(db, NAME, "three", 60)


def test_who_lost_the_lease_writes_nothing(chain: Ledger) -> None:
    with chain.begin() as db:
        tokens.lease(db, NAME, "one", 0)
    with chain.begin() as db:
        tokens.lease(db, NAME, "two", 60)
    with pytest.raises(LostRace), chain.begin() as db:
        tokens.keep(db, NAME, "one", refresh=b"late", access=b"late", serves_s=300)
    with chain.begin() as db:
        tokens.release(db, NAME, "one", spent=False)
        assert not tokens.lease(db, NAME, "three", 60)
        row = tokens.find(db, NAME)
    assert row is not None
    assert row.refresh == b"first"


def test_a_renewal_whose_end_nobody_knows_stays_noted(chain: Ledger) -> None:
    for spent in (True, False):
        with chain.begin() as db:
            assert tokens.lease(db, NAME, "one", 60)
            tokens.ask(db, NAME, "one")
            tokens.release(db, NAME, "one", spent=spent)
            row = tokens.find(db, NAME)
        assert row is not None
        assert (row.asked_at is not None) is spent


def test_of_many_threads_one_gets_the_lease(chain: Ledger) -> None:
    gate, taken = threading.Barrier(6), []

    def take(who: str) -> None:
        gate.wait(10)
        with chain.begin() as db:
            if tokens.lease(db, NAME, who, 60):
                taken.append(who)

    threads = [threading.Thread(target=take, args=(f"t{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1
