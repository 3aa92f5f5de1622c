"""Conformance packs, those of an agreements folder (`packs/*.yaml`) and the shipped ones, with file and line.

Of the X12 room this knows the format of packs and their lints, nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from airflow_provider_sagex3_cleo.errors import NotFound
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.checks import Placed
from airflow_provider_sagex3_cleo.partners.findings import Finding
from airflow_provider_sagex3_cleo.partners.marks import Loc, Marked, read_yaml
from airflow_provider_sagex3_cleo.partners.validating import validated
from airflow_provider_sagex3_cleo.x12.packs import GuidePack, Pack, PackFault, lint, resolve, shipped_path

__all__ = ["PackShelf", "find_pack"]

FOLDER = "packs"
SHIPPED = "(shipped pack)"


class PackShelf:
    """All packs that agreements of one folder (or of none) can name. Shipped ones are read when somebody asks.

    A pack of the folder goes before a shipped one of its id. `findings` has what is wrong so far."""

    def __init__(self, root: Path | None) -> None:
        self.findings: list[Finding] = []
        self._marked: dict[str, Marked] = {}
        self._packs: dict[str, Pack | None] = {}
        self._bytes: dict[str, bytes] = {}
        self._resolved: dict[str, GuidePack | None] = {}
        if root is not None:
            for path in sorted((root / FOLDER).glob("**/*.yaml")):
                self._read(path, path.relative_to(root).as_posix())
        for pack_id in list(self._packs):
            self.resolved(pack_id)

    def resolved(self, pack_id: str) -> GuidePack | None:
        """The pack with all it inherits, linted; None where it is not there or is wrong (see `findings`)."""
        if pack_id not in self._resolved:
            pack = self._pack(pack_id)
            found, faults = (None, []) if pack is None else resolve(pack, self._pack)
            faults = faults or ([] if found is None else lint(found))
            for fault in faults:
                self._note(pack_id, fault)
            self._resolved[pack_id] = None if any(f.severity == "error" for f in faults) else found
        return self._resolved[pack_id]

    def of_agreements(self, agreements: Iterable[Placed[Agreement]]) -> dict[str, GuidePack]:
        """The packs that agreements name, by id; one that is not there or does not fit becomes a finding."""
        found: dict[str, GuidePack] = {}
        for item in agreements:
            name = item.value.pack
            if name is None:
                continue
            if name not in self._packs and self._pack(name) is None:
                near = ", ".join(sorted(i for i, pack in self._packs.items() if pack is not None)) or "none"
                sentence = f"pack '{name}' is neither in {FOLDER}/ nor shipped; in {FOLDER}/: {near}"
                self.findings.append(item.finding("pack", f"pack: {sentence}"))
                continue
            pack = self.resolved(name)
            if pack is not None:
                found[name] = pack
                self.findings += [item.finding("pack", f"pack: {sentence}") for sentence in _misfits(item.value, pack)]
        return found

    def digest(self) -> bytes:
        """Names the content of all packs read, shipped ones included."""
        digest = hashlib.sha256()
        for name in sorted(self._bytes):
            digest.update(f"{name}\0{len(self._bytes[name])}\0".encode() + self._bytes[name])
        return digest.digest()

    def _pack(self, pack_id: str) -> Pack | None:
        if pack_id not in self._packs:
            path = shipped_path(pack_id)
            if path is None:
                return None
            self._read(path, f"{path.name} {SHIPPED}")
        return self._packs.get(pack_id)

    def _read(self, path: Path, name: str) -> None:
        marked = read_yaml(path, name)
        self._bytes[name] = path.read_bytes()
        pack_id = marked.data.get("id") if isinstance(marked.data, dict) else None
        if not marked.faults and not isinstance(marked.data, dict):
            marked.fault((), "expected a pack: keys with values")
        pack = validated(Pack, marked.data, marked, ()) if isinstance(marked.data, dict) else None
        if isinstance(pack_id, str):
            if pack_id in self._marked:
                marked.fault(("id",), f"pack id '{pack_id}' stands twice (first in {self._marked[pack_id].file})")
            else:
                self._marked[pack_id], self._packs[pack_id] = marked, pack
        self.findings += marked.faults

    def _note(self, asked: str, fault: PackFault) -> None:
        """A fault at the rule it is about; one that an heir of the rule's pack has met is noted once."""
        marked = self._marked.get(fault.pack, self._marked[asked])
        finding = Finding(
            marked.file, marked.line(_loc(marked, fault.at)), fault.message,
            "error" if fault.severity == "error" else "warning",
        )  # fmt: skip
        if finding not in self.findings:
            self.findings.append(finding)


def _loc(marked: Marked, at: str) -> Loc:
    """Where a key stands, or the last rule of that id."""
    if (at,) in marked.lines:
        return (at,)
    rules = marked.data.get("rules") if isinstance(marked.data, dict) else None
    found = [n for n, rule in enumerate(rules or ()) if isinstance(rule, dict) and rule.get("id") == at]
    return ("rules", found[-1]) if found else ()


def _misfits(agreement: Agreement, pack: GuidePack) -> Iterator[str]:
    if pack.set_id is None:
        yield f"'{pack.id}' is for other packs to extend: it names no set"
    elif pack.set_id != agreement.set_id:
        yield f"'{pack.id}' is for set {pack.set_id}, the agreement is for {agreement.set_id}"
    elif agreement.release not in pack.releases:
        yield f"'{pack.id}' is for release {' and '.join(pack.releases)}, the agreement for {agreement.release}"


def find_pack(pack_id: str, folder: Path | None) -> GuidePack:
    """A pack of an agreements folder, or one that comes with the package.

    Raises:
        NotFound: there is none of this id that is right; what is wrong is in the message."""
    shelf = PackShelf(folder)
    found = shelf.resolved(pack_id)
    if found is None:
        why = "; ".join(str(f) for f in shelf.findings if f.severity == "error")
        raise NotFound(
            why or f"neither in {FOLDER}/ of the agreements nor shipped", system="packs", record=pack_id,
            remedy="`sagex3-cleo partners check` shows the packs of the folder",
        )  # fmt: skip
    return found
