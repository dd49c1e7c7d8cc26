"""The console's pages of people, occasions, gift budgets and gifts.

They are for looking, configuring and repairing. What is a surprise to the administrator who looks
is not there: no list, search, filter, confirmation or address tells of it. Nothing here writes a
row: everything goes through `occasions.planning`.
"""

from occasions.admin import cards, gifts, occasions, people

__all__ = ["cards", "gifts", "occasions", "people"]
