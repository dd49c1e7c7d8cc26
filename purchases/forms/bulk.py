"""What is to be changed of many purchases."""

from typing import Any, cast

from django import forms
from django.http import QueryDict

from occasions.models import Viewer
from purchases import shops
from purchases.keeping import Edit
from purchases.keeping.names import checked
from purchases.models import Purchase, Retailer, Tag
from purchases.models.names import MAX_NAME
from purchases.naming import tags as read_tags

_SHARING = {"shared": "Shared with the household", "private": "Private"}


class BulkForm(forms.Form):
    """What to set of the chosen purchases; what is left empty stays as it is."""

    add_tags = forms.CharField(
        label="Add tags",
        required=False,
        max_length=500,
        help_text="Several with commas between them.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    remove_tags = forms.MultipleChoiceField(
        label="Take tags off", required=False, widget=forms.CheckboxSelectMultiple
    )
    status = forms.ChoiceField(
        required=False,
        choices=[("", "As it is"), *Purchase.Status.choices],
        help_text="What was returned no longer counts in your budget.",
    )
    retailer = forms.CharField(
        required=False,
        max_length=MAX_NAME,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "list": "retailers", "placeholder": "As it is"}
        ),
    )
    no_retailer = forms.BooleanField(label="No retailer", required=False)
    sharing = forms.ChoiceField(
        label="Who sees it", required=False, choices=[("", "As it is"), *_SHARING.items()]
    )

    def __init__(
        self, data: QueryDict | None, *, viewer: Viewer, purchases: list[Purchase]
    ) -> None:
        super().__init__(data)
        self.viewer = viewer
        tags: set[Tag] = {tag for purchase in purchases for tag in purchase.tags.all()}
        if tags:
            offered = [(tag.pk, tag.name) for tag in sorted(tags, key=lambda tag: tag.key)]
            cast(forms.MultipleChoiceField, self.fields["remove_tags"]).choices = offered
        else:
            del self.fields["remove_tags"]

    def retailers(self) -> list[str]:
        """Return the names to choose a retailer from."""
        return list(shops.known(Retailer, self.viewer).values_list("name", flat=True))

    def clean_add_tags(self) -> list[str]:
        return [checked(name) for name in read_tags(self.cleaned_data["add_tags"])]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("retailer") and values.get("no_retailer"):
            self.add_error("retailer", "Name a retailer or choose none, not both.")
        if not self.errors and not any(values.values()):
            raise forms.ValidationError("Say what is to be changed.")
        return values

    def edit(self) -> Edit:
        values = self.cleaned_data
        return Edit(
            add_tags=values["add_tags"],
            remove_tags=[int(key) for key in values.get("remove_tags", [])],
            status=Purchase.Status(values["status"]) if values["status"] else None,
            retailer="" if values["no_retailer"] else values["retailer"] or None,
            shared=values["sharing"] == "shared" if values["sharing"] else None,
        )
