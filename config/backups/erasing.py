"""Everything deleted but one account, by an owner who means it."""

from datetime import datetime

from django.db.models import Q

from budgets.ledger import ensure_budget
from config.backups import replacing, shelf
from config.backups.alone import alone
from config.backups.laying import sweep_all
from config.backups.needs import needed_now
from config.backups.restoring import or_back, quietly, set_restore_point
from config.portable.tables import check_references
from people.models import User


def erase_everything(*, keep_user: User, now: datetime) -> str:
    """Delete everything but the account of `keep_user`, who begins anew with an empty budget.

    Returns the name of the restore point that was made before. Raises RestoreRunning, and
    RestoreFailed when something went wrong; nothing is deleted then.
    """
    with alone():
        point = set_restore_point(now=now)
        with or_back(point), replacing.everything():
            before = list(needed_now())
            replacing.empty(keep=_kept(keep_user))
            ensure_budget(User.objects.get(pk=keep_user.pk), now=now)
            check_references()
        quietly(sweep_all, before)
        quietly(shelf.prune_restore_points, point)
    return point


def _kept(user: User) -> dict[str, Q]:
    """Return which rows stay: the account and its permissions."""
    own_permissions = User.user_permissions.through
    return {User._meta.label: Q(pk=user.pk), own_permissions._meta.label: Q(user=user.pk)}
