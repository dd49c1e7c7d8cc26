"""What a program asks of a list, read by the very form that filters it on a page."""

from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from ninja import Schema

from people.programs.forms import refused


def address_of(asked: Schema) -> QueryDict:
    """Return what would stand in the address of the page; what is not asked for is left out."""
    return QueryDict(urlencode(asked.model_dump(mode="json", exclude_none=True)))


def readable[Form: forms.BaseForm](form: Form) -> Form:
    """Return the form, which read a query. Raises Refused (422) for what cannot be read.

    The page shows the rest then; a program would take it for what it asked for.
    """
    if form.errors:
        raise refused(form, named={name: f"query.{name}" for name in form.fields})
    return form
