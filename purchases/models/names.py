"""Retailers, brands and tags: names that are the same regardless of case and space."""

from django.db import models
from django.urls import reverse

from purchases.naming import fold

MAX_NAME = 120


class Name(models.Model):
    """A name and the key it is compared by, which the verbs keep in step with it."""

    name = models.CharField(max_length=MAX_NAME)
    #: The folded name; folding may make three characters of one.
    key = models.CharField(max_length=3 * MAX_NAME, unique=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["key", "pk"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def key_of(name: str) -> str:
        """Return the key under which `name` is found."""
        return fold(name)


class Seller(Name):
    """A name with an address on the web.

    One that somebody wrote down on its own page is `listed`. One that came with a purchase shows
    only to who may see such a purchase: the shop of a present would say what the present is.
    """

    link = models.URLField("website", max_length=2000, blank=True)
    listed = models.BooleanField(default=False)

    class Meta(Name.Meta):
        abstract = True


class Retailer(Seller):
    """Where something was bought."""

    class Meta(Seller.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(key=""),
                name="retailer_named",
                violation_error_message="Enter a name.",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("retailers:detail", args=[self.pk])


class Brand(Seller):
    """Who made it."""

    class Meta(Seller.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(key=""),
                name="brand_named",
                violation_error_message="Enter a name.",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("brands:detail", args=[self.pk])


class Tag(Name):
    """A word that purchases are sorted by; it shows only with a purchase that one may see."""

    class Meta(Name.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(key=""),
                name="tag_named",
                violation_error_message="Enter a name.",
            ),
        ]
