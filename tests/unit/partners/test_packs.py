"""Packs of an agreements folder: what is wrong with them is told with file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.errors import AgreementFault, NotFound
from airflow_provider_sagex3_cleo.partners import check, find_pack, load_book

Write = Callable[..., Path]

PACK = """\
pack: 1
id: hardware
set: "850"
releases: "004010"
rules:
  - id: currency
    require: CUR
    says: Every order names its currency.
"""


def faults(folder: Path) -> list[str]:
    return [str(finding) for finding in check(folder)]


def test_an_agreement_finds_its_pack_in_the_folder_and_among_the_shipped_ones(write: Write, partner: str) -> None:
    own = load_book(write({"packs/hardware.yaml": PACK, "partners/hardware.yaml": partner + "pack: hardware\n"}))
    pack = own.pack(own.agreements[0])
    assert pack is not None
    assert [rule.id for rule in pack.rules] == ["currency"]
    shipped = load_book(write({"partners/hardware.yaml": partner + "pack: example-distributor-850\n"}))
    pack = shipped.pack(shipped.agreements[0])
    assert pack is not None
    assert pack.name.startswith("Example")


def test_an_agreement_without_a_pack_has_none(write: Write) -> None:
    book = load_book(write())
    assert book.pack(book.agreements[0]) is None


def test_a_pack_of_the_folder_may_extend_a_shipped_one_and_take_its_name(write: Write, partner: str) -> None:
    child = PACK.replace("set:", "extends: example-distributor-850\ndrop: [contact, notes]\nset:")
    book = load_book(write({"packs/hardware.yaml": child, "partners/hardware.yaml": partner + "pack: hardware\n"}))
    pack = book.pack(book.agreements[0])
    assert pack is not None
    ids = [rule.id for rule in pack.rules]
    assert "account" in ids
    assert "contact" not in ids
    assert pack.origin["currency"] == "hardware"
    named = PACK.replace("id: hardware", "id: example-distributor-850")
    assert find_pack("example-distributor-850", write({"packs/hardware.yaml": named})).origin == {
        "currency": "example-distributor-850"
    }


@pytest.mark.parametrize(
    ("pack", "keys", "sentence"),
    [
        (PACK, "pack: hardwear\n",
         "partners/hardware.yaml:8: pack: pack 'hardwear' is neither in packs/ nor shipped; in packs/: hardware"),
        (PACK.replace("850", "810").replace("CUR", "BIG"), "pack: hardware\n",
         "partners/hardware.yaml:8: pack: 'hardware' is for set 810, the agreement is for 850"),
        (PACK, 'pack: hardware\nrelease: "005010"\n',
         "partners/hardware.yaml:8: pack: 'hardware' is for release 004010, the agreement for 005010"),
        (PACK.replace('set: "850"\n', ""), "pack: hardware\n",
         "partners/hardware.yaml:8: pack: 'hardware' is for other packs to extend: it names no set"),
        (PACK.replace("require: CUR", "require: BIG"), "",
         "packs/hardware.yaml:6: rule 'currency': BIG is no segment of set 850 in 004010"),
        (PACK.replace("require: CUR", "forbid: BEG"), "",
         "packs/hardware.yaml:6: rule 'currency': forbids BEG, which is mandatory in set 850"),
        (PACK.replace("require: CUR", "require: CUR0"), "",
         "packs/hardware.yaml:7: rules.0.require.0: 'CUR0' is no place; expected a segment (REF), an element"),
        (PACK.replace("    says: Every order names its currency.\n", ""), "",
         "packs/hardware.yaml:6: rules.0: `says` is missing: the sentence the partner would write"),
        (PACK.replace("says:", "sayz:"), "",
         "packs/hardware.yaml:8: rules.0.sayz: unknown key 'sayz'; did you mean 'says'? known keys: id, says, "
         "severity, releases, in, where, if, require, forbid, equals, codes, length, pattern, count, sum, allow, "
         "reason"),
        (PACK.replace("require: CUR", "sum: {CTT02: PO101}"), "",
         "packs/hardware.yaml:6: rule 'currency': PO101 is no number: nothing can be added up"),
        (PACK.replace("require: CUR", "require: REF04-9"), "",
         "packs/hardware.yaml:6: rule 'currency': REF04-9 is not there: REF04 has 6 components"),
        (PACK.replace("pack: 1", "pack: 2"), "", "packs/hardware.yaml:1: pack: input should be '1'"),
        (PACK.replace("releases:", "extends: hardwear\nreleases:"), "",
         "packs/hardware.yaml:4: pack 'hardwear' is not there"),
        (PACK.replace("releases:", "extends: hardware\nreleases:"), "",
         "packs/hardware.yaml:4: packs extend each other in a circle: hardware -> hardware"),
        (PACK.replace("releases:", "extends: example-distributor-850\ndrop: nothing\nreleases:"), "",
         "packs/hardware.yaml:5: no rule 'nothing' is inherited"),
        (PACK + PACK.split("rules:\n")[1], "", "packs/hardware.yaml:9: rule id 'currency' stands twice"),
        ("- a\n- b\n", "", "packs/hardware.yaml:1: expected a pack: keys with values"),
        ("pack: [1\n", "", "packs/hardware.yaml:2: is not YAML"),
    ],
)  # fmt: skip
def test_each_fault_has_its_file_and_line(write: Write, partner: str, pack: str, keys: str, sentence: str) -> None:
    folder = write({"packs/hardware.yaml": pack, "partners/hardware.yaml": partner + keys})
    (found,) = faults(folder)
    assert found.startswith(sentence)
    with pytest.raises(AgreementFault):
        load_book(folder)


def test_a_warning_of_a_pack_stops_nothing(write: Write, partner: str) -> None:
    capped = PACK.replace("require: CUR", "length: {CUR02: 1-3}")
    folder = write({"packs/hardware.yaml": capped, "partners/hardware.yaml": partner + "pack: hardware\n"})
    assert faults(folder) == [
        "packs/hardware.yaml:6: warning: rule 'currency': CUR02: 1 to 3 caps nothing: the element has 3 characters"
    ]
    assert load_book(folder).agreements[0].pack == "hardware"


def test_two_packs_of_one_id_and_a_file_nobody_reads_are_told(write: Write) -> None:
    folder = write({"packs/a.yaml": PACK, "packs/b.yaml": PACK, "packs/c.yml": PACK})
    assert faults(folder) == [
        "packs/b.yaml:2: pack id 'hardware' stands twice (first in packs/a.yaml)",
        "packs/c.yml:1: warning: nobody reads this file; agreements live in partners/",
    ]


def test_a_fault_in_a_rule_that_two_packs_inherit_is_told_once_where_it_was_written(write: Write) -> None:
    base = PACK.replace('set: "850"\n', "").replace("id: hardware", "id: base").replace("require: CUR", "require: BIG")
    heir = 'pack: 1\nid: {}\nset: "850"\nreleases: "004010"\nextends: base\n'
    folder = write(
        {"packs/base.yaml": base, "packs/one.yaml": heir.format("one"), "packs/two.yaml": heir.format("two")}
    )
    assert faults(folder) == ["packs/base.yaml:5: rule 'currency': BIG is no segment of set 850 in 004010"]


def test_the_hash_of_the_agreements_changes_with_a_pack(write: Write, partner: str) -> None:
    named = {"partners/hardware.yaml": partner + "pack: hardware\n"}
    first = load_book(write({"packs/hardware.yaml": PACK, **named})).hash
    assert load_book(write({"packs/hardware.yaml": PACK, **named})).hash == first
    other = PACK.replace("its currency", "a currency")
    assert load_book(write({"packs/hardware.yaml": other, **named})).hash != first


def test_a_pack_that_is_not_there_or_is_wrong_is_named_to_who_asks_for_it(write: Write) -> None:
    with pytest.raises(NotFound, match=r"packs nothing: neither in packs/ of the agreements nor shipped"):
        find_pack("nothing", None)
    folder = write({"packs/hardware.yaml": PACK.replace("require: CUR", "require: BIG")})
    with pytest.raises(NotFound, match=r"hardware.yaml:6: rule 'currency': BIG is no segment"):
        find_pack("hardware", folder)
