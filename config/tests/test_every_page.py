"""What every page keeps to, whoever asks: the walk is taken once and looked at from all sides."""

import re
from html.parser import HTMLParser

import pytest
from django.test import TestCase

from config.tests.addresses import SAMPLES
from config.tests.walking import walk

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
#: The console keeps no history of these: it would name what is a surprise.
UNTOLD = (
    "occasions/gift",
    "occasions/personoccasion",
    "purchases/attachment",
    "purchases/blob",
    "purchases/brand",
    "purchases/calendarfeed",
    "purchases/importbatch",
    "purchases/importpreset",
    "purchases/purchase",
    "purchases/purchaseentry",
    "purchases/retailer",
    "purchases/tag",
    "purchases/warranty",
)
BACKUP = f"/data/backups/{SAMPLES['name']}"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Faults(HTMLParser):
    """Collects what the policy would block or what leads away from the site."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        is_data = told.get("type") in {"application/json", "application/ld+json"}
        self._in_script = tag == "script" and "src" not in told and not is_data
        if tag == "style":
            self.found.append("<style>")
        for name, value in told.items():
            if name == "style" or re.match(r"on|hx-on|hx-vars|hx-vals", name):
                self.found.append(f"<{tag} {name}={value}>")
            if (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"<{tag} {name}={value}>")
        source = told.get("src") or (told.get("href") if tag in {"link", "use"} else "") or ""
        if "//" in source:
            self.found.append(f"<{tag} {source}>")

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.found.append(f"<script>{data.strip()[:60]}")


class TestEveryPage(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.answers = walk()
        cls.pages = {where: answer.html for where, answer in cls.answers.items() if answer.html}

    def test_the_walk_comes_by_everywhere(self):
        expected = {
            "visitor GET /account/login/": 200,
            "visitor GET /no/such/page/": 404,
            "hidden GET /": 200,
            "hidden GET /budget/": 403,
            "hidden GET /admin/": 403,
            "root GET /": 200,
            "root GET /budget/": 200,
            "root GET /people/": 200,
            "root GET /occasions/": 200,
            "root GET /gifts/": 200,
            "root GET /gifts/shopping/": 200,
            "root POST /gifts/add/": 422,
            "root POST /account/": 422,
            "hidden GET /account/tokens/": 200,
            "root GET /account/tokens/": 200,
            "root POST /account/tokens/add/": 422,
            "visitor GET /api/v1/me": 401,
            "root GET /api/v1/me": 200,
            "root GET /api/v1/docs": 200,
            "root POST /budget/settings/": 422,
            "root GET /purchases/": 200,
            "root GET /purchases/trash/": 200,
            "root GET /analytics/": 200,
            "root GET /warranties/": 200,
            "root GET /find/": 200,
            "root POST /purchases/add/": 422,
            "root POST /retailers/add/": 422,
            "hidden GET /data/": 200,
            "hidden GET /data/reset/": 403,
            f"hidden GET {BACKUP}/restore/": 403,
            "root GET /data/": 200,
            "root GET /data/import/": 200,
            "root GET /data/reset/": 200,
            "root POST /data/reset/": 422,
            f"root GET {BACKUP}/download/": 200,
            f"root GET {BACKUP}/restore/": 200,
            f"root POST {BACKUP}/download/": 422,
            f"root POST {BACKUP}/restore/": 422,
            f"root POST {BACKUP}/check/": 302,
            "root GET /admin/": 200,
            "root GET /admin/budgets/budget/": 200,
            "root GET /admin/people/person/": 200,
            "root GET /admin/people/apitoken/": 200,
            "root revoke at /admin/people/apitoken/": 200,
            "root GET /admin/occasions/gift/?q=ann&o=1": 200,
            "root start_over at /admin/budgets/budget/": 200,
        }
        assert {where: self.answers[where].status for where in expected} == expected
        assert len(self.pages) > 120

    def test_every_page_about_a_row_has_one(self):
        missing = {
            re.sub(r"\b[\da-f]{64}\b|\d+", "1", where)
            for where, answer in self.answers.items()
            if where.startswith("root GET") and answer.status == 404
        }
        assert missing == {
            "root GET /people/1/photo",  # nobody has taken one
            *(f"root GET /admin/{model}/1/history/" for model in UNTOLD),
            *(f"root GET /files/1/{part}" for part in ("", "thumbnail/", "view/")),  # no file
            "root GET /warranties/calendar/abc.ics",
            "root GET /admin/1",
            "root GET /api/v1/",
            "root GET /api/v1/persons/1/photo",
            "root GET /api/v1/attachments/1/content",
            "root GET /no/such/page/",
        }

    def test_no_page_breaks(self):
        broken = {where for where, answer in self.answers.items() if answer.status >= 500}
        assert broken == set()

    def test_no_page_holds_an_inline_script_or_style_or_calls_another_site(self):
        faults = {where: Faults(html).found for where, html in self.pages.items()}
        assert {where: found for where, found in faults.items() if found} == {}

    def test_every_answer_carries_the_security_headers(self):
        for header, value in HEADERS.items():
            told = {answer.headers.get(header) for answer in self.answers.values()}
            assert told == {value}, header

    def test_what_people_type_is_never_markup(self):
        assert sum("Ann" in html for html in self.pages.values()) > 20
        marked = {where for where, html in self.pages.items() if "<b>" in html}
        assert marked == set()

    def test_no_page_of_a_member_is_kept_for_another(self):
        kept = {
            where
            for where, answer in self.answers.items()
            if where.startswith(("hidden", "root"))
            and "Cookie" not in answer.headers.get("Vary", "")
            and "no-cache" not in answer.headers.get("Cache-Control", "")
        }
        assert kept == set()


@pytest.mark.parametrize(
    "faulty",
    [
        "<script>alert(1)</script>",
        "<style>p {}</style>",
        '<p style="color: red">',
        '<p onclick="x()">',
        '<p hx-on:click="x()">',
        '<a href="javascript:x()">',
        '<script src="https://example.com/x.js"></script>',
        '<link rel="stylesheet" href="//example.com/x.css">',
    ],
)
def test_a_fault_would_be_found(faulty):
    assert len(Faults(f"<!DOCTYPE html><body>{faulty}").found) == 1


def test_what_the_policy_allows_is_no_fault():
    html = '<script src="/static/js/app.js"></script><script type="application/json">[1]</script>'
    assert Faults(html).found == []
