"""A household half a year before Christmas, in which everybody has a secret before Leo."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

from django.test import Client

from config.tests.addresses import Address, addresses
from occasions import planning
from occasions.models import Gift, Occasion, PersonOccasion
from people import tokens
from people.models import Person, Scope, User
from people.tests.factories import UserFactory
from purchases.importing.rows import Row
from purchases.models import ImportBatch, ImportPreset, ImportRow, Purchase
from purchases.tests.factories import (
    AttachmentFactory,
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    TagFactory,
    WarrantyFactory,
)

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
CHRISTMAS = date(2026, 12, 25)
#: When everything that is hidden here may be known.
AFTER = datetime(2026, 12, 26, 12, 0, tzinfo=UTC)

#: What must not stand in any answer to Leo: titles, notes, links, prices and his own budgets.
SECRETS = (
    "Canary ",
    "canary-",
    "canary.example",
    "1,234.56",
    "1234.56",
    "1,222.33",
    "1222.33",
    "777.77",
)


class Household:
    """Leo is a member or an administrator; Sis, who buys for everybody, is an administrator."""

    def __init__(self, *, administrator: bool) -> None:
        self.user = UserFactory(username="leo", administrator=administrator)
        self.leo = self._person("Leo", user=self.user, birthday=date(2012, 9, 9))
        self.sis = self._person("Sis", user=UserFactory(username="sis", administrator=True))
        self.mom = self._person("Mom", birthday=date(1960, 10, 3), relationship="parent")
        self.dad = self._person("Dad", relationship="parent")
        everybody = [self.leo, self.sis, self.mom, self.dad]

        self.last_christmas = self._occasion("Christmas", date(2025, 12, 25), everybody)
        self.christmas = self._occasion(
            "Christmas", CHRISTMAS, everybody, previous=self.last_christmas
        )
        self.yesterday = self._occasion("Picnic", TODAY - timedelta(days=1), everybody)
        self.today = self._occasion("Name day", TODAY, [self.leo])
        self.card = self.christmas.links.get(person=self.leo)
        self.birthday = Occasion.objects.get(celebrates=self.leo)
        self.moms = Occasion.objects.get(celebrates=self.mom)
        for giver in (self.leo, self.sis):
            planning.link(occasion=self.moms, person=giver)
        PersonOccasion.objects.exclude(person=self.leo).update(purchaser_budget=Decimal(300))
        PersonOccasion.objects.filter(person=self.mom).update(recipient_budget=Decimal(250))

        self.give("Old lamp", self.last_christmas, self.leo, purchaser=self.sis, price="30")
        self.give("Old rug", self.yesterday, self.mom, self.leo, purchaser=self.sis, price="40")
        self.give("Scarf", self.christmas, self.sis, purchaser=self.leo, price="49.90")
        self.give("Poem", self.christmas, self.mom, status="idea", price=None)
        self.give("Boots", self.christmas, self.dad, purchaser=self.sis, price="89.90")
        self.give("Cake", self.moms, self.mom, purchaser=self.leo, price="20")
        self.give("Vase", self.moms, self.mom, purchaser=self.sis, price="60")

        self.shop = RetailerFactory(name="Corner shop", listed=True)
        self.keep("Kettle", owner=self.user, price="35", brand=BrandFactory(name="Teaworks"))
        self.keep("Ladder", owner=self.sis.user, price="120", shared=True)
        self.keep("Diary", owner=self.sis.user, price="9")

        self._import()
        tokens.mint(user=self.user, name="A script", scopes=list(Scope), now=NOW)

        self.console = Client()
        self.console.force_login(self.sis.user)

    def hide(self) -> list[Gift]:
        """Plan presents for Leo, with budgets, and touch one in the console. Return the gifts."""
        PersonOccasion.objects.filter(
            person=self.leo, occasion__in=[self.christmas, self.birthday, self.today]
        ).update(recipient_budget=Decimal("777.77"))
        secret = {"notes": "Canary notes", "link": "https://canary.example/"}
        kite = self.give(
            "Canary kite", self.christmas, self.leo, purchaser=self.sis, price="1234.56", **secret
        )
        gifts = [
            kite,
            self.give("Canary flag", self.christmas, self.leo, purchaser=self.dad, price=None),
            self.give(
                "Canary game",
                self.christmas,
                self.leo,
                self.mom,
                purchaser=self.sis,
                status="purchased",
                price="1234.56",
                paid_price=Decimal("1222.33"),
            ),
            self.give("Canary bell", self.birthday, self.leo, status="idea", price="1234.56"),
            self.give("Canary card", self.today, self.leo, status="received", price="1222.33"),
        ]
        self._touch(kite)
        self._buy(gifts[2])
        return gifts

    def give(
        self,
        title: str,
        occasion: Occasion,
        *recipients: Person,
        price: str | None,
        **values: object,
    ) -> Gift:
        amount = None if price is None else Decimal(price)
        wanted = {"title": title, "price": amount, "status": "selected", **values}
        return planning.add_gift(
            occasion=occasion, recipients=recipients, values=wanted, today=TODAY
        )

    def keep(self, name: str, *, owner: User, price: str, **values: object) -> Purchase:
        """Write down a purchase with a warranty, a deadline and a paper, of which no budget knows.

        What an administrator sees of budgets tells that something was bought, and no more: that is
        not kept from them.
        """
        about = {"retailer": self.shop, "return_by": TODAY + timedelta(days=9), **values}
        purchase = PurchaseFactory(name=name, owner=owner, price=Decimal(price), **about)
        WarrantyFactory(purchase=purchase, ends_on=TODAY + timedelta(days=20), provider=name)
        AttachmentFactory(purchase=purchase, name=f"{name}.png")
        return purchase

    def _import(self) -> None:
        """Let Leo have a file that is read, and a preset."""
        batch = ImportBatch.objects.create(
            owner=self.user,
            by=self.user,
            name="statement.csv",
            size=80,
            format="amazon-items",
            state=ImportBatch.State.READY,
            made_at=NOW,
            changed_at=NOW,
        )
        row = Row(
            line=2,
            source="amazon-items",
            source_id="2",
            name="Kettle",
            price=Decimal(35),
            currency="USD",
            purchased_on=TODAY,
        )
        for number, fate in enumerate((ImportRow.Fate.NEW, ImportRow.Fate.DOUBLE), start=1):
            batch.rows.create(number=number, line=number + 1, fate=fate, data=row.as_json())
        ImportPreset.objects.create(owner=self.user, name="Corner bank", choices={})

    def _buy(self, gift: Gift) -> None:
        """Let Sis buy a present in a shop of which nobody knew, and another whose gift is gone."""
        about = {
            "owner": self.sis.user,
            "price": "1222.33",
            "shared": True,
            "retailer": RetailerFactory(name="Canary Toys"),
            "brand": BrandFactory(name="Canary Works"),
            "tags": [TagFactory(name="canary-yellow")],
            "serial_number": "canary-1",
        }
        self.keep("Canary game", gift=gift, **about)
        self.keep("Canary song", secret_until=CHRISTMAS, **about)

    def _touch(self, gift: Gift) -> None:
        path = f"/admin/occasions/gift/{gift.pk}/change/"
        form = self.console.get(path).context["adminform"].form
        typed = {bound.name: bound.value() for bound in form if bound.value() is not None}
        typed |= {"recipients": [self.leo.pk], "priority": Gift.Priority.HIGH}
        assert self.console.post(path, typed).status_code == 302
        gift.refresh_from_db()
        assert gift.priority == Gift.Priority.HIGH

    def _person(self, name: str, **values: object) -> Person:
        return planning.save_person(person=Person(name=name, **values), today=TODAY)

    def _occasion(self, name: str, day: date, people: list[Person], **values: object) -> Occasion:
        about = {"name": name, "date": day, "kind": "holiday", "budget_total": Decimal(1000)}
        occasion = Occasion(**values)
        return planning.change_occasion(occasion=occasion, values=about, people=people)


def places() -> Iterator[tuple[Address, str]]:
    """Yield every address of the app with every path that leads to a row there is."""
    for address in addresses():
        rows = [
            model._default_manager.values_list("pk", flat=True) for model in address.keys.values()
        ]
        for chosen in product(*rows):
            yield address, address.at(**dict(zip(address.keys, chosen, strict=True)))
