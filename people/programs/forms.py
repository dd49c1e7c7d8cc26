"""What a program sends is read by the very forms that people type into.

So a rule that a form knows holds for programs word for word. The form is filled in as on its page:
what was not sent stands there as it was shown, `null` empties a field.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.http import QueryDict
from ninja import Schema

from people.programs.problems import Refused, invalid

_KEPT = "This is not for you to change."
_NOTHING: Mapping[str, str] = {}


def filled[Form: forms.BaseForm](
    make: Callable[[QueryDict | None], Form],
    sent: Schema,
    *,
    named: Mapping[str, str] = _NOTHING,
    kept: Mapping[str, str] = _NOTHING,
) -> Form:
    """Return the form from `make` with what was `sent` in it, found valid. Raises Refused (422).

    `make` is called with None for the form as it is first shown, then with what stands in it.
    `named` tells what programs call a field of the form, where that is another name. A field that
    the form disables may be sent as it is shown, and is refused otherwise, for the reason in
    `kept`. Where its value is a secret refuse it before: that it was right would tell.
    """
    data, sent_names = _typed(make(None), sent, named)
    form = make(data)
    locked = [name for name in sent_names if name in form.fields and form.fields[name].disabled]
    _disable(form, locked, disabled=False)
    form.full_clean()
    for name in locked:
        if name in form.changed_data:
            form.add_error(name, kept.get(name, _KEPT))
    _disable(form, locked, disabled=True)
    if form.errors:
        raise refused(form, named=named)
    return form


def hold(sent: Schema, shown: Schema, kept: Mapping[str, str]) -> None:
    """Raise PermissionDenied when `sent` would change a field in `kept`, which says why not.

    What is sent back as it is `shown` to this very caller is taken as not sent: so a whole answer
    may be sent back, and nobody learns by trying what a value is that they are not shown.
    """
    for name, why in kept.items():
        if name in sent.model_fields_set:
            if getattr(sent, name) != getattr(shown, name):
                raise PermissionDenied(why)
            sent.model_fields_set.discard(name)


def refused(form: forms.BaseForm, *, named: Mapping[str, str] = _NOTHING) -> Refused:
    """Return the refusal (422) that tells the errors of `form` under the names of programs.

    For what a verb refuses after the form was found valid: `form.add_error(…)`, then raise this.
    """
    errors: dict[str, list[str]] = {}
    for name, messages in form.errors.items():
        field = "" if name == NON_FIELD_ERRORS else named.get(name, name)
        errors.setdefault(field, []).extend(map(str, messages))
    return Refused(invalid(errors))


def _typed(
    shown: forms.BaseForm, sent: Schema, named: Mapping[str, str]
) -> tuple[QueryDict, list[str]]:
    """Return what the browser would send, and which of the form's fields the program sent.

    As on the page each field carries along what it showed at first (`initial-…`): forms tell by
    that what was changed.
    """
    data, names = QueryDict(mutable=True), []
    for name, field in shown.fields.items():
        if isinstance(field, forms.FileField):
            continue
        texts = first = _texts(field, shown[name].value())
        if (key := named.get(name, name)) in sent.model_fields_set:
            texts = _texts(field, getattr(sent, key))
            names.append(name)
        data.setlist(shown.add_prefix(name), texts)
        data.setlist(shown.add_initial_prefix(name), first)
    return data, names


def _texts(field: forms.Field, value: Any) -> list[str]:
    """Return a value as the texts that a form sends for it: one, or as many as there are."""
    if not getattr(field.widget, "allow_multiple_selected", False):
        return ["" if value is None else str(value)]
    return [str(one) for one in value or ()]


def _disable(form: forms.BaseForm, names: list[str], *, disabled: bool) -> None:
    for name in names:
        form.fields[name].disabled = disabled
