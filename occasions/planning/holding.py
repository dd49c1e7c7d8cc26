"""One at a time: who changes an occasion's list or its gifts waits for whoever is at it."""

from occasions.models import Occasion


def hold(*occasions: int) -> None:
    """Keep the lists and gifts of `occasions`, by their keys, to this transaction until it ends.

    Without it two who share a gift could both leave, each for the other to keep it, or a gift could
    be added for somebody who is just taken off. The keys are taken in order, so that two
    transactions never wait for each other.
    """
    rows = Occasion.objects.select_for_update(no_key=True).filter(pk__in=occasions)
    list(rows.order_by("pk").values_list("pk"))
