"""Where one can go and what one can begin, wherever one is: the fixed part of what can be found."""

from dataclasses import dataclass

from purchases.naming import fold


@dataclass(frozen=True, slots=True)
class Place:
    """A page under the name of its address, with the other words it is looked for by."""

    title: str
    name: str
    icon: str
    words: str = ""
    is_for_administrators: bool = False

    def answers(self, text: str) -> bool:
        """Tell whether every word of `text` begins one of its own."""
        known = fold(f"{self.title} {self.words}").split()
        return all(any(own.startswith(word) for own in known) for word in fold(text).split())


PAGES = (
    Place("Home", "home", "house", "start overview"),
    Place("Budget", "budgets:detail", "wallet", "limit spent left history"),
    Place("Occasions", "occasions:list", "calendar", "birthdays holidays days"),
    Place("Gifts", "gifts:list", "gift", "presents ideas wishes"),
    Place("My shopping", "gifts:shopping", "shopping-cart", "buy gifts list"),
    Place("People", "persons:list", "users", "family friends"),
    Place("Purchases", "purchases:list", "shopping-bag", "bought receipts orders"),
    Place("Warranties", "warranties:list", "clock", "guarantees returns deadlines"),
    Place("Retailers", "retailers:list", "tag", "shops stores"),
    Place("Brands", "brands:list", "star", "makers manufacturers"),
    Place("Analytics", "analytics:page", "chart-column", "charts figures statistics spending"),
    Place("Data", "data:page", "database", "import export backups restore csv json download"),
    Place("Account", "people:account", "user", "profile password time zone settings"),
    Place("API tokens", "people:tokens", "link", "programs keys access api"),
    Place("API", "api:docs", "file-text", "programs openapi documentation reference"),
    Place("Admin", "admin:index", "shield", "console", is_for_administrators=True),
)

ACTIONS = (
    Place("Add a purchase", "purchases:add", "plus", "new buy receipt"),
    Place("Add a person", "persons:add", "plus", "new somebody"),
    Place("Add an occasion", "occasions:add", "plus", "new birthday"),
    Place("Add a gift", "gifts:add", "plus", "new present idea"),
    Place("Choose holidays", "occasions:holidays", "party-popper", "add calendar"),
)
