"""What partners answer: 997 and 999 (syntax of a group), TA1 (the envelope), 824 (the business), read and put in words.

Partners deviate in all directions, so nothing is taken on trust: numbers are compared as numbers, a verdict that
contradicts itself counts as the worse one, and what is not said is not proven (docs/decisions/acknowledgments.md).
Sources: tables 997 and TA1 of the standard as collected in docs/x12.md; 999 and 824 by their published guides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from airflow_provider_sagex3_cleo.x12.reader import ReadFault, Segment, Separators, element, segments

__all__ = ["Ack", "AckError", "AckFile", "SetAck", "read_acks"]

_REJECTED = frozenset("RMWX")
_RANK = {"A": 0, "E": 1, "R": 2}
#: Set results and errors kept of one acknowledgment; what comes after is counted, not kept.
MOST_SETS, MOST_ERRORS = 10_000, 500


@dataclass(frozen=True, slots=True)
class AckError:
    """One place the partner complains about. `position` counts segments of the set (ST is 1), 0 where not said.

    `element` and `component` count from 1; None where the whole segment is meant."""

    segment: str
    position: int
    code: str
    words: str
    loop: str = ""
    element: int | None = None
    component: int | None = None
    value: str = ""

    @property
    def place(self) -> str:
        """'PO103' or 'REF04-1', 'PO1' for a whole segment."""
        if self.element is None:
            return self.segment
        return f"{self.segment}{self.element:02d}" + (f"-{self.component}" if self.component else "")


@dataclass(frozen=True, slots=True)
class SetAck:
    """What is said about one transaction set. `code` is A, E or R, '' where nothing is proven; `said` as written."""

    set_id: str
    st: str
    code: str
    said: str
    words: str
    errors: tuple[AckError, ...] = ()


@dataclass(frozen=True, slots=True)
class Ack:
    """One acknowledgment: a 997, 999 or 824 set, or a TA1 segment.

    `sender` and `receiver` ('qualifier:id') and the group ids are the acknowledgment's own, so the partner sends.
    `group` (997, 999, 824) and `interchange` (TA1) are our control numbers, None where they are no numbers.
    `code` is A, E, P or R, '' where nothing is said; for sets not named in `sets`, `unnamed` is what holds.
    `reference` and `reference_kind` (824): the document by its own number. `date` and `time` (TA1): as written."""

    kind: str
    sender: str
    receiver: str
    gs_sender: str
    gs_receiver: str
    code: str
    said: str
    words: str
    functional_id: str = ""
    group: int | None = None
    interchange: int | None = None
    sets: tuple[SetAck, ...] = ()
    unnamed: str = ""
    sets_received: int | None = None
    date: str = ""
    time: str = ""
    reference_kind: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class AckFile:
    """All acknowledgments of a file. `faults` are sentences on what is broken; `others` are set ids not read here."""

    acks: tuple[Ack, ...]
    faults: tuple[str, ...]
    others: tuple[str, ...]


def read_acks(data: bytes) -> AckFile:
    """Every acknowledgment in a file of any release. A set that is cut off is not believed, the others are.

    Time and memory grow with the file's size only (segment by segment); the caller bounds that.

    Raises:
        ReadFault: the file is not X12."""
    file = _File()
    try:
        for marks, segment in segments(data.replace(b"\0", b" ")):  # as some hosts pad; no database keeps a NUL
            file.take(marks, segment)
    except ReadFault as fault:
        if not file.begun:
            raise
        file.faults.append(f"after segment {file.count} the file is not X12 any more: {fault.findings[0].message}")
    file.finish()
    return AckFile(tuple(file.acks), tuple(file.faults), tuple(sorted(file.others)))


class _File:
    """Keeps the brackets while segments go by, and hands each whole set to its reader."""

    def __init__(self) -> None:
        self.acks: list[Ack] = []
        self.faults: list[str] = []
        self.others: set[str] = set()
        self.begun, self.count = False, 0
        self.isa: Segment | None = None
        self.gs: Segment | None = None
        self.set: _Set | None = None

    def take(self, marks: Separators, segment: Segment) -> None:
        self.begun, self.count = True, segment.position
        name = segment.elements[0]
        if name in ("ISA", "GS", "ST", "GE", "IEA"):
            self._cut(name)
        if name == "ISA":
            if self.isa is not None:
                self.faults.append(f"ISA {element(self.isa, 13)} has no IEA")
            self.isa, self.gs = segment, None
        elif name == "GS":
            self.gs = segment
        elif name == "GE":
            self.gs = None
        elif name == "IEA":
            self.isa = None
        elif name == "TA1" and self.set is None and self.isa is not None:
            self.acks.append(_ta1(self.isa, segment))
        elif name == "ST":
            self._open(segment)
        elif self.set is not None and name == "SE":
            if _whole(element(segment, 1)) not in (None, self.set.count + 1):
                self.faults.append(f"{self.set.name}: SE01 is not the number of its segments")
            self.acks += self.set.results()
            self.set = None
        elif self.set is not None:
            self.set.take(segment, marks)

    def _open(self, segment: Segment) -> None:
        kind = element(segment, 1)
        reader = {"997": _Syntax, "999": _Syntax, "824": _Advice}.get(kind)
        if reader is None:
            self.others.add(kind or "?")
        elif self.isa is not None:
            self.set = reader(kind, self.isa, self.gs or Segment(("GS",), 0, None), element(segment, 2))

    def _cut(self, by: str) -> None:
        if self.set is not None:
            self.faults.append(f"{self.set.name} has no SE before {by}: it is cut off and not believed")
            self.set = None

    def finish(self) -> None:
        self._cut("the end")
        if self.isa is not None:
            self.faults.append(f"ISA {element(self.isa, 13)} has no IEA: the file may be cut off")


class _Set:
    """One acknowledging set being read."""

    def __init__(self, kind: str, isa: Segment, gs: Segment, control: str) -> None:
        self.kind, self.name, self.count = kind, f"{kind} {control}", 1
        sender, receiver = _pair(isa)
        self.ids = (kind, sender, receiver, element(gs, 2).strip(), element(gs, 3).strip())

    def take(self, segment: Segment, marks: Separators) -> None:
        self.count += 1

    def results(self) -> Iterator[Ack]:
        raise AssertionError("a kind of set has its own results")


class _Syntax(_Set):
    """997 and 999: AK1, then per set AK2, AK3 / IK3, AK4 / IK4, AK5 / IK5, then AK9."""

    def __init__(self, kind: str, isa: Segment, gs: Segment, control: str) -> None:
        super().__init__(kind, isa, gs, control)
        self.ak1: Segment | None = None
        self.ak9: Segment | None = None
        self.sets: dict[object, SetAck] = {}
        self.left_out = 0
        self.open: tuple[str, str] | None = None
        self.errors: list[AckError] = []

    def take(self, segment: Segment, marks: Separators) -> None:
        super().take(segment, marks)
        name = segment.elements[0]
        if name == "AK1":
            self.ak1 = segment
        elif name == "AK2":
            self._close(None)
            self.open, self.errors = (element(segment, 1), element(segment, 2)), []
        elif name in ("AK3", "IK3"):
            code = element(segment, 4)
            position = _whole(element(segment, 2)) or 0
            self._complain(
                AckError(element(segment, 1), position, code, _words("segment_error", code), element(segment, 3))
            )
        elif name in ("AK4", "IK4"):
            self._complain(self._of_element(segment, marks))
        elif name in ("AK5", "IK5"):
            self._close(segment)
        elif name == "AK9":
            self._close(None)
            self.ak9 = segment

    def _complain(self, error: AckError) -> None:
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(error)

    def _of_element(self, segment: Segment, marks: Separators) -> AckError:
        """AK4 belongs to the AK3 before it."""
        about = self.errors[-1] if self.errors else AckError("", 0, "", "")
        place = element(segment, 1).split(marks.component)
        code = element(segment, 3)
        return AckError(
            about.segment, about.position, code, _words("element_error", code), about.loop,
            _whole(place[0]) or None, _whole(place[1]) if len(place) > 1 else None, element(segment, 4),
        )  # fmt: skip

    def _close(self, verdict: Segment | None) -> None:
        """The set that AK2 opened ends here, with or without a verdict."""
        if self.open is None:
            return
        set_id, st = self.open
        said = element(verdict, 1) if verdict else ""
        code, words = _plain(said), _words("set", said) if said else "no verdict (AK5 missing)"
        reasons = [_words("set_error", c) for c in verdict.elements[2:7] if c] if verdict else []
        if code == "A" and self.errors:
            code, words = "E", "called accepted, yet with errors"
        new = SetAck(set_id, st, code, said, "; ".join([words, *reasons]), tuple(self.errors))
        key = _whole(st) if _whole(st) is not None else st
        old = self.sets.get(key)
        if old is None and len(self.sets) >= MOST_SETS:
            self.left_out += 1
        elif old is None or _RANK.get(new.code, -1) > _RANK.get(old.code, -1):
            self.sets[key] = new  # named twice: the worse one counts
        self.open, self.errors = None, []

    def results(self) -> Iterator[Ack]:
        self._close(None)
        said = element(self.ak9, 1) if self.ak9 else ""
        code = "P" if said == "P" else _plain(said)
        received, passed = (_whole(element(self.ak9, n)) if self.ak9 else None for n in (3, 4))
        unnamed = {"A": "A", "R": "R"}.get(code, "")
        sets = tuple(self.sets.values())
        good = sum(s.code in ("A", "E") for s in sets)
        if code == "R" and passed and passed == good:
            unnamed = ""  # it says R and means P: its sets have their own verdicts
        elif code == "R":
            why = "the whole group was rejected, although this set is called accepted"
            sets = tuple(
                SetAck(s.set_id, s.st, "R", s.said, why if s.code in ("A", "E") else s.words, s.errors) for s in sets
            )
        elif code == "A" and (self.left_out or (received is not None and passed is not None and passed < received)):
            unnamed = ""  # it counts fewer as accepted than it received: what it does not name is not proven
        words = _words("group", said) if said else "no verdict on the group (AK9 missing)"
        reasons = [_words("group_error", c) for c in self.ak9.elements[5:10] if c] if self.ak9 else []
        ak1 = self.ak1 or Segment(("AK1",), 0, None)
        yield Ack(
            *self.ids, code=code, said=said, words="; ".join([words, *reasons]),
            functional_id=element(ak1, 1), group=_whole(element(ak1, 2)), sets=sets, unnamed=unnamed,
            sets_received=received,
        )  # fmt: skip


class _Advice(_Set):
    """824: OTI names a document and the verdict on it, TED and NTE after it say why."""

    def __init__(self, kind: str, isa: Segment, gs: Segment, control: str) -> None:
        super().__init__(kind, isa, gs, control)
        self.advices: list[tuple[Segment, list[AckError], list[str]]] = []

    def take(self, segment: Segment, marks: Separators) -> None:
        super().take(segment, marks)
        name = segment.elements[0]
        if name == "OTI":
            self.advices.append((segment, [], []))
        elif name == "TED" and self.advices and len(self.advices[-1][1]) < MOST_ERRORS:
            self.advices[-1][1].append(
                AckError(
                    element(segment, 3), _whole(element(segment, 4)) or 0, element(segment, 1),
                    element(segment, 2) or f"application error {element(segment, 1)}",
                    element=_whole(element(segment, 5).split(marks.component)[0]) or None, value=element(segment, 7),
                )
            )  # fmt: skip
        elif name == "NTE" and self.advices and len(self.advices[-1][2]) < MOST_ERRORS:
            self.advices[-1][2].append(element(segment, 2))

    def results(self) -> Iterator[Ack]:
        for oti, errors, notes in self.advices:
            said = element(oti, 1)
            code = {"A": "A", "C": "E", "E": "E", "P": "E", "R": "R"}.get(said[1:2], "") if said else ""
            words = "; ".join([_words("advice", said), *notes])
            st = element(oti, 9)
            yield Ack(
                *self.ids, code=code, said=said, words=words, group=_whole(element(oti, 8)),
                sets=(SetAck(element(oti, 10), st, code, said, words, tuple(errors)),),
                reference_kind=element(oti, 2), reference=element(oti, 3).strip(),
            )  # fmt: skip


def _ta1(isa: Segment, ta1: Segment) -> Ack:
    sender, receiver = _pair(isa)
    said, note = element(ta1, 4).strip(), element(ta1, 5).strip()
    words = _words("interchange", said) if said else "no verdict"
    if note and note != "000":
        words += f": {_words('interchange_note', note)}"
    return Ack(
        "TA1", sender, receiver, "", "", _plain(said), said, words,
        interchange=_whole(element(ta1, 1)), date=element(ta1, 2), time=element(ta1, 3),
    )  # fmt: skip


def _pair(isa: Segment) -> tuple[str, str]:
    sender, receiver = ((element(isa, n).strip(), element(isa, n + 1).strip()) for n in (5, 7))
    return ":".join(sender), ":".join(receiver)


def _plain(said: str) -> str:
    """A, E or R; '' for anything that is no verdict."""
    return "R" if said in _REJECTED and said else said if said in ("A", "E") else ""


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _words(kind: str, code: str) -> str:
    return _codes()[kind].get(code, f"code {code}" if code else "no code")


@cache
def _codes() -> Mapping[str, Mapping[str, str]]:
    tables: dict[str, dict[str, str]] = json.loads(
        files(__package__).joinpath("tables", "acknowledgments.json").read_text("utf-8")
    )
    return tables
