"""How much one call of `work` does."""

from time import monotonic


class Pace:
    """So many rows, and no new part once the seconds are over; None is as long as it takes.

    One part is always done, or it might never come to an end.
    """

    def __init__(self, rows: int, seconds: float | None) -> None:
        self.left = rows
        self._seconds, self._began = seconds, monotonic()
        self._lost, self._is_begun = 0.0, False

    def set_off(self) -> None:
        """Note that what had to be gone through once more is behind.

        It is given as much time again as that took: a long file would otherwise come forward by
        less and less, and take as long as the square of its length.
        """
        self._lost = monotonic() - self._began

    def took(self, rows: int) -> None:
        """Note that so many rows were done."""
        self.left -= rows
        self._is_begun = True

    @property
    def is_over(self) -> bool:
        """Whether it is time to stop."""
        if self.left <= 0 or self._seconds is None or not self._is_begun:
            return self.left <= 0
        return monotonic() - self._began >= max(self._seconds, 2 * self._lost)
