"""What is typed about files: which ones to add, and what one is called."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from purchases.contents import LONGEST_NAME
from purchases.files import BadFile
from purchases.models import Attachment


class _FilesInput(forms.FileInput):
    allow_multiple_selected = True


class _FilesField(forms.Field):
    """Files of any kind, each of which is judged when it is taken in."""

    widget = _FilesInput


class UploadForm(forms.Form):
    """Files to add, all of one kind."""

    uploads = _FilesField(
        label="Choose files",
        required=False,
        help_text="Or drop them here. Up to 10 MB each.",
    )
    # The form of a purchase has other kinds beside this one.
    file_kind = forms.ChoiceField(
        label="What they are", choices=Attachment.Kind.choices, required=False
    )

    @property
    def chosen(self) -> list[UploadedFile[Any]]:
        """Return the files that were sent."""
        return self.files.getlist("uploads")

    @property
    def kind(self) -> str:
        """Return what the files are; a receipt, unless it was said."""
        return str(self.cleaned_data.get("file_kind") or Attachment.Kind.RECEIPT)

    def refuse(self, refusals: list[BadFile]) -> None:
        """Name each file that was not taken, with the reason."""
        for refusal in refusals:
            self.add_error("uploads", f"“{refusal.name}”: {refusal.reason}")


class PaperForm(forms.Form):
    """What a file is called, and what it is."""

    name = forms.CharField(max_length=LONGEST_NAME, label="Name")
    kind = forms.ChoiceField(choices=Attachment.Kind.choices, label="What it is")
