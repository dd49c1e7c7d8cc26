"""Forms of the console: they turn text into values and never write."""

from typing import Any

from django import forms
from django.db.models import Model

#: The browser's own calendar: the console's speaks of time zones, which a day has none of.
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
TEXT = forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})


class ConsoleForm[M: Model](forms.ModelForm[M]):
    """A form whose fields carry along what they showed at first.

    So only what was changed here is written: somebody else may be changing another field.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            is_told = not self.is_bound or self.add_initial_prefix(name) in self.data
            field.show_hidden_initial = self.instance.pk is not None and is_told

    def values(self) -> dict[str, Any]:
        """Return what was changed, for a verb."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
