"""Presets: how a member's bank or shop writes its files, kept under a name."""

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import ConfigDict, Field

from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.paging import Asked, Key, Page
from people.programs.problems import Refused, problem, refusals
from purchases import access
from purchases.api.import_shown import ImportChoicesShown
from purchases.importing import batches
from purchases.importing.batches.presets import LONGEST_NAME
from purchases.importing.choices import Choices
from purchases.models import ImportPreset

router = Router(tags=["Data"])


class ImportPresetShown(Schema):
    """Choices under a name. Exchange rates are not kept: next month they are others."""

    id: int
    name: str = Field(examples=["My bank"])
    format: str | None = Field(description="None where it does not say.")
    choices: ImportChoicesShown

    @classmethod
    def of(cls, preset: ImportPreset) -> "ImportPresetShown":
        return cls(
            id=preset.pk,
            name=preset.name,
            format=batches.format_of(preset) or None,
            choices=ImportChoicesShown(**batches.choices_of(preset).as_json()),
        )


class ImportPresetSent(Schema):
    """What the choices of an import are to be called."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"^[^\x00]*$")] = (
        Field(examples=["My bank"])
    )


@router.get(
    "import/presets",
    response=Page[ImportPresetShown],
    auth=may(Scope.READ),
    summary="Presets",
)
def import_presets(request: ProgramRequest, paging: Asked) -> dict[str, Any]:
    """List your presets by name; the choices of an import may name one of them."""
    return paging.cut(ImportPreset.objects.filter(owner=request.user), ImportPresetShown.of)


@router.post(
    "import/{import_id}/preset",
    response={201: ImportPresetShown, **refusals(409)},
    auth=may(Scope.MANAGE),
    summary="Keep its choices",
)
def add_import_preset(
    request: ProgramRequest, import_id: Key, sent: ImportPresetSent
) -> Status[ImportPresetShown]:
    """Keep how an import is read under a name; a preset of that name is replaced."""
    batch = access.own_import(request.user, import_id)
    if not batch.choices:
        detail = "Nothing was chosen about this file."
        raise Refused(problem(409, "import-state", "Not in this state", detail))
    preset = batches.save_preset(
        owner=request.user,
        name=sent.name,
        choices=Choices.from_json(batch.choices),
        format=batch.format,
    )
    return Status(201, ImportPresetShown.of(preset))


@router.delete(
    "import/presets/{preset_id}",
    response={204: None},
    auth=may(Scope.MANAGE),
    summary="Delete a preset",
)
def delete_import_preset(request: ProgramRequest, preset_id: Key) -> Status[None]:
    """Delete a preset. What was imported with it stays as it is."""
    preset = get_object_or_404(ImportPreset, owner=request.user, pk=preset_id)
    batches.remove_preset(preset=preset)
    return Status(204, None)
