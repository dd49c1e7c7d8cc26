"""Who may see and change which purchase and which of its papers.

A purchase is its owner's alone unless it is shared, and then everybody may look at it; only its
owner changes it. Whatever is kept from somebody is a 404, as if it were not there.
"""

from django.db.models import Q
from django.shortcuts import get_object_or_404

from occasions.models import Viewer
from people.models import User
from purchases.models import Attachment, ImportBatch, Purchase, Warranty


def visible_purchase(viewer: Viewer, pk: int) -> Purchase:
    """Return a purchase that the viewer may look at, with what it points at; 404 else."""
    purchases = Purchase.objects.live().visible_to(viewer)
    related = ("owner", "retailer", "brand", "gift__occasion")
    return get_object_or_404(purchases.select_related(*related), pk=pk)


def own_purchase(viewer: Viewer, pk: int) -> Purchase:
    """Return a purchase that the viewer may change; 404 else."""
    related = ("owner", "retailer", "brand", "gift__occasion")
    purchases = Purchase.objects.live().filter(owner=viewer.user).select_related(*related)
    return get_object_or_404(purchases, pk=pk)


def own_trashed(viewer: Viewer, pk: int) -> Purchase:
    """Return a deleted purchase that the viewer may bring back; 404 else."""
    return get_object_or_404(Purchase.objects.trashed().filter(owner=viewer.user), pk=pk)


def visible_warranty(viewer: Viewer, pk: int) -> Warranty:
    """Return a warranty of a purchase that the viewer may look at, with both; 404 else."""
    seen = Purchase.objects.live().visible_to(viewer)
    warranties = Warranty.objects.select_related("purchase__owner")
    return get_object_or_404(warranties.filter(purchase__in=seen), pk=pk)


def own_warranty(viewer: Viewer, pk: int) -> Warranty:
    """Return a warranty that the viewer may change, with its purchase; 404 else."""
    warranties = Warranty.objects.select_related("purchase__owner")
    return get_object_or_404(
        warranties, pk=pk, purchase__owner=viewer.user, purchase__deleted_at__isnull=True
    )


def visible_attachment(viewer: Viewer, pk: int) -> Attachment:
    """Return a paper of a purchase that the viewer may look at, or one of theirs that waits."""
    waiting = Q(purchase__isnull=True, uploaded_by=viewer.user)
    seen = Q(purchase__in=Purchase.objects.live().visible_to(viewer))
    papers = Attachment.objects.select_related("blob", "purchase")
    return get_object_or_404(papers.filter(waiting | seen), pk=pk)


def own_attachment(viewer: Viewer, pk: int) -> Attachment:
    """Return a paper that the viewer may rename or delete; 404 else."""
    waiting = Q(purchase__isnull=True, uploaded_by=viewer.user)
    own = Q(purchase__owner=viewer.user, purchase__deleted_at__isnull=True)
    papers = Attachment.objects.select_related("blob", "purchase")
    return get_object_or_404(papers.filter(waiting | own), pk=pk)


def own_import(user: User, pk: int) -> ImportBatch:
    """Return an import into the user's own records; 404 else.

    Whoever began it for somebody else does not see it: its rows tell what was there before.
    """
    return get_object_or_404(ImportBatch.objects.filter(owner=user), pk=pk)
