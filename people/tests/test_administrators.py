"""Who administers the installation."""

import pytest
from django.contrib.auth.models import AnonymousUser

from people.access import administrators, is_administrator
from people.models import User
from people.tests.factories import UserFactory


@pytest.mark.parametrize(
    ("user", "administers"),
    [
        (User(is_staff=True), True),
        (User(is_staff=True, is_superuser=True), True),
        (User(), False),
        (User(is_superuser=True), False),
        (User(is_staff=True, is_active=False), False),
        (AnonymousUser(), False),
    ],
)
def test_an_administrator_is_active_staff(user, administers):
    assert is_administrator(user) is administers


@pytest.mark.django_db
def test_members_can_ask_the_active_staff():
    UserFactory(username="member")
    UserFactory(username="gone", is_staff=True, is_active=False)
    UserFactory(username="zoe", is_staff=True)
    UserFactory(username="ann", is_staff=True)
    assert [user.username for user in administrators()] == ["ann", "zoe"]


@pytest.mark.parametrize(
    ("user", "name"),
    [
        (User(username="ann", first_name="Ann", last_name="Berg"), "Ann Berg"),
        (User(username="ann", last_name="Berg"), "Berg"),
        (User(username="ann"), "ann"),
    ],
)
def test_others_read_the_full_name_or_else_the_user_name(user, name):
    assert user.display_name == name
