"""Imports and foreign keys point one way, and pure modules stay pure."""

import ast
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

#: From the ground up: each app may know those before it.
ORDER = ["people", "budgets", "occasions", "purchases", "config"]
PURE_BY_DESIGN = {"budgets.money", "budgets.periods", "budgets.levels", "budgets.forecast"}
PROJECT = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}
PURE = CONTRACTS["pure"]["source_modules"]
#: Calls that read the clock.
CLOCK = {"now", "today", "utcnow", "time", "monotonic"}


def test_every_app_has_its_place():
    folders = {path.parent.name for path in settings.BASE_DIR.glob("*/apps.py")}
    assert folders <= set(ORDER)
    assert folders == {config.name for config in apps.get_app_configs()} & set(ORDER)


def test_foreign_keys_point_one_way():
    keys = [
        (field.model._meta, field.related_model._meta)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ORDER
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
    ]
    ours = [(one, other) for one, other in keys if other.app_label in ORDER]
    assert {(one.app_label, other.app_label) for one, other in ours} >= {
        ("budgets", "people"),
        ("budgets", "budgets"),
    }
    upwards = [
        f"{one.label} points at {other.label}"
        for one, other in ours
        if ORDER.index(one.app_label) < ORDER.index(other.app_label)
    ]
    assert upwards == []


def test_imports_point_one_way(monkeypatch, capsys):
    monkeypatch.chdir(settings.BASE_DIR)
    verdict = lint_imports(no_cache=True)
    assert verdict == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_the_contracts_know_every_app():
    folders = {path.parent.name for path in settings.BASE_DIR.glob("*/apps.py")}
    assert set(PROJECT["tool"]["importlinter"]["root_packages"]) == folders
    layers = CONTRACTS["apps"]["layers"]
    assert layers == sorted(folders, key=ORDER.index, reverse=True)


def test_the_pure_modules_are_those_of_the_design():
    assert set(PURE) >= PURE_BY_DESIGN


@pytest.mark.parametrize("module", PURE)
def test_a_pure_module_knows_no_django_and_no_clock(module):
    tree = ast.parse(source_of(module).read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    assert [name for name in imported if name.partition(".")[0] in {"django", "people"}] == []
    called = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert called & CLOCK == set()


def source_of(module: str) -> Path:
    return (settings.BASE_DIR / module.replace(".", "/")).with_suffix(".py")
