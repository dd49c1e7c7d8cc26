"""The verbs: the only writers of occasions, gift budgets and gifts.

Each holds its own transaction and is safe beside itself. None of them asks who may do it: that is
`occasions.access`.
"""

from occasions.planning.budgeting import (
    StaleBudget,
    copy_last_year,
    save_budget,
    set_for_all,
    split_equally,
)
from occasions.planning.giving import (
    BuysOwnGift,
    add_gift,
    change_gift,
    delete_gift,
    record_paid,
    set_status,
)
from occasions.planning.holding import hold
from occasions.planning.linking import link, listed, set_people, unlink
from occasions.planning.occasions import (
    add_holidays,
    change_occasion,
    delete_occasion,
    known_holidays,
)
from occasions.planning.people import claim_person, delete_person, save_person
from occasions.planning.yearly import roll

__all__ = [
    "BuysOwnGift",
    "StaleBudget",
    "add_gift",
    "add_holidays",
    "change_gift",
    "change_occasion",
    "claim_person",
    "copy_last_year",
    "delete_gift",
    "delete_occasion",
    "delete_person",
    "hold",
    "known_holidays",
    "link",
    "listed",
    "record_paid",
    "roll",
    "save_budget",
    "save_person",
    "set_for_all",
    "set_people",
    "set_status",
    "split_equally",
    "unlink",
]
