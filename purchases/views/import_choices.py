"""How a file is to be read: what was found, what is chosen, and a sample of how it reads so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import reswap, retarget

from people.access import MemberRequest
from purchases import access
from purchases.forms.import_fields import MOST_LINES
from purchases.forms.imports import ChoicesForm
from purchases.importing import bank, batches
from purchases.importing.choices import Choices
from purchases.importing.encodings import ENCODINGS
from purchases.importing.formats import FORMATS, recognise
from purchases.importing.rows import BadFile
from purchases.importing.sources import Head
from purchases.importing.table import DELIMITERS
from purchases.models import ImportBatch, ImportPreset
from purchases.views.import_figures import notes
from purchases.views.import_samples import Sample, found, shown

#: The states in which it may still be chosen how a file reads.
CHOOSING = frozenset({ImportBatch.State.ASKING, ImportBatch.State.READY, ImportBatch.State.FAILED})


@dataclass(frozen=True, slots=True)
class Asking:
    """A file that waits for choices: what it begins with, and what its owner may pick from."""

    request: MemberRequest
    batch: ImportBatch
    presets: list[ImportPreset]

    @classmethod
    def of(cls, request: MemberRequest, batch: ImportBatch) -> "Asking":
        return cls(request, batch, list(ImportPreset.objects.filter(owner=request.user)))

    def form(
        self,
        data: Any = None,
        *,
        preset: ImportPreset | None = None,
        asked: Mapping[str, str] | None = None,
        is_complete: bool = False,
    ) -> ChoicesForm:
        """Return the form, with what was sent or what a preset says. Raises BadFile."""
        chosen = batches.choices_of(preset) if preset else Choices.from_json(self.batch.choices)
        found = Choices(
            encoding=_known(data, "encoding", chosen.encoding),
            delimiter=_known(data, "delimiter", chosen.delimiter),
            header_line=_line(data, chosen.header_line),
        )
        head, problem = self._head(found)
        head = shown(head)
        initial = {"format": self.batch.format, "mode": self.batch.mode, **(asked or {})}
        if preset:
            initial["preset"] = str(preset.pk)
            initial["format"] = batches.format_of(preset) or initial["format"] or bank.FORMAT.key
        form = ChoicesForm(
            data,
            head=head,
            formats=[one for one in FORMATS if one.fits(head)],
            presets=self.presets,
            fitting={one.pk for one in batches.matching_presets(self.batch.owner, head)},
            initial=initial,
            chosen=chosen,
            is_complete=is_complete,
        )
        if problem and found.header_line and form.is_bound and not form.has_error("header_line"):
            form.add_error("header_line", problem)
        return form

    def _head(self, found: Choices) -> tuple[Head, str]:
        try:
            return batches.head_of(self.batch, found), ""
        except BadFile as problem:
            # Read like that it has no header at all: the page shows it as it was found.
            return batches.head_of(self.batch), str(problem)

    def drawn_anew(self, data: QueryDict) -> ChoicesForm:
        """Return the form; columns that were chosen under another header are chosen anew."""
        form = self.form(data)
        if data.get("read_as", form.read_as) == form.read_as:
            return form
        kept = data.copy()
        for name in [name for name in data if name.startswith("column_")]:
            del kept[name]
        return self.form(kept)

    def require_rates(self, form: ChoicesForm) -> None:
        """Insist on the rates of the chosen currency and of those in the first rows."""
        foreign = Sample.of(self.batch, form).foreign
        form.require_rates(dict.fromkeys([form.choices().currency, *foreign]))

    def preset(self, key: str | None) -> ImportPreset | None:
        """Return the preset of that key, if it is one of the member's."""
        return next((one for one in self.presets if str(one.pk) == key), None)

    def page(self, form: ChoicesForm) -> dict[str, Any]:
        """Return what the templates draw on."""
        sample = Sample.of(self.batch, form)
        form.ask_rates([form.choices().currency, *sample.foreign])
        recognised = recognise(form.head)
        return {
            "batch": self.batch,
            "form": form,
            "found": found(form.head, recognised, is_chosen=form.chosen_format is not None),
            "head": form.head,
            "sample": sample,
            "step": 2,
            "notes": notes(form.chosen_format.key) if form.chosen_format else [],
            "base": settings.CURRENCY,
        }

    def answer(self, form: ChoicesForm, *, status: int = 200, **more: Any) -> HttpResponse:
        page = self.page(form) | more
        return render(self.request, "imports/choices.html", page, status=status)


def ask(request: MemberRequest, batch: ImportBatch) -> HttpResponse:
    """Show what was found and ask how it is to be read; the address may name a preset."""
    asking = Asking.of(request, batch)
    asked = {name: request.GET[name] for name in ("format", "mode") if name in request.GET}
    return asking.answer(asking.form(preset=asking.preset(request.GET.get("preset")), asked=asked))


def asking_of(request: MemberRequest, pk: int) -> tuple[ImportBatch, Asking | None]:
    """Return a batch with what it asks; None when there is nothing to choose any more."""
    batch = access.own_import(request.user, pk)
    if request.method == "GET" or batch.state not in CHOOSING or not batch.path:
        return batch, None
    return batch, Asking.of(request, batch)


def unless_lost[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Lead to the page of an import whose file is lost, which says so."""

    @wraps(view)
    def found(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except BadFile:
            return redirect("imports:detail", kwargs["pk"])

    return found


def _known(data: Any, name: str, otherwise: str) -> str:
    """Return what was sent to overrule what was found, if it is anything that files are."""
    sent = str(data[name]) if data and name in data else otherwise
    return sent if sent in (*ENCODINGS, *DELIMITERS) else ""


def _line(data: Any, otherwise: int) -> int:
    """Return the line that was sent as that of the columns, 0 for none or for what is none."""
    if not data or "header_line" not in data:
        return otherwise
    sent = str(data["header_line"]).strip()
    is_one = sent.isascii() and sent.isdecimal() and len(sent) < 5
    return int(sent) if is_one and int(sent) <= MOST_LINES else 0


@require_http_methods(["GET", "POST"])
@unless_lost
def sample(request: MemberRequest, pk: int) -> HttpResponse:
    """Show how the first rows read with what was chosen so far; nothing is stored."""
    batch, asking = asking_of(request, pk)
    if asking is None:
        return redirect(batch)
    sent = request.POST
    uses_preset = "preset" in request.GET or "use" in sent
    if preset := asking.preset(sent.get("preset")) if uses_preset else None:
        kept = {name: sent[name] for name in ("format", "mode") if name in sent}
        form = asking.form(preset=preset, asked=kept)
    else:
        form = asking.drawn_anew(sent)
    if not request.htmx:
        return asking.answer(form)
    page = asking.page(form)
    if request.htmx.target == "sample" and sent.get("shown") == form.shown:
        return render(request, "imports/_sample.html", page)
    # Another choice asks other questions: all of them are drawn anew.
    answer = render(request, "imports/_choices.html", page)
    return reswap(retarget(answer, "#choices"), "outerHTML")


@require_http_methods(["GET", "POST"])
@unless_lost
def choose(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin to read the file in the chosen way."""
    batch, asking = asking_of(request, pk)
    if asking is None:
        return redirect(batch)
    form = asking.form(request.POST, is_complete=True)
    if form.is_valid():
        asking.require_rates(form)
    if form.is_valid():
        try:
            batches.choose(
                batch=batch,
                format=form.cleaned_data["format"],
                choices=form.choices(),
                mode=form.cleaned_data["mode"],
                now=timezone.now(),
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            return redirect(batch)
    return asking.answer(form, status=422)
