"""How a member's bank writes its files, kept under a name."""

from dataclasses import replace

from django.core.exceptions import ValidationError

from people.models import User
from purchases.importing.choices import Choices
from purchases.importing.sources import Head
from purchases.models import ImportPreset
from purchases.naming import fold, tidy

LONGEST_NAME = 80
#: Beside the choices: the key of the format that they are for.
_FORMAT = "format"


def save_preset(
    *,
    owner: User,
    name: str,
    choices: Choices,
    format: str = "",  # noqa: A002  (as the field is called)
) -> ImportPreset:
    """Keep choices and their format under a name; one of that name is replaced.

    Exchange rates are not kept: next month they are others. Raises ValidationError.
    """
    plain = tidy(name)
    if not plain:
        raise ValidationError({"name": "Enter a name."})
    if len(plain) > LONGEST_NAME:
        raise ValidationError({"name": f"Use at most {LONGEST_NAME} characters."})
    kept = replace(choices, rates={}).as_json()
    if format:
        kept[_FORMAT] = format
    preset, _ = ImportPreset.objects.update_or_create(
        owner=owner, name=plain, defaults={"choices": kept}
    )
    return preset


def format_of(preset: ImportPreset) -> str:
    """Return the key of the format that a preset is for; "" for one that does not say."""
    return str(preset.choices.get(_FORMAT, ""))


def choices_of(preset: ImportPreset) -> Choices:
    """Return the choices of a preset, without the rates that older ones kept."""
    said = {name: value for name, value in preset.choices.items() if name != _FORMAT}
    return replace(Choices.from_json(said), rates={})


def matching_presets(owner: User, head: Head) -> list[ImportPreset]:
    """Return the presets that name columns, all of which the file has."""
    names = set(map(fold, head.names))
    return [one for one in ImportPreset.objects.filter(owner=owner) if _fits(one, names)]


def _fits(preset: ImportPreset, names: set[str]) -> bool:
    columns = {fold(column) for column in choices_of(preset).columns.values() if column}
    return bool(columns) and columns <= names


def remove_preset(*, preset: ImportPreset) -> None:
    """Delete a preset; one that is gone stays gone."""
    ImportPreset.objects.filter(pk=preset.pk).delete()
