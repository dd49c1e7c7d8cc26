"""Presets: how a member's bank or shop writes its files, kept under a name."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from people.access import MemberRequest
from purchases.importing import batches
from purchases.models import ImportPreset
from purchases.views.import_choices import asking_of, unless_lost

_UNNAMED = "Give the preset a name, for example that of your bank."


@require_http_methods(["GET", "POST"])
@unless_lost
def save(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep what was chosen for a file under a name; one of that name is replaced."""
    batch, asking = asking_of(request, pk)
    if asking is None:
        return redirect(batch)
    form = asking.form(request.POST)
    if "name" not in form.fields:
        return redirect(batch)
    if form.is_valid() and not form.cleaned_data["name"]:
        form.add_error("name", _UNNAMED)
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            preset = batches.save_preset(
                owner=request.user,
                name=name,
                choices=form.choices(),
                format=form.cleaned_data["format"],
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"The preset “{preset.name}” is saved.")
            told = {name: form.cleaned_data[name] for name in ("format", "mode")}
            asked = urlencode({"change": "yes", "preset": preset.pk, **told})
            return redirect(f"{batch.get_absolute_url()}?{asked}")
    return asking.answer(form, status=422)


@require_http_methods(["GET", "POST"])
def delete(request: MemberRequest, preset: int) -> HttpResponse:
    """Ask whether a preset is to go, then delete it."""
    stored = get_object_or_404(ImportPreset, owner=request.user, pk=preset)
    if request.method == "GET":
        return render(request, "imports/preset_delete.html", {"preset": stored})
    batches.remove_preset(preset=stored)
    messages.success(request, f"The preset “{stored.name}” is deleted.")
    return redirect("imports:begin")
