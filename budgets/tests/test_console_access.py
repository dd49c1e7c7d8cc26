"""Who may use the console."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from budgets.models import Budget
from budgets.tests.consoles import LIST, act, administrator, apply, at_now, budget_of, said_by
from budgets.tests.factories import record
from people.tests.factories import UserFactory

pytestmark = at_now

LOGS = ["entry", "cycle", "reset", "change", "hold"]
PAGES = [
    "/admin/",
    "/admin/budgets/",
    LIST,
    f"{LIST}csv/",
    *(f"/admin/budgets/{log}/" for log in LOGS),
    *(f"/admin/budgets/{log}/csv/" for log in LOGS),
]


@pytest.fixture
def anna():
    return budget_of("anna")


def paths(budget: Budget) -> list[str]:
    return [*PAGES, f"{LIST}{budget.pk}/change/", f"{LIST}{budget.pk}/history/"]


def test_an_administrator_needs_no_further_permission(anna):
    console = administrator()
    for path in paths(anna):
        assert console.get(path).status_code == 200, path


def test_a_superuser_may_do_the_same(anna):
    console = administrator(is_superuser=True)
    for path in paths(anna):
        assert console.get(path).status_code == 200, path
    assert console.get(f"{LIST}add/").status_code == 403
    assert console.post(f"{LIST}{anna.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_member_is_told_that_this_is_not_theirs(client, anna):
    client.force_login(anna.user)
    for path in [*paths(anna), "/admin/login/", "/admin/people/user/", "/admin/nonsense/"]:
        response = client.get(path)
        assert response.status_code == 403, path
        assert "The console is for administrators." in response.content.decode()


def test_a_members_permissions_do_not_open_the_console(client, anna):
    anna.user.user_permissions.set(Permission.objects.all())
    client.force_login(anna.user)
    assert client.get(LIST).status_code == 403


def test_a_member_cannot_act_either(client, anna):
    client.force_login(anna.user)
    data = {"action": "stop_enforcing", "index": "0", "_selected_action": [str(anna.pk)]}
    assert client.post(LIST, data).status_code == 403
    assert client.post(f"{LIST}{anna.pk}/change/", {"limit": "1000"}).status_code == 403
    anna.refresh_from_db()
    assert anna.enforced


def test_a_visitor_is_sent_to_sign_in_and_back(client, anna):
    for path in paths(anna):
        response = client.get(path, follow=True)
        assert response.redirect_chain[-1][0].startswith("/account/login/?next="), path
        assert response.status_code == 200


def test_a_visitor_who_signs_in_arrives_where_they_wanted(client):
    UserFactory(username="root", is_staff=True)
    sign_in = client.get(LIST, follow=True)
    url = sign_in.redirect_chain[-1][0]
    response = client.post(url, {"username": "root", "password": "open sesame"})
    assert response["Location"] == LIST


def test_an_administrator_who_was_deactivated_has_no_console(client):
    user = UserFactory(is_staff=True)
    client.force_login(user)
    user.is_active = False
    user.save()
    assert client.get(LIST).status_code == 302


def test_an_administrator_sees_budgets_but_not_users_without_permission():
    console = administrator()
    page = console.get("/admin/").content.decode()
    assert "/admin/budgets/budget/" in page
    assert "/admin/people/user/" not in page
    assert console.get("/admin/people/user/").status_code == 403


def test_users_follow_the_ordinary_permissions():
    console = administrator()
    user = console.get("/admin/").wsgi_request.user
    user.user_permissions.set(Permission.objects.filter(codename="view_user"))
    assert console.get("/admin/people/user/").status_code == 200
    assert console.get("/admin/people/user/add/").status_code == 403


def test_budgets_come_first_on_the_front_page():
    console = administrator(is_superuser=True)
    labels = [app["app_label"] for app in console.get("/admin/").context["app_list"]]
    assert labels == ["budgets", "purchases", "occasions", "people", "auth"]


def test_a_forged_request_is_refused(anna):
    console = Client(enforce_csrf_checks=True)
    console.force_login(UserFactory(is_staff=True))
    data = {"action": "stop_enforcing", "index": "0", "_selected_action": [str(anna.pk)]}
    assert console.post(LIST, data).status_code == 403


def pages_of(console, anna) -> list[str]:
    """Return every page of the console as HTML, the asking ones included."""
    record(anna, "40")
    asked = [act(console, name, anna) for name in ("set_limit", "change_permissions", "start_over")]
    wrong = apply(console, asked[0], limit="x")
    found = [console.get(path) for path in paths(anna) if not path.endswith("csv/")]
    return [response.content.decode() for response in [*asked, wrong, *found]]


def test_no_page_needs_an_inline_style_or_script(anna):
    for html in pages_of(administrator(), anna):
        assert "style=" not in html
        assert "<style" not in html
        assert "onclick=" not in html
        assert "<script>" not in html


def test_every_page_answers_with_the_strict_policy(anna):
    policy = administrator().get(LIST)["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_an_administrators_own_budget_is_configured_like_any_other():
    console = administrator()
    own = Budget.objects.get(member_name="root")
    assert said_by(act(console, "enforce", own)) == ["Changed 1 budget."]
