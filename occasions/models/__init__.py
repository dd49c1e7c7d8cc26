"""For whom: the occasions of a household, its gift budgets and the gifts.

An `Occasion` is one day on which gifts are given. What comes back every year is a row a year, each
pointing at the one before, so that every year keeps its own budgets and gifts. A `PersonOccasion`
puts somebody on an occasion's list, with a budget for gifts to them and one for gifts by them; an
empty budget is no limit, zero is nothing to spend. A `Gift` belongs to one occasion, has one or
several recipients who share its cost, perhaps somebody who buys it, and one status.

Gifts are surprises. `visible_to` takes a `Viewer` and leaves out what would give away a present to
whom it is for, until the day has passed. Only the verbs in `occasions.planning` write any of this.
"""

from occasions.models.gift import Gift, GiftQuerySet
from occasions.models.occasion import Occasion
from occasions.models.person_occasion import PersonOccasion, Role
from occasions.models.viewer import Viewer

__all__ = ["Gift", "GiftQuerySet", "Occasion", "PersonOccasion", "Role", "Viewer"]
