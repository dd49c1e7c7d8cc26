"""Management commands, as an operator runs them."""

from dataclasses import dataclass
from io import StringIO

from django.core.management import call_command
from django.core.management.base import CommandError


@dataclass(frozen=True)
class Run:
    """What a command printed, and the message it failed with ("" when it did not)."""

    out: str
    err: str
    failure: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def run(*words: str) -> Run:
    """Run a command to its end or its failure: run("reset_budgets", "ann", "--no-input")."""
    out, err, failure = StringIO(), StringIO(), ""
    try:
        call_command(*words, stdout=out, stderr=err)
    except CommandError as problem:
        failure = f"{problem}" if problem.returncode == 1 else f"exits {problem.returncode}"
    return Run(out.getvalue(), err.getvalue(), failure)
