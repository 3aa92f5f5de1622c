"""A stream of bytes -> the segments of one interchange after the other, read as they are asked for.

Delimiters come from each ISA, whatever its widths. Line ends and indentation between segments are passed over; files
that were folded into lines of one width are unfolded. Memory holds one block of the stream, not the file."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import BinaryIO, Literal, NamedTuple

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.x12.model import Finding

__all__ = ["BLOCK", "ReadFault", "Separators", "Tokens"]

BLOCK = 1 << 14
ISA_ELEMENTS, ISA_MOST = 16, 220  # the most that an ISA of wrong widths may have before its terminator
_BLANKS = " \r\n\t\x00\x1a"
_BOM = "\xef\xbb\xbf"

Token = tuple[tuple[str, ...], int]  # the elements of a segment, the byte where it begins


class ReadFault(e.Quarantine):
    """The envelope is broken: not an interchange, cut off, or segments outside their brackets.

    `findings` has every fault, not only the first."""

    default_remedy = "ask the sender for the file again"

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].message, system="X12", field=findings[0].code)
        self.findings = findings


class Separators(NamedTuple):
    """The delimiters found in an ISA. `repetition` is None where ISA11 is not one (004010)."""

    segment: str
    element: str
    component: str
    repetition: str | None


class Tokens:
    """The segments of a stream.

    `begin` finds the next interchange and its delimiters, `block` gives its segments piece by piece until it ends.
    `findings` are faults of what stands between segments; whoever reads takes them away."""

    def __init__(self, stream: BinaryIO) -> None:
        self.findings: list[Finding] = []
        self.count = 0  # segments so far, in the whole file
        self._stream = stream
        self._text, self._start, self._ended = "", 0, False  # what is read and not yet used, and its place in the file
        self._width, self._fold = 0, 0  # of folded lines: signs of a line, signs of a line end
        self._more()
        if self._text.startswith(_BOM):
            self._use(len(_BOM))
        self._unfold()
        self._marks: Separators | None = None
        self._first = True

    def begin(self) -> Separators | None:
        """The delimiters of the next interchange, None at the end of the stream.

        Raises:
            ReadFault: what follows is no ISA, or a cut one."""
        while True:
            blank = len(self._text) - len(self._text.lstrip(_BLANKS))
            self._use(blank)
            if self._text or not self._more():
                break
        if not self._text:
            return None
        while len(self._text) < ISA_MOST and self._more():
            pass
        self._marks, self._first = _separators(self._text, self._at(0)), True
        return self._marks

    def block(self) -> list[Token] | None:
        """The next segments of the interchange, None when it has ended: after its IEA, or before another ISA."""
        marks = self._marks
        if marks is None:
            return None
        mark = marks.segment
        while True:
            end = _end(mark, marks.element).search(self._text, 3 if self._first else 0)
            last = self._ended or (end is not None and end.end() < len(self._text))
            if last:
                stop = end.end() if end else len(self._text)
            else:
                stop = 0 if end else self._text.rfind(mark) + 1
            if stop or last:
                break
            self._more()
        self._first = False
        chunks = self._text[:stop].split(mark)
        tokens: list[Token] = []
        at = 0
        for n, chunk in enumerate(chunks, 1):
            raw = chunk.lstrip()
            if raw:
                line = raw.rstrip("\r\n")
                text = line if line.isascii() else readable(line)
                elements = tuple(text.split(marks.element))
                begins = at + len(chunk) - len(raw)
                if text is line and not line.isascii():
                    self._tell("not-utf8", "bytes beyond ASCII that are no UTF-8", line[:20], "ASCII or UTF-8", begins)
                tokens.append((elements, self._at(begins) if self._width else self._start + begins))
            elif n < len(chunks) and mark not in "\r\n":
                self._tell("segment-empty", "a segment of nothing stands between two terminators", "", "a segment", at)
            at += len(chunk) + 1
        self.count += len(tokens)
        if last:
            self._marks = None
            if self._text[stop : stop + 1] == mark:
                stop += 1
            elif stop == len(self._text) and chunks[-1].strip():
                message = "the last segment has no terminator: the file may be cut off"
                last_one = chunks[-1].strip()
                place = at - len(chunks[-1].lstrip()) - 1
                self._tell("segment-unterminated", message, last_one[-20:], repr(mark), place, last_one[:3])
        self._use(stop)
        return tokens

    def _tell(self, code: str, message: str, found: str, expected: str, at: int, segment: str = "") -> None:
        """Note a fault at an index of the text; one that names a segment is an error."""
        severity: Literal["error", "warning"] = "error" if segment else "warning"
        offset = self._at(at)
        self.findings.append(Finding(severity, code, message, segment, self.count, "", found, expected, offset))

    # --- the text ---------------------------------------------------------------------------------------------------
    def _more(self) -> bool:
        """Read on; False at the end. One byte is one character here, so that places are bytes."""
        data = self._stream.read(max(BLOCK, len(self._text)))  # ever more, should no terminator come
        self._ended = self._ended or not data
        text = data.decode("latin-1")
        self._text += text.replace("\r", "").replace("\n", "") if self._width else text
        return bool(data)

    def _use(self, signs: int) -> None:
        self._text, self._start = self._text[signs:], self._start + signs

    def _at(self, index: int) -> int:
        """The byte of the file at which an index of the text stands."""
        at = self._start + index
        return at + at // self._width * self._fold if self._width else at

    def _unfold(self) -> None:
        """See whether all lines of the first block have one width and break segments: then line ends are left out."""
        lines = self._text.split("\n")
        if len(lines) < 3 or self._start or not self._text.startswith("ISA"):
            return
        whole = lines[:-1]
        width = len(whole[0].rstrip("\r"))
        if any(len(line.rstrip("\r")) != width for line in whole[1:]) or len(lines[-1]) > width:
            return
        flat = self._text.replace("\r", "").replace("\n", "")
        try:
            mark = _separators(flat, 0).segment
        except ReadFault:
            return
        if mark not in "\r\n" and not all(line.rstrip("\r").endswith(mark) for line in whole):
            self._width, self._fold = width, len(whole[0]) - width + 1
            self._text = flat


def readable(text: str) -> str:
    """Text of which one character is one byte, its UTF-8 read as such; what is none is given back as it is."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return text


@lru_cache(maxsize=64)
def _end(segment: str, element: str) -> re.Pattern[str]:
    """Finds where an interchange ends: with its IEA, or before the next ISA."""
    term, sep = re.escape(segment), re.escape(element)
    return re.compile(rf"(?:\A|{term})\s*(?:IEA{sep}[^{term}]*|(?=ISA{sep}))")


def _separators(text: str, offset: int) -> Separators:
    """The delimiters that the ISA at the beginning of `text` declares.

    Raises:
        ReadFault: no ISA there, or it is cut off."""
    found = text[:20]
    if not text.startswith("ISA") or len(text) < 4:
        raise ReadFault([Finding("error", "isa-missing", "no ISA where one must begin", found=found, offset=offset)])
    mark, at = text[3], 3
    for _ in range(ISA_ELEMENTS - 1):
        at = text.find(mark, at + 1)
        if at < 0 or at > ISA_MOST - 20:
            message = "ISA has fewer than 16 elements"
            raise ReadFault([Finding("error", "isa-cut", message, "ISA", 1, found=found, offset=offset)])
    if at + 2 >= len(text):
        raise ReadFault([Finding("error", "isa-cut", "ISA is cut off", "ISA", 1, found=found, offset=offset)])
    if text[at + 2] in text[: at + 2]:
        message = "what ends the ISA stands inside it: no segment terminator"
        raise ReadFault(
            [Finding("error", "delimiters", message, "ISA", 1, "ISA16", text[at + 2], "another sign", offset)]
        )
    elements = text[: at + 2].split(mark)
    eleventh = elements[11]
    repetition = eleventh if len(eleventh) == 1 and not eleventh.isalnum() and eleventh != " " else None
    return Separators(text[at + 2], mark, text[at + 1], repetition if elements[12] > "00401" else None)
