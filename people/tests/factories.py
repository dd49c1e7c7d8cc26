"""People for tests."""

import factory

from people.models import User


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A member in UTC; their budget comes by itself."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"member{number}")
    timezone = "UTC"
    password = factory.django.Password("open sesame")

    class Params:
        administrator = factory.Trait(is_staff=True, is_superuser=True)
