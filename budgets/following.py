"""How budgets follow people: the one signal receiver of the project.

A user must have a budget the moment they exist, however they came to be (sign-up, console,
`createsuperuser`, a script), and `people` may not know `budgets`: imports point the other way. So
this is the one place where a signal serves better than a call. All it does is call a verb.
"""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from budgets.ledger import ensure_budget, follow_time_zone
from budgets.models import Budget
from people.models import User


@receiver(post_save, sender=User, dispatch_uid="budgets.follow_user")
def follow_user(
    instance: User, created: bool, update_fields: frozenset[str] | None, raw: bool, **kwargs: Any
) -> None:
    """Give a new user a budget; let an old one's budget follow their name and time zone."""
    if raw:  # a restore brings the budgets itself
        return
    if created:
        ensure_budget(instance, now=timezone.now())
        return
    if update_fields is None or "username" in update_fields:
        Budget.objects.filter(user=instance).exclude(member_name=instance.username).update(
            member_name=instance.username
        )
    if update_fields is None or "timezone" in update_fields:
        follow_time_zone(instance, now=timezone.now())
