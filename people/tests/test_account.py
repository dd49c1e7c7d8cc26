"""The account page: what people may change about themselves."""

import pytest
from django.test import Client

from people.models import User
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/account/"
TYPED = {
    "first_name": "Ann",
    "last_name": "Åström",
    "email": "ann@example.org",
    "timezone": "Europe/Stockholm",
}


@pytest.fixture
def ann() -> User:
    return UserFactory(username="ann", first_name="Anna", email="old@example.org")


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


def test_saves_names_address_and_time_zone_and_says_so(member, ann):
    answer = member.post(PAGE, TYPED, follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "Your account is saved." in answer.content.decode()
    ann.refresh_from_db()
    assert {name: getattr(ann, name) for name in TYPED} == TYPED


def test_shows_what_is_stored(member):
    page = member.get(PAGE).content.decode()
    assert 'value="Anna"' in page
    assert 'value="old@example.org"' in page
    assert '<option value="UTC" selected>UTC</option>' in page


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("timezone", "Mars/Olympus_Mons", "Mars/Olympus_Mons is not one of the available choices."),
        ("timezone", "", "This field is required."),
        ("email", "ann at home", "Enter a valid email address."),
        ("first_name", "A" * 151, "Ensure this value has at most 150 characters (it has 151)."),
    ],
)
def test_one_wrong_field_keeps_the_rest_as_typed_and_stores_nothing(
    member, ann, field, value, message
):
    typed = TYPED | {field: value}
    answer = member.post(PAGE, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    for name in ("first_name", "last_name", "email"):
        assert f'value="{typed[name]}"' in page
    stored = User.objects.get(pk=ann.pk)
    assert (stored.first_name, stored.email, stored.timezone) == ("Anna", "old@example.org", "UTC")


def test_the_navigation_keeps_the_stored_name_while_another_is_refused(member):
    page = member.post(PAGE, TYPED | {"first_name": "Zara", "timezone": "Nowhere"}).content.decode()
    assert "Signed in as Anna</p>" in page
    assert "Signed in as Zara" not in page


def test_what_is_not_on_the_form_cannot_be_changed(member, ann):
    member.post(PAGE, TYPED | {"is_staff": "on", "is_superuser": "on", "username": "root"})
    ann.refresh_from_db()
    assert (ann.username, ann.is_staff, ann.is_superuser) == ("ann", False, False)
    assert ann.first_name == "Ann"


def test_changes_only_ones_own_account(member):
    other = UserFactory(first_name="Bo")
    member.post(f"{PAGE}?pk={other.pk}", TYPED | {"pk": other.pk, "id": other.pk})
    other.refresh_from_db()
    assert other.first_name == "Bo"


def test_a_zone_without_a_place_in_its_name_is_kept_when_something_else_is_saved(client):
    ann = UserFactory(timezone="CET")
    client.force_login(ann)
    page = client.get(PAGE).content.decode()
    assert '<option value="CET" selected>CET</option>' in page
    client.post(PAGE, TYPED | {"timezone": "CET"})
    ann.refresh_from_db()
    assert (ann.first_name, ann.timezone) == ("Ann", "CET")


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_any_other_method_is_refused(member, method):
    assert getattr(member, method)(PAGE).status_code == 405


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", [PAGE, "/account/password/", "/account/logout/"])
def test_visitors_are_sent_to_sign_in(client, path, method):
    answer = getattr(client, method)(path)
    assert answer.status_code == 302
    assert answer["Location"] == f"/account/login/?next={path}"
