"""The trading partners behind the fake Cleo: they take files up and answer with 997, 999, TA1 or 824, or oddly.

    partner = Partner(sandbox.cleo.store)          # or Partner(CleoAdmin(url)) from another process
    partner.answer(accept())                       # one 997 into the inbound folder for each file not answered yet
    partner.answer(reject(places=[Place("PO1", 3, "7")]), folder="sup-850")

An answer is a function from the bytes of a file that we sent to the bytes that come back. Nothing in here uses the X12
engine of the product, so that both can be held against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from airflow_provider_sagex3_cleo.sandbox.cleo_store import JournalRow

__all__ = [
    "INBOUND",
    "Answer",
    "Partner",
    "Place",
    "Sent",
    "Spelling",
    "accept",
    "accept_with_errors",
    "advice",
    "contradict",
    "foreign",
    "group_only",
    "interchange",
    "not_x12",
    "partial",
    "reject",
    "repeat",
    "truncated",
    "unknown_number",
]

INBOUND: Final = "inbound"
"""The folder acknowledgments come into."""

Answer = Callable[["Sent"], bytes]
Row = tuple[str, ...]


class Files(Protocol):
    """What of Cleo a partner sees: `CleoStore` in this process, `CleoAdmin` from another."""

    def journal(self, folder: str | None = None, *, after: int = 0) -> list[JournalRow]:
        """Every storing so far."""
        ...

    def place(self, folder: str, name: str, data: bytes, /) -> None:
        """Put a file there."""
        ...


@dataclass(frozen=True)
class Place:
    """Something to complain about: the `turn`-th segment of this id (from 1) and one element of it, with a 723 code.

    Without `element` the whole segment is meant, with a 720 code."""

    segment: str
    element: int | None
    code: str
    turn: int = 1
    value: str = ""


@dataclass(frozen=True)
class Sent:
    """A file that came from us, as a partner reads it."""

    data: bytes
    rows: tuple[Row, ...] = field(init=False)

    def __post_init__(self) -> None:
        text = self.data.decode("latin-1")
        mark, end = text[3], text[105]
        rows = tuple(tuple(row.strip("\r\n").split(mark)) for row in text.split(end) if row.strip())
        object.__setattr__(self, "rows", rows)

    def first(self, segment: str) -> Row:
        """The first segment of this id."""
        return next(row for row in self.rows if row[0] == segment)

    def sets(self) -> list[tuple[Row, ...]]:
        """The segments of each set, ST to SE."""
        found: list[list[Row]] = []
        for row in self.rows:
            if row[0] == "ST":
                found.append([])
            if found and row[0] not in ("GE", "IEA"):
                found[-1].append(row)
        return [tuple(each) for each in found]

    def groups(self) -> list[tuple[Row, list[tuple[Row, ...]]]]:
        """GS of each group with its sets."""
        found: list[tuple[Row, list[tuple[Row, ...]]]] = []
        sets = iter(self.sets())
        for row in self.rows:
            if row[0] == "GS":
                found.append((row, []))
            elif row[0] == "ST":
                found[-1][1].append(next(sets))
        return found

    def numbers(self) -> list[str]:
        """ST02 of each set."""
        return [each[0][2] for each in self.sets()]


class Partner:
    """All partners at once: they answer what came since the last time, each file to its own sender.

    Args:
        files: the fake Cleo.
        inbound: the folder the answers come into."""

    def __init__(self, files: Files, inbound: str = INBOUND) -> None:
        self.files, self.inbound = files, inbound
        self._seen, self._written = 0, 0

    def arrived(self, folder: str | None = None) -> list[JournalRow]:
        """Files that came since the last time, which counts as seeing them."""
        rows = self.files.journal(None, after=self._seen)
        self._seen += len(rows)
        return [row for row in rows if folder in (None, row.folder)]

    def answer(self, *answers: Answer, folder: str | None = None) -> list[str]:
        """Answer each file that arrived with each of these; none: never. Returns the names of the answers."""
        return [self.put(make(Sent(row.data))) for row in self.arrived(folder) for make in answers]

    def put(self, data: bytes, name: str | None = None) -> str:
        """Put these bytes into the inbound folder. Returns the name."""
        self._written += 1
        name = name or f"ack_{self._written:06d}.edi"
        self.files.place(self.inbound, name, data)
        return name


# --- answers ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Spelling:
    """How an answer is written. `zeros`: control numbers 'as sent', 'dropped' or 'added' leading zeros."""

    kind: str = "997"
    release: str | None = None
    zeros: str = "as sent"
    element: str = "*"
    segment: str = "~"
    component: str = ">"
    line_break: bool = False


PLAIN: Final = Spelling()


def accept(spelling: Spelling = PLAIN, *, named: bool = True) -> Answer:
    """All well; `named` False leaves the sets out, as the standard allows."""

    def make(sent: Sent) -> bytes:
        sets = dict.fromkeys(sent.numbers(), "A") if named else {}
        return _syntax(sent, "A", sets, {}, spelling)

    return make


def accept_with_errors(places: Sequence[Place] = (), spelling: Spelling = PLAIN) -> Answer:
    """Accepted, errors noted."""
    return lambda sent: _syntax(sent, "E", dict.fromkeys(sent.numbers(), "E"), _all(sent, places), spelling)


def reject(places: Sequence[Place] = (), spelling: Spelling = PLAIN, *, named: bool = True) -> Answer:
    """The whole group rejected, each set with these places."""

    def make(sent: Sent) -> bytes:
        sets = dict.fromkeys(sent.numbers(), "R") if named else {}
        return _syntax(sent, "R", sets, _all(sent, places), spelling)

    return make


def partial(
    verdicts: Mapping[int, str], places: Sequence[Place] = (), spelling: Spelling = PLAIN, *, group: str = "P"
) -> Answer:
    """A group taken in part: verdict (A, E, R) by place of the set (from 0); those left out are not named."""

    def make(sent: Sent) -> bytes:
        sets = {st: verdicts[n] for n, st in enumerate(sent.numbers()) if n in verdicts}
        bad = {st: tuple(places) for st, code in sets.items() if code != "A"}
        return _syntax(sent, group, sets, bad, spelling)

    return make


def group_only(code: str, spelling: Spelling = PLAIN) -> Answer:
    """A verdict on the group alone, no set named."""
    return lambda sent: _syntax(sent, code, {}, {}, spelling)


def contradict(spelling: Spelling = PLAIN) -> Answer:
    """Says R of the group and none accepted, and A of each set."""
    return lambda sent: _syntax(sent, "R", dict.fromkeys(sent.numbers(), "A"), {}, spelling, passed=0)


def interchange(code: str, note: str = "000", spelling: Spelling = PLAIN) -> Answer:
    """A TA1 about the envelope."""

    def make(sent: Sent) -> bytes:
        isa = sent.first("ISA")
        number = _number(isa[13], spelling)
        return _enclosed(sent, spelling, [("TA1", number, isa[9], isa[10], code, note)], group=None)

    return make


def advice(code: str, text: str = "", spelling: Spelling = PLAIN, *, by: str = "numbers", turn: int = 0) -> Answer:
    """An 824 about one document, named by its control numbers or, `by` 'reference', by its own number only."""

    def make(sent: Sent) -> bytes:
        chosen = sent.sets()[turn]
        gs, reference = sent.first("GS"), next(row for row in chosen if row[0] == "BEG")[3]
        oti: Row = ("OTI", code, "PO", reference)
        if by == "numbers":
            oti += ("", "", "", "", _number(gs[6], spelling), _number(chosen[0][2], spelling), chosen[0][1])
        rows: list[Row] = [("BGN", "00", "ADV1", "20261124"), oti]
        if text:
            rows.append(("TED", "012", text))
        return _enclosed(sent, spelling, _as_set("824", rows), group="AG")

    return make


def unknown_number(spelling: Spelling = PLAIN) -> Answer:
    """Accepts a group that we never sent."""

    def make(sent: Sent) -> bytes:
        return _syntax(sent, "A", {"0001": "A"}, {}, spelling, group="777777777")

    return make


def foreign(spelling: Spelling = PLAIN) -> Answer:
    """An acknowledgment that was meant for somebody else."""

    def make(sent: Sent) -> bytes:
        sets = dict.fromkeys(sent.numbers(), "A")
        return _syntax(sent, "A", sets, {}, spelling, to=("ZZ", "SOMEBODYELSE"))

    return make


def truncated(of: Answer, keep: float = 0.6) -> Answer:
    """The first part of another answer: its SE is missing."""

    def make(sent: Sent) -> bytes:
        whole = of(sent)
        return whole[: min(int(len(whole) * keep), whole.rindex(b"SE"))]

    return make


def not_x12(data: bytes = b"<html>Delivery notification</html>") -> Answer:
    """Something else altogether."""
    return lambda sent: data


def repeat(of: Answer) -> Answer:
    """The same statement in other bytes: the partner's program wrote it twice."""
    return lambda sent: of(sent) + b"\r\n"


# --- writing ----------------------------------------------------------------------------------------------------------
def _all(sent: Sent, places: Sequence[Place]) -> dict[str, tuple[Place, ...]]:
    return {st: tuple(places) for st in sent.numbers()}


def _syntax(
    sent: Sent,
    verdict: str,
    sets: Mapping[str, str],
    bad: Mapping[str, Sequence[Place]],
    spelling: Spelling,
    *,
    group: str | None = None,
    passed: int | None = None,
    to: tuple[str, str] | None = None,
) -> bytes:
    """One acknowledgment for each group."""
    letter = "IK" if spelling.kind == "999" else "AK"
    groups = sent.groups()
    written: list[Row] = []
    for n, (gs, own) in enumerate(groups, 1):
        rows: list[Row] = [("AK1", gs[1], _number(group or gs[6], spelling))]
        by_number = {each[0][2]: each for each in own}
        named = {st: code for st, code in sets.items() if len(groups) == 1 or st in by_number}
        for st, code in named.items():
            rows.append(("AK2", own[0][0][1], _number(st, spelling)))
            if code != "A":
                rows += _places(by_number.get(st, ()), bad.get(st, ()), letter)
            rows.append((f"{letter}5", code, *(("5",) if code != "A" and bad.get(st) else ())))
        count = len(own)
        good = sum(code in "AE" for code in named.values()) if named else count if verdict in "AE" else 0
        rows.append(("AK9", verdict, str(count), str(count), str(good if passed is None else passed)))
        written += _as_set(spelling.kind, rows, n)
    return _enclosed(sent, spelling, written, group="FA", to=to)


def _places(segments: Sequence[Row], places: Iterable[Place], letter: str) -> Iterable[Row]:
    for place in places:
        found = [n for n, row in enumerate(segments, 1) if row[0] == place.segment]
        if len(found) < place.turn:
            continue
        position = found[place.turn - 1]
        yield (f"{letter}3", place.segment, str(position), "", "8" if place.element else place.code)
        if place.element:
            own = segments[position - 1]
            value = place.value or (own[place.element] if place.element < len(own) else "")
            yield (f"{letter}4", str(place.element), "", place.code, *((value,) if value else ()))


def _as_set(kind: str, rows: Sequence[Row], number: int = 1) -> list[Row]:
    return [("ST", kind, f"{number:04d}"), *rows, ("SE", str(len(rows) + 2), f"{number:04d}")]


def _number(number: str, spelling: Spelling) -> str:
    if spelling.zeros == "dropped":
        return number.lstrip("0").rjust(1, "0")
    return number.zfill(9) if spelling.zeros == "added" else number


def _enclosed(
    sent: Sent, spelling: Spelling, rows: Sequence[Row], *, group: str | None, to: tuple[str, str] | None = None
) -> bytes:
    isa, gs = sent.first("ISA"), sent.first("GS")
    release = spelling.release or gs[8][:6]
    version = {"004010": "00401", "005010": "00501"}.get(release, release[:5])
    mark, end = spelling.element, spelling.segment
    receiver = to or (isa[5], isa[6].strip())
    envelope = [
        "ISA", "00", " " * 10, "00", " " * 10, isa[7], isa[8].strip().ljust(15), receiver[0], receiver[1].ljust(15),
        isa[9], isa[10], "U" if version <= "00401" else "^", version, isa[13], "0", isa[15], spelling.component,
    ]  # fmt: skip
    out: list[Sequence[str]] = [envelope]
    if group is None:
        out += rows
    else:
        stamp = (gs[4], gs[5])
        version8 = f"{release}X231A1" if spelling.kind == "999" else release
        ours = (to[1] if to else gs[2]).ljust(2)
        out.append(("GS", group, gs[3], ours, *stamp, gs[6], "X", version8))
        out += rows
        out.append(("GE", str(sum(row[0] == "ST" for row in rows)), gs[6]))
    out.append(("IEA", "0" if group is None else "1", isa[13]))
    glue = end + ("\r\n" if spelling.line_break else "")
    return (glue.join(mark.join(row) for row in out) + glue).encode("latin-1")
