"""What is typed about people: who they are, and whom the list shows."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.core.files.base import ContentFile
from django.db.models import Q
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from occasions import photos
from people.models import Person, User
from people.searching import LONGEST, matching

FIRST_YEAR, LAST_YEAR = 1900, 2199

Relationship = Person.Relationship
#: What a group of people is called, in the order of the list.
GROUPS: Mapping[str, str] = {
    Relationship.PARTNER: "Partner",
    Relationship.CHILD: "Children",
    Relationship.PARENT: "Parents",
    Relationship.SIBLING: "Siblings",
    Relationship.GRANDPARENT: "Grandparents",
    Relationship.GRANDCHILD: "Grandchildren",
    Relationship.RELATIVE: "Relatives",
    Relationship.FRIEND: "Friends",
    Relationship.COLLEAGUE: "Colleagues",
    Relationship.OTHER: "Others",
}


class ListForm(forms.Form):
    """Whom the list of people shows."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Names, interests, sizes"}),
    )
    relationship = forms.ChoiceField(required=False, choices=[("", "Everyone"), *GROUPS.items()])

    def wanted(self) -> Q:
        """Return what holds the people who are asked for; what cannot be read asks for nothing."""
        found = Q()
        if not self.is_valid():
            return found
        if text := self.cleaned_data["q"]:
            found &= matching(text, "name", "interests", "sizes", "notes")
        if relationship := self.cleaned_data["relationship"]:
            found &= Q(relationship=relationship)
        return found


class _DayField(forms.DateField):
    """A day in somebody's life."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "date", "min": f"{FIRST_YEAR}-01-01"}
        widget = forms.DateInput(format="%Y-%m-%d", attrs=attrs)
        super().__init__(required=False, widget=widget, **kwargs)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise forms.ValidationError(f"Choose a day from {FIRST_YEAR} on.")


class _PhotoField(forms.FileField):
    """A picture, cut to the square that is stored."""

    def to_python(self, data: Any) -> ContentFile[bytes] | None:
        upload = super().to_python(data)
        if upload is None:
            return None
        if upload.size > photos.MOST_BYTES:
            raise forms.ValidationError("Choose a picture of at most 10 MB.")
        try:
            return photos.squared(upload)
        except photos.BadPhoto as refusal:
            raise forms.ValidationError(str(refusal)) from None


class _MemberField(forms.ModelChoiceField[User]):
    def label_from_instance(self, obj: User) -> str:
        name = obj.get_full_name()
        return f"{name} ({obj.username})" if name else obj.username


def _text(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PersonForm(forms.Form):
    """Everything about one person.

    Each field carries along what it showed at first, so that only what was changed here is
    written: somebody else may be changing another field of the same person.
    """

    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    relationship = forms.ChoiceField(choices=Relationship.choices)
    birthday = _DayField(help_text="Comes on the calendar every year by itself, and moves with it.")
    anniversary = _DayField(help_text="A wedding day or the like; on the calendar every year too.")
    interests = _text("Interests", "What they love, collect or dream of.")
    sizes = _text("Sizes", "Clothes, shoes, rings.")
    notes = _text("Things to avoid", "Allergies, what they have already, what went wrong before.")
    photo = _PhotoField(
        label="Choose a picture",
        required=False,
        help_text="JPEG, PNG, WebP or GIF, up to 10 MB. Its middle is shown.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
    remove_photo = forms.BooleanField(label="Remove the photo", required=False)
    user = _MemberField(
        User.objects.none(),
        label="Member",
        required=False,
        empty_label="Nobody who signs in",
        help_text="Who signs in as this person. What others plan for them is then kept from them.",
    )

    def __init__(
        self,
        data: QueryDict | None,
        files: MultiValueDict[str, Any] | None,
        *,
        person: Person,
        kept: Collection[str],
        chooses_member: bool,
        today: date,
    ) -> None:
        names = self.base_fields.keys() - {"photo", "remove_photo"}
        initial = {name: getattr(person, name) for name in names - {"user"}}
        super().__init__(data, files, initial={**initial, "user": person.user_id})
        self.today = today
        self.fields["birthday"].widget.attrs["max"] = today.isoformat()
        if chooses_member:
            self._offer_members(person)
        else:
            del self.fields["user"]
        if not person.photo:
            del self.fields["remove_photo"]
        for name in self.fields.keys() & set(kept):
            self.fields[name].disabled = True
        for name in self.fields.keys() & names - set(kept):
            is_told = data is None or self.add_initial_prefix(name) in data
            self.fields[name].show_hidden_initial = bool(person.pk) and is_told

    def _offer_members(self, person: Person) -> None:
        """Offer whoever is no person yet, and whoever this person is."""
        free = Q(is_active=True, person__isnull=True)
        field = cast(_MemberField, self.fields["user"])
        field.queryset = User.objects.filter(free | Q(person=person) if person.pk else free)

    def clean_birthday(self) -> date | None:
        birthday: date | None = self.cleaned_data["birthday"]
        if birthday is not None and birthday > self.today:
            raise forms.ValidationError("A birthday is not in the future.")
        return birthday

    def values(self) -> dict[str, Any]:
        """Return what was changed, for `planning.save_person`."""
        values = {name: self.cleaned_data[name] for name in self.changed_data}
        if values.pop("remove_photo", False) and "photo" not in values:
            values["photo"] = ""
        return values
