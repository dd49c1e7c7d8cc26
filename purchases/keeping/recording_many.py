"""Writing many purchases down at once, as facts, in as many statements as a few take."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from people.models import User
from purchases.keeping.checking import check
from purchases.keeping.counting import settle_new
from purchases.keeping.guarding import judged_warranty
from purchases.keeping.many_names import named_many
from purchases.keeping.names import Writer, checked
from purchases.keeping.recording import FIELDS, ORIGIN, fill
from purchases.keeping.search import search_text_of
from purchases.models import Attachment, Brand, Purchase, Retailer, Tag, Warranty
from purchases.naming import fold
from purchases.naming import tags as read_tags

#: As many as the ledger takes at once.
MOST = 1_000
#: What was bought for a gift which is not here: until then it is its owner's alone.
_SECRET = ("secret_until",)
#: What a purchase is given beside the values of `record`.
_BESIDE = ("retailer_link", "brand_link", "warranties", "files")


@dataclass(frozen=True, slots=True)
class Draft:
    """A purchase that may be recorded, and the values it was made of."""

    purchase: Purchase
    values: Mapping[str, Any]
    warranties: Sequence[Warranty] = ()


def judge(*, owner: User, values: Mapping[str, Any], now: datetime) -> Draft:
    """Return a purchase as `record_many` would write it down, by asking nobody.

    Raises ValidationError as `record` does.
    """
    plain = {name: value for name, value in values.items() if name not in _BESIDE}
    if plain.get("gift") is not None:
        raise ValueError("a purchase for a gift is recorded alone")
    purchase = Purchase(owner=owner, created_at=now, changed_at=now)
    fill(purchase, plain, (*FIELDS, *ORIGIN, *_SECRET))
    check(purchase, now, given=plain.keys() - {"gift"})
    for name in (values.get("retailer", ""), values.get("brand", ""), *_tags(values)):
        if fold(name):
            checked(name)
    guards = values.get("warranties", ())
    warranties = [judged_warranty(purchase=purchase, values=one) for one in guards]
    return Draft(purchase, values, warranties)


@transaction.atomic
def record_many(
    *, owner: User, values: Sequence[Mapping[str, Any]], now: datetime
) -> list[Purchase | ValidationError]:
    """Write down up to 1,000 purchases of `owner` as facts, and answer each, in their order.

    It comes to what `record` does for one after the other, a refusal standing in its place. Beside
    what that takes, values name `secret_until`, `retailer_link` and `brand_link`, `warranties` (the
    values of each) and `files` (attachments that wait). None is for a gift. What has the origin or
    the uid of a purchase that is there is refused. Keep the owner's row to the transaction, or two
    at once may record the same and fail with IntegrityError.
    """
    if len(values) > MOST:
        raise ValueError(f"at most {MOST:,} at once")
    answers: list[Draft | ValidationError] = []
    known = _Known.of(owner, values)
    for one in values:
        try:
            draft = judge(owner=owner, values=one, now=now)
            known.add(draft.purchase)
        except ValidationError as refusal:
            answers.append(refusal)
        else:
            answers.append(draft)
    drafts = [answer for answer in answers if isinstance(answer, Draft)]
    if drafts:
        _write(drafts, owner, now)
    return [answer.purchase if isinstance(answer, Draft) else answer for answer in answers]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is there already under the same name."""

    uids: set[UUID]
    origins: set[tuple[str, str]]

    @classmethod
    def of(cls, owner: User, values: Sequence[Mapping[str, Any]]) -> "_Known":
        theirs = Purchase.objects.filter(owner=owner)
        uids = [one["uid"] for one in values if one.get("uid")]
        named = [one for one in values if one.get("source_id")]
        origins = {(one.get("source", ""), one["source_id"]) for one in named}
        found = theirs.of_origins(origins).values_list("source", "source_id")
        return cls(
            set(theirs.filter(uid__in=uids).values_list("uid", flat=True)) if uids else set(),
            set(found) if origins else set(),
        )

    def add(self, purchase: Purchase) -> None:
        """Note one more. Raises ValidationError when it is there already."""
        origin = purchase.source, purchase.source_id
        if purchase.uid in self.uids or (purchase.source_id and origin in self.origins):
            raise ValidationError("This purchase is there already.")
        self.uids.add(purchase.uid)
        self.origins.add(origin)


def _write(drafts: Sequence[Draft], owner: User, now: datetime) -> None:
    writer = Writer(owner, now)
    retailers = _sellers(Retailer, "retailer", drafts, writer)
    brands = _sellers(Brand, "brand", drafts, writer)
    open_, hidden = _by_secrecy(drafts, lambda draft: _tags(draft.values))
    tags = named_many(Tag, open_, unspelled=hidden, writer=writer)
    order = {key: place for place, key in enumerate(tags)}
    tagged: list[tuple[Purchase, Tag]] = []
    for draft in drafts:
        purchase, values = draft.purchase, draft.values
        purchase.retailer = retailers.get(fold(values.get("retailer", "")))
        purchase.brand = brands.get(fold(values.get("brand", "")))
        own = sorted((fold(tag) for tag in _tags(values)), key=order.__getitem__)
        tagged += ((purchase, tags[key]) for key in own)
        purchase.search_text = search_text_of(purchase, [tags[key] for key in own])
    purchases = [draft.purchase for draft in drafts]
    Purchase.objects.bulk_create(purchases)
    through = Purchase.tags.through
    through.objects.bulk_create(
        through(purchase_id=purchase.pk, tag_id=tag.pk) for purchase, tag in tagged
    )
    _hang_on(drafts)
    settle_new(purchases, owner=owner, now=now)


def _sellers[S: (Retailer, Brand)](
    model: type[S], field: str, drafts: Iterable[Draft], writer: Writer
) -> dict[str, S]:
    links = dict[str, str]()
    for draft in drafts:
        link = draft.values.get(f"{field}_link", "")
        if link and not draft.purchase.is_surprise:
            links.setdefault(fold(draft.values.get(field, "")), link)
    open_, hidden = _by_secrecy(drafts, lambda draft: [draft.values.get(field, "")])
    return named_many(model, open_, unspelled=hidden, writer=writer, links=links)


def _by_secrecy(
    drafts: Iterable[Draft], names_of: Callable[[Draft], Iterable[str]]
) -> tuple[list[str], list[str]]:
    """Return the names of plain purchases, and those of surprises.

    What was bought for a gift leaves every spelling alone: who gets it might notice.
    """
    parted: tuple[list[str], list[str]] = [], []
    for draft in drafts:
        parted[draft.purchase.is_surprise].extend(names_of(draft))
    return parted


def _tags(values: Mapping[str, Any]) -> list[str]:
    return read_tags(*values.get("tags", ()))


def _hang_on(drafts: Iterable[Draft]) -> None:
    """Store the warranties, and hand on the papers that wait."""
    warranties, papers = [], []
    for draft in drafts:
        for warranty in draft.warranties:
            warranty.purchase = draft.purchase
            warranties.append(warranty)
        for paper in draft.values.get("files", ()):
            paper.purchase = draft.purchase
            papers.append(paper)
    Warranty.objects.bulk_create(warranties)
    if papers:
        Attachment.objects.filter(purchase__isnull=True).bulk_update(papers, ["purchase"])
