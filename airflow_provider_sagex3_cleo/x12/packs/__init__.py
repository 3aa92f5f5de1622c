"""Conformance packs: a partner's implementation guide as data on top of the standard.

`Pack` is one file, `resolve` puts what it extends under it, `compiled` makes functions of it, `lint` finds what is
wrong with it before a document does."""

from airflow_provider_sagex3_cleo.x12.packs.judging import CompiledPack, compiled, fitting, is_of_pack
from airflow_provider_sagex3_cleo.x12.packs.linting import lint
from airflow_provider_sagex3_cleo.x12.packs.model import Pack, Rule
from airflow_provider_sagex3_cleo.x12.packs.resolving import GuidePack, PackFault, resolve, shipped_path

__all__ = [
    "CompiledPack",
    "GuidePack",
    "Pack",
    "PackFault",
    "Rule",
    "compiled",
    "fitting",
    "is_of_pack",
    "lint",
    "resolve",
    "shipped_path",
]
