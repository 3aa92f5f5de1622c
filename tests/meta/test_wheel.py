"""The wheel is what people install: everything is in it, and it runs from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "airflow_provider_sagex3_cleo"

USE = f"""
import importlib, pkgutil, sys
import {PACKAGE} as package
from {PACKAGE}.sagex3.spec import load_specs
from {PACKAGE}.ledger import Ledger
from {PACKAGE}.partners import find_pack
assert package.__file__.startswith(sys.argv[1]), package.__file__
for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if ".migrations" not in info.name:
        importlib.import_module(info.name)
assert "purchase_orders" in load_specs()
assert find_pack("example-retailer-810", None).rules
Ledger.open("sqlite:///" + sys.argv[2]).close()
print("all there")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that the checkout stays clean."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / PACKAGE, source / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "-w", str(target), str(source)], check=True
    )
    (built,) = target.glob("*.whl")
    return built


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    files = {str(p.relative_to(ROOT)) for p in (ROOT / PACKAGE).rglob("*") if p.is_file() and p.suffix != ".pyc"}
    assert files <= packed
    assert any(name.endswith("LICENSE") for name in packed)
    assert not [name for name in packed if name.startswith(("tests/", "demo/", "dags/"))]


def test_every_module_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--target", str(target), str(wheel)], check=True
    )
    env = {**os.environ, "PYTHONPATH": str(target), "AIRFLOW_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-P", "-c", USE, str(target), str(tmp_path / "ledger.db")],
        env=env, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip().endswith("all there"), done.stderr[-2000:]


def test_the_wheel_installs_into_a_bare_environment_and_airflow_lists_it(wheel: Path, tmp_path: Path) -> None:
    release = "2.11" if version("apache-airflow").startswith("2.") else "3"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "bare")], check=True)
    bare = tmp_path / "bare" / "bin"
    constraints = ROOT / "constraints" / f"airflow-{release}.txt"
    subprocess.run(
        [bare / "python", "-I", "-m", "pip", "install", "-qq", "-c", str(constraints), str(wheel)],
        check=True, timeout=600,
    )  # fmt: skip
    env = {"AIRFLOW_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), "PATH": os.defpath}

    def shell(*command: str) -> str:
        done = subprocess.run(
            [bare / command[0], *command[1:]], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    assert "airflow-provider-sagex3-cleo" in shell("airflow", "providers", "list", "-o", "plain")
    types = {line.split()[0] for line in shell("airflow", "providers", "hooks", "-o", "plain").splitlines() if line}
    assert {"sagex3", "cleo", "edi_ledger"} <= types
    assert "baseline" in shell("sagex3-cleo", "--help")
