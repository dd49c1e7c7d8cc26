"""Times, as each member reads them in their own time zone."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client
from django.urls import path
from django.utils import timezone

from people.models import User, validate_timezone
from people.tests.factories import UserFactory

NOON = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["UTC", "Europe/Stockholm", "America/Argentina/Buenos_Aires", "Etc/GMT-14", "CET"]
)
def test_a_zone_of_the_iana_database_is_accepted(name):
    validate_timezone(name)


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Olympus_Mons", "Europe", "../etc/passwd", "/etc/localtime", "UTC\0", "x" * 5000],
)
def test_anything_else_is_no_time_zone(name):
    with pytest.raises(ValidationError) as refusal:
        validate_timezone(name)
    assert refusal.value.messages == [f"“{name}” is not a time zone."]


def test_a_user_with_an_unknown_zone_is_not_valid():
    with pytest.raises(ValidationError) as refusal:
        User(username="ann", password="x", timezone="Mars/Olympus_Mons").clean_fields()
    assert refusal.value.message_dict == {"timezone": ["“Mars/Olympus_Mons” is not a time zone."]}


def test_a_new_member_starts_in_the_installations_zone(settings):
    assert User().timezone == "UTC"
    settings.TIME_ZONE = "Asia/Tokyo"
    assert User().timezone == "Asia/Tokyo"


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "2026-07-15 12:00"),
        ("Asia/Tokyo", "2026-07-15 21:00"),
        ("America/St_Johns", "2026-07-15 09:30"),
        ("Pacific/Kiritimati", "2026-07-16 02:00"),
    ],
)
def test_a_page_tells_times_in_the_members_own_zone(client: Client, zone, shown):
    client.force_login(UserFactory(timezone=zone))
    assert client.get("/noon/").content.decode() == shown
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.urls(__name__)
def test_a_page_tells_visitors_times_in_the_installations_zone(client, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    assert client.get("/noon/").content.decode() == "2026-07-15 21:00"


@login_not_required
def noon(request: HttpRequest) -> HttpResponse:
    template = Template("{{ noon|date:'Y-m-d H:i' }}")
    return HttpResponse(template.render(Context({"noon": NOON})))


urlpatterns = [path("noon/", noon)]
