"""What a batch comes to, in words and figures: before it is recorded, while it is, and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from budgets import formats
from budgets.money import ZERO
from purchases.formats import in_currency
from purchases.importing.batches import Tally
from purchases.importing.batches.reading import NOTHING
from purchases.importing.formats import format_named
from purchases.importing.shapes import Kind
from purchases.models import ImportBatch, ImportRow

State, Mode = ImportBatch.State, ImportBatch.Mode
Fate, Outcome = ImportRow.Fate, ImportRow.Outcome

#: The states in which a batch is worked on, and what that is called.
DOING = {
    State.READING: "Reading the file",
    State.APPLYING: "Recording",
    State.UNDOING: "Undoing",
}


_OPENAI = (
    "OpenAI tells the same use in its usage and in its costs. Import only one of the two for the"
    " same days: both would count twice."
)
#: What is to be known about a format before its files are recorded.
NOTES = {
    "pursestrings": "Only purchases, with their warranties and papers, are brought in; people,"
    " occasions, gifts and the budget stay in the file.",
    "openai-usage": _OPENAI,
    "openai-costs": _OPENAI,
}


def notes(key: str) -> list[str]:
    """Return what is to be known about a format."""
    return [NOTES[key]] if key in NOTES else []


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of one currency, and what it is of."""

    label: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Nouns:
    """What the rows of a batch are called."""

    one: str
    many: str

    def of(self, count: int) -> str:
        return f"{formats.number(count)} {self.one if count == 1 else self.many}"


PURCHASES = Nouns("purchase", "purchases")
USES = Nouns("use of an AI model", "uses of AI models")
ROWS = Nouns("row", "rows")


def nouns(batch: ImportBatch) -> Nouns:
    is_usage = batch.format and format_named(batch.format).kind == Kind.USAGE
    return USES if is_usage else PURCHASES


def title(batch: ImportBatch) -> str:
    """Return what a file is; "" while nobody has said."""
    return format_named(batch.format).title if batch.format else ""


# --- While it is worked on ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Doing:
    """How far a batch is with what it is at."""

    title: str
    words: str
    percent: int
    promise: str
    may_discard: bool
    may_undo: bool

    @classmethod
    def of(cls, batch: ImportBatch) -> "Doing":
        state, percent = State(batch.state), batch.percent
        if state == State.READING:
            words = f"{ROWS.of(batch.position)} read, {percent} %"
            promise = "Nothing is recorded yet. You can close this page and go on later."
        else:
            words = _recorded(batch) if state == State.APPLYING else f"{percent} % done"
            promise = (
                "You can close this page: what is done is kept, and it goes on when you come back."
            )
        return cls(
            title=DOING[state],
            words=words,
            percent=percent,
            promise=promise,
            may_discard=state == State.READING,
            may_undo=state == State.APPLYING,
        )


def _recorded(batch: ImportBatch) -> str:
    """Say how many rows of a batch are seen to."""
    done = batch.position - batch.rows.filter(outcome=Outcome.WAITING).count()
    return f"{formats.number(done)} of {ROWS.of(batch.position)}"


# --- Before it is recorded ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Preview:
    """What recording a batch would do."""

    sentence: str
    sums: list[Sum]
    warnings: list[str]
    #: How many rows would be recorded, and how many with the suspected doubles.
    count: int
    most: int
    label: str
    #: Which reading this is: what is recorded must be what somebody looked at.
    seen_at: str = ""
    doubles: int = 0
    doubles_words: str = ""
    doubles_label: str = ""
    #: The same with the suspected doubles.
    doubles_sentence: str = ""
    doubles_sums: Sequence[Sum] = ()
    doubles_both: str = ""
    notes: Sequence[str] = ()

    @classmethod
    def of(cls, batch: ImportBatch, tally: Tally) -> "Preview":
        noun, fates = nouns(batch), tally.fates
        taken = _taken(batch)
        count = sum(fates[fate] for fate in taken)
        doubles = fates[Fate.DOUBLE]
        both = {**fates, Fate.NEW: fates[Fate.NEW] + doubles}
        sums, all_sums = _sums(tally.sums, Fate.NEW), _sums(tally.sums, Fate.NEW, Fate.DOUBLE)
        alone = _comes_to(noun, count, sums)
        together = _comes_to(noun, count + doubles, all_sums)
        return cls(
            sentence=_would(batch, fates, noun),
            sums=sums,
            notes=notes(batch.format),
            warnings=_warnings(tally),
            count=count,
            most=count + doubles,
            label=f"Record {noun.of(count)}" if count else f"Record {noun.of(doubles)}",
            seen_at=batch.changed_at.isoformat(),
            doubles=doubles,
            doubles_words=_doubles_words(doubles),
            doubles_label=f"Record {noun.of(count + doubles)}",
            doubles_sentence=_would(batch, both, noun),
            doubles_sums=all_sums,
            doubles_both=f"Without: {alone}. With: {together}.",
        )


def _taken(batch: ImportBatch) -> tuple[str, ...]:
    """Return the fates that recording takes."""
    return (Fate.NEW, Fate.CHANGED) if batch.mode == Mode.UPDATE else (Fate.NEW,)


def _would(batch: ImportBatch, fates: Mapping[str, int], noun: Nouns) -> str:
    new, changed = fates[Fate.NEW], fates[Fate.CHANGED]
    updates = batch.mode == Mode.UPDATE and changed
    if new and updates:
        return f"{noun.of(new)} would be added, and {formats.number(changed)} brought up to date."
    if updates:
        return f"{noun.of(changed)} would be brought up to date."
    if new:
        return f"{noun.of(new)} would be added."
    if fates[Fate.SAME] or changed:
        return "Nothing in this file is new: it is here already."
    return "There is nothing in this file that could be added as it is."


def _doubles_words(count: int) -> str:
    if count == 1:
        return "Record the 1 suspected double too"
    return f"Record the {formats.number(count)} suspected doubles too"


def _comes_to(noun: Nouns, count: int, sums: Sequence[Sum]) -> str:
    return ", ".join([noun.of(count), *(in_currency(one.amount, one.currency) for one in sums)])


def _warnings(tally: Tally) -> list[str]:
    bad = tally.fates[Fate.ERROR]
    words = []
    if bad:
        words.append(f"{ROWS.of(bad)} cannot be read and would be left out. See below why.")
    if tally.odd:
        words.append(f"{ROWS.of(tally.odd)} held something odd; each says what was made of it.")
    return words


def _sums(sums: Mapping[str, Mapping[str, Decimal]], *names: str) -> list[Sum]:
    """Return by currency what is spent anew: what is brought up to date was paid before."""
    parts = [sums.get(name, {}) for name in names]
    codes = sorted({code for part in parts for code in part})
    return [
        Sum(f"In {code}", sum((part.get(code, ZERO) for part in parts), ZERO), code)
        for code in codes
    ]


# --- After it -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a batch."""

    title: str
    sentence: str
    words: list[str]
    sums: list[Sum]
    list_url: str
    list_words: str
    may_undo: bool = False
    may_change: bool = False
    may_discard: bool = False

    @classmethod
    def of(cls, batch: ImportBatch, tally: Tally) -> "Report":
        noun = nouns(batch)
        is_usage = noun is USES
        is_failed = batch.state == State.FAILED
        stays = is_failed and bool(tally.outcomes[Outcome.KEPT])
        done = tally.outcomes[Outcome.ADDED] + tally.outcomes[Outcome.UPDATED]
        return cls(
            title="Taken back" if stays else _TITLES[State(batch.state)],
            sentence=_became(batch, tally, noun),
            words=_more(batch, tally),
            sums=_sums(tally.recorded, Outcome.ADDED),
            list_url=reverse("budgets:detail" if is_usage else "purchases:list"),
            list_words="See your budget" if is_usage else "See your purchases",
            may_undo=batch.state == State.DONE and bool(done),
            may_change=is_failed and bool(batch.path),
            may_discard=is_failed and not stays,
        )


_TITLES = {State.DONE: "Report", State.UNDONE: "Undone", State.FAILED: "Nothing was recorded"}


def _became(batch: ImportBatch, tally: Tally, noun: Nouns) -> str:
    outcomes = tally.outcomes
    if batch.state == State.FAILED:
        # The page has it as its title already.
        return batch.problem.removesuffix(NOTHING).strip() or "The file could not be read."
    if batch.state == State.UNDONE:
        undone = outcomes[Outcome.UNDONE]
        was = "was" if undone == 1 else "were"
        return f"{noun.of(undone)} {was} taken back." if undone else "There was nothing to undo."
    added, updated = outcomes[Outcome.ADDED], outcomes[Outcome.UPDATED]
    if added and updated:
        return f"{noun.of(added)} added, and {formats.number(updated)} brought up to date."
    if updated:
        return f"{noun.of(updated)} brought up to date."
    return f"{noun.of(added)} added." if added else "Nothing was added."


def _more(batch: ImportBatch, tally: Tally) -> list[str]:
    outcomes, words = tally.outcomes, []
    if batch.state == State.FAILED and not outcomes[Outcome.KEPT]:
        is_strict = batch.problem.endswith(NOTHING)
        words += ["You chose all or nothing: this row stopped the whole file."] if is_strict else []
    refused = outcomes[Outcome.REFUSED]
    if refused and batch.state == State.DONE:
        words.append(f"{ROWS.of(refused)} could not be recorded. Each says why.")
    if kept := outcomes[Outcome.KEPT]:
        stay = "stays as it is" if kept == 1 else "stay as they are"
        them = "it" if kept == 1 else "them"
        words.append(f"{formats.number(kept)} {stay}: somebody changed {them} since.")
    return words


#: What is told of a batch that is over, in this order.
_OVER = (
    *(Outcome.ADDED, Outcome.UPDATED, Outcome.UNDONE, Outcome.KEPT),
    *(Outcome.REFUSED, Outcome.SKIPPED),
)


def takes_back(batch: ImportBatch, tally: Tally) -> list[str]:
    """Say what undoing a batch would do."""
    noun, outcomes = nouns(batch), tally.outcomes
    added, updated = outcomes[Outcome.ADDED], outcomes[Outcome.UPDATED]
    words = []
    if added and noun is USES:
        words.append(f"{noun.of(added)} that it added no longer count in the budget.")
    elif added:
        goes = (
            "goes to the trash and no longer counts"
            if added == 1
            else ("go to the trash and no longer count")
        )
        words.append(f"{noun.of(added)} that it added {goes} in the budget.")
    if updated:
        becomes = "becomes as it was" if updated == 1 else "become as they were"
        words.append(f"{noun.of(updated)} that it brought up to date {becomes}.")
    words.append("What was changed by hand since then stays as it is now.")
    return words


def counted(batch: ImportBatch, fates: Mapping[str, int], outcomes: Mapping[str, int]) -> str:
    """Say in few words what is in a batch, for the list of them."""
    is_over = batch.state in {State.DONE, State.UNDONE}
    said = [
        f"{formats.number(count)} {str(name.label).partition(',')[0].lower()}"
        for name in (_OVER if is_over else Fate)
        if (count := (outcomes if is_over else fates).get(name))
    ]
    return ", ".join(said)
