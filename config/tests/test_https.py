"""HTTPS, which is on unless it is switched off: as a server reads it from its environment."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from config.tests.elsewhere import run, settle
from purchases.middleware import MAX_REQUEST

ASK = """
import json
import django
django.setup()
from django.conf import settings
from django.test import Client

def answer(path, **headers):
    response = Client(headers={"host": "example.org"} | headers).get(path, secure=SECURE)
    cookies = {name: [bool(cookie["secure"]), bool(cookie["httponly"])]
               for name, cookie in response.cookies.items()}
    return [response.status_code, dict(response.items()), cookies]

pages = {}
for SECURE in (False, True):
    for path in ("/account/login/", "/healthz", "/readyz?full"):
        pages[f"{'https' if SECURE else 'http'} {path}"] = answer(path)
SECURE = False
pages["proxy /healthz"] = answer("/healthz", x_forwarded_proto="https")
pages["proxy /account/login/"] = answer("/account/login/", x_forwarded_proto="https")
print(json.dumps({"pages": pages, "session": settings.SESSION_COOKIE_SECURE}))
"""
HSTS = "max-age=31536000; includeSubDomains; preload"


def ask(data: Path, **environment: str) -> dict[str, Any]:
    """Start the app with an empty database in memory and return what it answers."""
    told = run(
        ASK,
        folder=settings.BASE_DIR,
        SECRET_KEY="k" * 50,
        ALLOWED_HOSTS="example.org",
        DATABASE_URL="sqlite://:memory:",
        DATA_DIR=str(data),
        LOG_LEVEL="CRITICAL",
        DEBUG="true",  # so that no collected static files are needed; it changes nothing asked here
        **environment,
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


@pytest.fixture(scope="module")
def on(tmp_path_factory) -> dict[str, Any]:
    return ask(tmp_path_factory.mktemp("on"), HTTPS="true")


@pytest.fixture(scope="module")
def off(tmp_path_factory) -> dict[str, Any]:
    return ask(tmp_path_factory.mktemp("off"), HTTPS="false")


def test_plain_http_is_redirected(on):
    status, headers, cookies = on["pages"]["http /account/login/"]
    assert (status, headers["Location"]) == (301, "https://example.org/account/login/")
    assert cookies == {}


def test_browsers_are_told_to_stay_with_https(on):
    status, headers, _ = on["pages"]["https /account/login/"]
    assert (status, headers["Strict-Transport-Security"]) == (200, HSTS)


def test_cookies_travel_over_https_alone_and_no_script_reads_them(on):
    assert on["pages"]["https /account/login/"][2] == {"csrftoken": [True, True]}
    assert on["session"] is True


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/readyz?full", 503)])
def test_the_health_checks_answer_over_plain_http(on, path, status):
    assert on["pages"][f"http {path}"][0] == status


def test_without_a_proxy_its_header_is_not_believed(on):
    assert on["pages"]["proxy /account/login/"][0] == 301


def test_behind_a_proxy_its_header_is_believed(tmp_path):
    told = ask(tmp_path, HTTPS="true", BEHIND_PROXY="true")
    assert told["pages"]["proxy /account/login/"][0] == 200
    assert told["pages"]["http /account/login/"][0] == 301


def test_switched_off_everything_works_over_plain_http(off):
    status, headers, cookies = off["pages"]["http /account/login/"]
    assert status == 200
    assert "Strict-Transport-Security" not in headers
    assert cookies == {"csrftoken": [False, True]}
    assert off["session"] is False


def test_it_is_on_unless_it_is_switched_off(tmp_path):
    script = "from django.conf import settings; print(settings.SECURE_SSL_REDIRECT)"
    told = run(script, folder=settle(tmp_path), SECRET_KEY="k" * 50)
    assert told.stdout.strip() == "True"


def test_the_proxy_of_the_manual_lets_through_what_the_app_takes():
    manual = (settings.BASE_DIR / "docs" / "self-hosting.md").read_text()
    [megabytes] = re.findall(r"^ +client_max_body_size (\d+)m;$", manual, re.MULTILINE)
    assert int(megabytes) * 1024 * 1024 > MAX_REQUEST
