"""What every set must stand: document -> X12 -> readers -> the same document, and any change on the way is noticed."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.x12 import SetBody
from airflow_provider_sagex3_cleo.x12.reader import TransactionSet, read
from airflow_provider_sagex3_cleo.x12.second_opinion import badx12
from airflow_provider_sagex3_cleo.x12.set_rules import SetRules
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from tests.support.x12 import broken, file_of

# Titles and kinds of notes: labels that say nothing about the document.
LABELS = {("N9", 3), ("MTX", 1)}


def read_again(module: ModuleType, document: Any, rules: SetRules) -> tuple[TransactionSet, bytes]:
    """The set as our reader has it, and its file, of a document that the set's module wrote.

    Nothing is found in it, badx12 sees the same segments, and every value of the document is there."""
    body = module.build(document, rules)
    assert validate_body(body, rules.delimiters) == []
    assert SetBody.load(body.dump()) == body
    data = file_of(body, rules)
    assert validate(data, own=True) == []
    assert badx12(data) == []
    [interchange] = read(data)
    [item] = interchange.groups[0].sets
    assert module.compare(document, rules, item) == []
    marks = rules.delimiters
    assert interchange.separators[:3] == (marks.segment, marks.element, marks.component)
    return item, data


def notices_what_is_broken(module: ModuleType, document: Any, rules: SetRules, data: st.DataObject) -> None:
    """No element can change and no segment vanish without a finding, or a value that differs from the document."""
    changed = broken(module.build(document, rules), data, LABELS)
    assert changed is None or validate_body(changed, rules.delimiters) or module.compare(document, rules, changed)
