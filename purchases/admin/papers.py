"""The papers of purchases, and their bytes."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from budgets import formats
from people.console import Choices
from purchases import keeping
from purchases.admin.consoles import Kept, Shown, purchases_for, user_of
from purchases.admin.forms import PaperForm
from purchases.models import Attachment, Blob


def papers_for(request: HttpRequest) -> QuerySet[Attachment]:
    """Return the papers that are no surprise to who asks; of those that wait, their own alone."""
    told = Q(purchase__in=purchases_for(request).order_by().values("pk"))
    own = Q(purchase__isnull=True, uploaded_by=user_of(request))
    return Attachment.objects.filter(told | own)


@admin.register(Attachment)
class AttachmentAdmin(Kept[Attachment]):
    form = PaperForm
    goes = "Its file goes too, unless another paper has the same. This cannot be undone."
    list_display = ["name", "kind", "purchase", "size", "uploaded_by", "created_at"]
    list_filter = [("kind", Choices)]
    ordering = ["-created_at", "-pk"]
    readonly_fields = ["purchase", "size", "uploaded_by", "created_at"]
    search_fields = ["name", "purchase__name"]
    search_help_text = "File or purchase."
    fields = ["name", "kind", *readonly_fields]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        papers = papers_for(request).order_by(*self.ordering)
        return papers.select_related("purchase", "blob", "uploaded_by")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def pages(self, row: Attachment) -> Mapping[str, str]:
        """Lead to the file when everybody may open it; a private one is its owner's alone."""
        purchase = row.purchase
        is_open = purchase is not None and purchase.shared and not purchase.is_trashed
        return {"Download": reverse("files:download", args=[row.pk])} if is_open else {}

    def save_model(
        self, request: HttpRequest, obj: Attachment, form: forms.ModelForm[Attachment], change: bool
    ) -> None:
        keeping.change_attachment(attachment=obj, name=obj.name, kind=obj.kind)
        self.tell(request, form, f"“{obj.name}” is saved.")

    def delete_model(self, request: HttpRequest, obj: Attachment) -> None:
        keeping.detach(attachment=obj)

    @admin.display(description="size", ordering="blob__size")
    def size(self, paper: Attachment) -> str:
        return filesizeformat(paper.blob.size)


@admin.register(Blob)
class BlobAdmin(Shown[Blob]):
    fields = ["sha256", "content_type", "bytes", "papers"]
    list_display = ["sha256", "content_type", "bytes", "papers"]
    ordering = ["sha256"]
    search_fields = ["sha256", "content_type"]
    search_help_text = "SHA-256 or type."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Blob]:
        theirs = papers_for(request).filter(blob=OuterRef("pk")).order_by()
        uses = theirs.values("blob").annotate(number=Count("pk")).values("number")
        told = Blob.objects.filter(Exists(theirs)).annotate(used=Subquery(uses))
        return told.order_by(*self.ordering)

    @admin.display(description="size", ordering="size")
    def bytes(self, blob: Blob) -> str:
        return filesizeformat(blob.size)

    @admin.display(description="papers", ordering="used")
    def papers(self, blob: Any) -> str:
        return formats.number(blob.used)
