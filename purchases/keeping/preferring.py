"""What a member wants to see."""

from collections.abc import Sequence

from people.models import User
from purchases.models import Preferences


def choose_columns(*, user: User, columns: Sequence[str]) -> None:
    """Remember the columns of the list of purchases; none is the usual choice."""
    Preferences.objects.update_or_create(user=user, defaults={"purchase_columns": [*columns]})
