"""The tree of errors stays honest: an action, a remedy, picklable, documented."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import Action, Fail, Hold, ProviderError, Quarantine, Retry
from tests.meta.tables import DOCS, PAGES, error_leaves, with_table

KIND = {Action.RETRY: Retry, Action.FAIL: Fail, Action.HOLD: Hold, Action.QUARANTINE: Quarantine}


def make(leaf: type[ProviderError], **named: Any) -> ProviderError:
    """An error of this class, whatever else its own constructor wants."""
    error = leaf.__new__(leaf, "found")
    ProviderError.__init__(error, "found", **named)
    return error


LEAVES = pytest.mark.parametrize("leaf", error_leaves(), ids=lambda cls: cls.__name__)


@LEAVES
def test_each_error_says_what_the_caller_and_what_a_person_does(leaf: type[ProviderError]) -> None:
    assert issubclass(leaf, KIND[leaf.action])
    assert (leaf.__doc__ or "").strip()
    assert make(leaf).remedy


@LEAVES
def test_each_error_survives_pickling_with_everything_it_knows(leaf: type[ProviderError]) -> None:
    error = make(leaf, expected="expected", remedy="mend it", system="sagex3", record="POH1", field="ITMREF", value=0)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is leaf
    assert (str(copy), copy.where, copy.remedy) == (str(error), error.where, error.remedy)
    assert str(copy) == "sagex3 POH1 ITMREF: found (value '0'); expected expected. Mend it."


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_table_in_the_docs_equals_the_code(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert with_table(text, PAGES[page]()) == text, "run `python -m tests.meta.tables`"
