"""What a member wants to see: columns of the list of purchases, and cards of the analytics page."""

from collections.abc import Collection, Sequence

from django.db import transaction

from people.models import User
from purchases.models import Preferences


def choose_columns(*, user: User, columns: Sequence[str]) -> None:
    """Remember the columns of the list of purchases; none is the usual choice."""
    Preferences.objects.update_or_create(user=user, defaults={"purchase_columns": [*columns]})


@transaction.atomic
def hide_cards(*, user: User, hide: Collection[str] = (), show: Collection[str] = ()) -> list[str]:
    """Put the cards `hide` away and bring the cards `show` back; return all that are away."""
    kept, _ = Preferences.objects.select_for_update().get_or_create(user=user)
    kept.hidden_cards = sorted({*kept.hidden_cards, *hide} - {*show})
    kept.save(update_fields=["hidden_cards"])
    return kept.hidden_cards
