"""What a browser sends with the form for a purchase, and what the pages say, for tests."""

from html import unescape
from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client


def typed(**values: object) -> dict[str, object]:
    """Return a form that is filled in with what a purchase needs."""
    return {
        "name": "Kettle",
        "price": "30.00",
        "currency": "USD",
        "quantity": "1",
        "purchased_on": "2026-07-15",
        "status": "received",
        **values,
    }


def add(client: Client, **values: object) -> HttpResponse:
    return client.post("/purchases/add/", typed(**values))


class Fields(HTMLParser):
    """Everything that a form on a page would send: lists of values by name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._select = self._textarea = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value if value is not None else name for name, value in attrs}
        name = told.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and "selected" in told and self._select:
            self._send(self._select, told.get("value", ""))
        elif tag == "textarea":
            self._textarea = name
            self._send(name, "")
        elif tag == "input" and name and "disabled" not in told:
            is_box = told.get("type") in {"checkbox", "radio"}
            if told.get("type") != "file" and (not is_box or "checked" in told):
                self._send(name, told.get("value", "on" if is_box else ""))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.sent[self._textarea][-1] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._textarea = ""

    def _send(self, name: str, value: str) -> None:
        self.sent.setdefault(name, []).append(value)


def sent_by(answer: HttpResponse) -> dict[str, list[str]]:
    """Return what the main form of a page would send as it stands."""
    html = answer.content.decode()
    main = html[html.index('<main class="main"') :]
    marker = 'id="purchase"' if 'id="purchase"' in main else 'enctype="multipart/form-data"'
    start = main.index(marker)
    return Fields("<form " + main[start : main.index("</form>", start)]).sent


def said(answer: HttpResponse) -> str:
    return unescape(answer.content.decode())


def error_of(answer: HttpResponse, field: str) -> str:
    """Return what is said to be wrong at a field; "" for nothing."""
    html = unescape(answer.content.decode())
    marker = f'id="id_{field}_error"'
    if marker not in html:
        return ""
    start = html.index("<span>", html.index(marker)) + len("<span>")
    return html[start : html.index("</span>", start)]
