"""What the pages of the administrators' console have in common, whichever app they are of."""

from people.console.filters import Choices, Days, Menu, titled
from people.console.forms import DAY, TEXT, ConsoleForm
from people.console.pages import Console, Untold
from people.console.rights import ForAdministrators, OwnFieldsAlone

__all__ = [
    "DAY",
    "TEXT",
    "Choices",
    "Console",
    "ConsoleForm",
    "Days",
    "ForAdministrators",
    "Menu",
    "OwnFieldsAlone",
    "Untold",
    "titled",
]
