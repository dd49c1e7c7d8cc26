"""The warranties on the page of a purchase."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string

from people.models import User
from people.tests.factories import UserFactory
from purchases.models import Purchase
from purchases.tests.factories import TODAY, PurchaseFactory, WarrantyFactory, viewer_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def bought(user: User) -> Purchase:
    return PurchaseFactory(owner=user, shared=True)


def section(purchase: Purchase, user: User) -> str:
    page = {"purchase": purchase, "viewer": viewer_of(user)}
    return render_to_string("purchases/_warranties.html", page)


def test_none_yet_leads_to_adding_one(user, bought):
    html = section(bought, user)
    assert "None is written down." in html
    assert f'href="/warranties/add/{bought.pk}/"' in html


def test_each_tells_what_it_is_and_how_it_stands_the_next_to_end_first(user, bought):
    WarrantyFactory(purchase=bought, kind="parts", notes="<b>Motor")
    soon = WarrantyFactory(purchase=bought, ends_on=TODAY + timedelta(days=3), provider="ACME")
    WarrantyFactory(purchase=bought, ends_on=TODAY + timedelta(days=9), voided=True)
    html = section(bought, user)
    labels = [html.index(label) for label in ("Expiring soon</span>", "Voided</span>", "Active</")]
    assert labels == sorted(labels)
    assert f'<a href="{soon.get_absolute_url()}">Manufacturer</a>, ACME' in html
    assert "From Jul 15, 2026 until Jul 18, 2026 · 3 days left" in html
    assert "for life" in html
    assert "&lt;b&gt;Motor" in html


def test_others_look_at_them_and_change_nothing(bought):
    WarrantyFactory(purchase=bought)
    html = section(bought, UserFactory())
    assert "Active</span>" in html
    assert "<a " not in html
