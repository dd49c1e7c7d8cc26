"""The examples of docs/api.md, run as they stand there against a server."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from budgets.models import Entry, Hold
from people.models import Scope
from people.tests.factories import UserFactory
from people.tests.programs import program

DOCUMENT = settings.BASE_DIR / "docs" / "api.md"
#: What is asked with where no curl is: it understands what the examples say.
STAND_IN = f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("curl.py")} "$@"\n'


@dataclass(frozen=True)
class Block:
    language: str
    text: str


def blocks() -> list[Block]:
    found = re.findall(r"^```(\w+)\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    return [Block(*one) for one in found]


def model(**asked: Any) -> SimpleNamespace:
    """Answer as the client of a provider does."""
    return SimpleNamespace(text=f"{asked['model']} on paper", input_tokens=12, output_tokens=40)


@pytest.fixture
def world(live_server, monkeypatch):
    member = UserFactory(username="ben", first_name="Ben", timezone="Europe/Vienna")
    gateway = program(UserFactory(administrator=True), Scope.SPEND, for_others=True)
    monkeypatch.setenv("BASE", f"{live_server.url}/api/v1")
    monkeypatch.setenv("TOKEN", program(member).secret)
    monkeypatch.setenv("GATEWAY_TOKEN", gateway.secret)
    return {"llm": model}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("own_curl", [True, False], ids=["curl", "a stand-in for curl"])
def test_every_example_does_what_it_says(world, tmp_path, monkeypatch, own_curl):
    if not own_curl or not shutil.which("curl"):
        curl = tmp_path / "curl"
        curl.write_text(STAND_IN)
        curl.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    said = ""
    for block in blocks():
        match block.language:
            case "sh":
                command = ["bash", "-euo", "pipefail", "-c", block.text]
                said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            case "python":
                exec(compile(block.text, str(DOCUMENT), "exec"), world)
            case "json":
                assert shape(json.loads(said)) >= shape(json.loads(block.text))
                assert json.loads(said).keys() == json.loads(block.text).keys()
    world["api"].close()
    world["budget"].close()
    assert list(Hold.objects.filter(status="held").values_list("memo", flat=True)) == [""]
    assert Entry.objects.filter(memo="A poem").count() == 1
    guarded = Entry.objects.get(model="claude-sonnet-4-5", memo="")
    assert (guarded.input_tokens, guarded.output_tokens) == (12, 40)
    assert guarded.amount > 0


def shape(told: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the keys of an answer, each with the kind of what stands there."""
    return {(name, type(value).__name__) for name, value in told.items()}


def test_the_guard_is_as_short_as_it_says():
    guard = next(block for block in blocks() if "def ask(" in block.text)
    assert len([line for line in guard.text.splitlines() if line.strip()]) <= 40


def test_every_problem_stands_in_the_table():
    told = set(re.findall(r"^\| (\d{3}) \| `([\w-]+)` \|", DOCUMENT.read_text(), re.MULTILINE))
    made = {
        one
        for folder in ("people", "budgets", "occasions", "purchases", "config")
        for path in (settings.BASE_DIR / folder).rglob("*.py")
        if "tests" not in path.parts
        for one in re.findall(r"(?<!def )\bproblem\(\s*([^,]+),\s*([^,]+),", path.read_text())
    }
    # The status of one is the framework's: what it cannot read is not in it twice.
    made.remove(("refusal.status_code", '"bad-request"'))
    assert {(status, f'"{kind}"') for status, kind in told} == made
