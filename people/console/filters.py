"""Filters of the console's lists. None of them asks the database for its choices."""

from typing import Any

from django.contrib import admin


class Menu:
    """A filter above the list instead of beside it: the table needs the width."""

    template = "admin/_filter.html"


class Choices(Menu, admin.ChoicesFieldListFilter):
    pass


class Days(Menu, admin.DateFieldListFilter):
    pass


def titled(title: str) -> type[admin.FieldListFilter]:
    """Return the usual filter of a yes/no field under another title."""

    class Titled(Menu, admin.BooleanFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

    return Titled
