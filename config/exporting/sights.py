"""What one member takes along of each table: their own, and no word of a surprise.

Their own are the purchases they own with all that belongs to them, their budget when it is shown
to them, and what the household plans for everybody. What others bought and share stays theirs:
taken in elsewhere, it would become the member's.

Every row comes through the gate that its page has. Of other members nothing is told but the names
that stand on people's pages, so keys that point at them are left out.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import Model, Q, QuerySet

from budgets.access import rights
from budgets.models import Budget, Change, Cycle, DailyTotal, Entry, Hold, Reset
from config.portable.tables import Row, Table
from occasions.access import may_see_budget, may_see_total
from occasions.models import Gift, Occasion, PersonOccasion, Role, Viewer
from people.models import Person, User
from purchases.models import (
    Attachment,
    Blob,
    Brand,
    ImportPreset,
    Preferences,
    Purchase,
    PurchaseEntry,
    Retailer,
    Tag,
    Warranty,
)


class Sight:
    """Reads what `viewer` takes along from the database `using`."""

    def __init__(self, viewer: Viewer, using: str) -> None:
        self.viewer = viewer
        self.user = viewer.user
        self._using = using
        self._seen = self._everything_seen()
        self._told: Mapping[str, Callable[[Row], Row]] = {
            "people.User": self._user,
            "occasions.Occasion": self._occasion,
            "occasions.PersonOccasion": self._card,
            "budgets.Budget": self._budget,
            "purchases.Purchase": self._purchase,
        }
        self._secret_totals = self._occasions_of_secret_totals()
        self._secret_gifts = self._gifts_that_are_secret()

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield what the member takes along of a table."""
        told = self._told.get(table.name)
        members = [f.attname for f in table.fields if f.related_model is User]
        for row in table.rows(self._seen[table.name].using(self._using)):
            for attname in members:
                if row[attname] != self.user.pk:
                    row[attname] = None
            yield told(row) if told else row

    def _everything_seen(self) -> Mapping[str, QuerySet[Any]]:
        return {
            model._meta.label: query
            for model, query in {**self._of_people(), **self._of_budget(), **self._bought()}.items()
        }

    def _of_people(self) -> dict[type[Model], QuerySet[Any]]:
        gifts = Gift.objects.visible_to(self.viewer)
        recipients = Gift.recipients.through
        return {
            User: User.objects.filter(pk=self.user.pk),
            Person: Person.objects.all(),
            Occasion: Occasion.objects.all(),
            PersonOccasion: PersonOccasion.objects.all(),
            Gift: gifts,
            recipients: recipients._default_manager.filter(gift__in=gifts.values("pk")),
        }

    def _of_budget(self) -> dict[type[Model], QuerySet[Any]]:
        mine = Budget.objects.using(self._using).filter(user=self.user)
        keys = [budget.pk for budget in mine if rights(self.user, budget).view]
        return {
            Budget: Budget.objects.filter(pk__in=keys),
            **{
                model: model._default_manager.filter(budget__in=keys)
                for model in (Cycle, Entry, DailyTotal, Hold, Reset)
            },
            # What administrators note for themselves stands in the changes of it as well.
            Change: Change.objects.filter(budget__in=keys).exclude(setting="admin_notes"),
            PurchaseEntry: PurchaseEntry.objects.filter(
                purchase__owner=self.user, entry__budget__in=keys
            ),
        }

    def _bought(self) -> dict[type[Model], QuerySet[Any]]:
        own = Purchase.objects.filter(owner=self.user)
        waiting = Q(purchase__isnull=True, uploaded_by=self.user)
        papers = Attachment.objects.filter(waiting | Q(purchase__owner=self.user))
        tagged = Purchase.tags.through._default_manager.filter(purchase__owner=self.user)
        return {
            Purchase: own,
            Retailer: Retailer.objects.filter(pk__in=own.order_by().values("retailer")),
            Brand: Brand.objects.filter(pk__in=own.order_by().values("brand")),
            Tag: Tag.objects.filter(pk__in=tagged.values("tag")),
            Purchase.tags.through: tagged,
            Warranty: Warranty.objects.filter(purchase__owner=self.user),
            Attachment: papers,
            Blob: Blob.objects.filter(pk__in=papers.order_by().values("blob")),
            Preferences: Preferences.objects.filter(user=self.user),
            ImportPreset: ImportPreset.objects.filter(owner=self.user),
        }

    def _occasions_of_secret_totals(self) -> set[int]:
        """Return at which occasions the budget for everything is that of the member's presents."""
        coming = Occasion.objects.using(self._using).filter(pk__in=self.viewer.surprises)
        return {one.pk for one in coming if not may_see_total(self.viewer, one)}

    def _gifts_that_are_secret(self) -> set[int]:
        """Return for which gifts the member bought something before they got them themselves."""
        own = Purchase.objects.using(self._using).filter(owner=self.user, gift__isnull=False)
        seen = Gift.objects.visible_to(self.viewer)
        return set(own.exclude(gift__in=seen.values("pk")).values_list("gift_id", flat=True))

    @staticmethod
    def _user(row: Row) -> Row:
        return {**row, "password": ""}

    def _occasion(self, row: Row) -> Row:
        return {**row, "budget_total": None} if row["id"] in self._secret_totals else row

    def _card(self, row: Row) -> Row:
        card = PersonOccasion(person_id=row["person_id"], occasion_id=row["occasion_id"])
        hidden = {role.field: None for role in Role if not may_see_budget(self.viewer, card, role)}
        return {**row, **hidden}

    @staticmethod
    def _budget(row: Row) -> Row:
        """The administrators' notes are for them alone."""
        return {**row, "admin_notes": ""}

    def _purchase(self, row: Row) -> Row:
        return {**row, "gift_id": None} if row["gift_id"] in self._secret_gifts else row
