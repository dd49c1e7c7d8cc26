"""The geometry of a column chart, in percent of its box: no rows, no words."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_GAP = Decimal("0.25")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: where it stands and how high it is, and the label beneath it, if any."""

    label: str
    amount: Decimal
    x: Decimal
    width: Decimal
    height: Decimal
    tick: str

    @property
    def y(self) -> Decimal:
        return 100 - self.height

    @property
    def middle(self) -> Decimal:
        return self.x + self.width / 2


def columns(bars: Sequence[tuple[str, Decimal]], *, ticks: int = 5) -> list[Column]:
    """Lay out labelled amounts as columns of equal width; the highest fills the box.

    Amounts of zero or less have no height. About `ticks` labels are shown, evenly spread.
    """
    if not bars:
        return []
    highest = max(Decimal(0), *(amount for _, amount in bars))
    step = Decimal(100) / len(bars)
    every = max(1, -(-len(bars) // ticks))
    return [
        Column(
            label=label,
            amount=amount,
            x=step * place + step * _GAP / 2,
            width=step * (1 - _GAP),
            height=max(amount, Decimal(0)) * 100 / highest if highest else Decimal(0),
            tick=label if place % every == every // 2 else "",
        )
        for place, (label, amount) in enumerate(bars)
    ]
