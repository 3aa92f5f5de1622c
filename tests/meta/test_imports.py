"""What importing the package costs those who only need to know that it is there."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys

import pytest

from tests.meta.tables import core_modules

HEAVY = ("airflow", "requests", "sqlalchemy", "pydantic", "yaml", "alembic", "jwt", "tenacity", "badx12")


@pytest.mark.parametrize("name", ["airflow_provider_sagex3_cleo", "airflow_provider_sagex3_cleo.get_provider_info"])
def test_a_bare_interpreter_loads_nothing_heavy(name: str) -> None:
    code = f"import {name}, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", [n for n in core_modules() if "sandbox" not in n])
def test_public_names_are_those_in_all(name: str) -> None:
    module = importlib.import_module(name)
    if hasattr(module, "__path__") and not hasattr(module, "__all__"):
        assert not [n for n in vars(module) if not n.startswith("_") and not _is_module(module, n)]
        return
    assert sorted(module.__all__) == sorted(set(module.__all__))
    assert all(hasattr(module, public) for public in module.__all__)


def _is_module(module: object, name: str) -> bool:
    return type(getattr(module, name)).__name__ == "module"


def test_only_the_glue_names_airflow() -> None:
    for name in core_modules():
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        with open(spec.origin, encoding="utf-8") as source:
            tree = ast.parse(source.read())
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [n for n in names if n == "airflow" or n.startswith("airflow.")], name
