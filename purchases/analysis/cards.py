"""The cards of the page, and which of them a member wants to see."""

from enum import StrEnum

from people.models import User
from purchases.models import Preferences


class Card(StrEnum):
    """A card by the name it is remembered under."""

    SUMMARY = "summary"
    MONTHS = "months"
    RETAILERS = "retailers"
    BRANDS = "brands"
    MOST_BOUGHT = "most-bought"
    MOST_EXPENSIVE = "most-expensive"
    RECENT = "recent"
    WARRANTIES = "warranties"

    @property
    def heading(self) -> str:
        return _HEADINGS[self]

    @property
    def template(self) -> str:
        return f"analytics/{self}.html"


_HEADINGS = {
    Card.SUMMARY: "All together",
    Card.MONTHS: "Spending by month",
    Card.RETAILERS: "Retailers",
    Card.BRANDS: "Brands",
    Card.MOST_BOUGHT: "Most bought",
    Card.MOST_EXPENSIVE: "Most expensive",
    Card.RECENT: "Bought last",
    Card.WARRANTIES: "Warranties",
}


def hidden_by(user: User) -> list[Card]:
    """Return the cards that a member has put away, in the order of the page."""
    kept = Preferences.objects.filter(user=user).values_list("hidden_cards", flat=True).first()
    return [card for card in Card if card in (kept or ())]
