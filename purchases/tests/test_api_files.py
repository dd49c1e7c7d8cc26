"""Papers through the API: sent, handed out, called differently, deleted."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import Scope, User
from people.tests.factories import UserFactory
from people.tests.programs import Program, program
from purchases import keeping
from purchases.models import Attachment, Blob, Purchase
from purchases.models.attachment import MAX_SIZE
from purchases.tests.factories import NOW, AttachmentFactory, PurchaseFactory
from purchases.tests.pictures import HTML, PDF, SVG, picture, upload

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "purchases"


@pytest.fixture
def ann() -> User:
    return UserFactory()


@pytest.fixture
def bot(ann) -> Program:
    return program(ann)


@pytest.fixture
def kettle(ann) -> Purchase:
    return PurchaseFactory(owner=ann)


def send(bot: Program, path: str, *files, **typed: str):
    return bot.client.post(
        f"/api/v1/{path}",
        {"files": list(files), **typed},
        headers={"Authorization": f"Bearer {bot.secret}"},
    )


def content(bot: Program, key: int):
    answer = bot.get(f"attachments/{key}/content")
    return answer, b"".join(answer.streaming_content)


def refused(answer) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


class TestSending:
    def test_several_wait_for_a_purchase_that_names_them(self, bot, ann):
        answer = send(bot, "attachments", upload(b"one", "1.txt"), upload(PDF, "2.pdf"))
        assert answer.status_code == 201
        kept = answer.json()["kept"]
        assert [(one["name"], one["kind"], one["purchase"]) for one in kept] == [
            ("1.txt", "receipt", None),
            ("2.pdf", "receipt", None),
        ]
        keys = [one["id"] for one in kept]
        sent = {"name": "Kettle", "price": "9.00", "attachments": keys}
        told = bot.post("purchases", sent).json()
        assert [one["id"] for one in told["attachments"]] == keys
        again = bot.post("purchases", sent)
        assert refused(again).keys() == {"attachments.0", "attachments.1"}

    def test_who_only_spends_sends_the_receipt_ahead(self, ann):
        till = program(ann, Scope.SPEND)
        key = send(till, "attachments", upload(PDF, "receipt.pdf")).json()["kept"][0]["id"]
        sent = {"name": "Kettle", "price": "9.00", "attachments": [key]}
        assert till.post("purchases", sent).json()["attachments"][0]["name"] == "receipt.pdf"

    def test_to_a_purchase_that_is_there(self, bot, kettle):
        path = f"purchases/{kettle.pk}/attachments"
        answer = send(bot, path, upload(picture(), "kettle.png"), kind="photo")
        assert answer.status_code == 201
        paper = answer.json()["kept"][0]
        assert (paper["purchase"], paper["kind"]) == (kettle.pk, "photo")
        assert bot.get(path).json() == {"items": [paper], "total": 1, "skip": 0, "limit": 20}

    @pytest.mark.parametrize("path", ["attachments", "purchases/{}/attachments"])
    def test_what_is_wrong_with_one_stops_no_other(self, bot, kettle, path):
        path = path.format(kettle.pk)
        big = upload(b"x" * (MAX_SIZE + 1), "big.txt")
        answer = send(bot, path, upload(b"one", "1.txt"), upload(b"", "empty.txt"), big)
        assert answer.status_code == 201
        assert [one["name"] for one in answer.json()["kept"]] == ["1.txt"]
        assert answer.json()["refused"] == [
            {"name": "empty.txt", "reason": "This file is empty."},
            {"name": "big.txt", "reason": "This file is larger than 10 MB."},
        ]
        alone = send(bot, path, upload(b"", "empty.txt"))
        assert refused(alone) == {"files": "“empty.txt”: This file is empty."}
        assert Attachment.objects.count() == 1

    def test_the_largest_file_is_taken(self, bot):
        answer = send(bot, "attachments", upload(b"x" * MAX_SIZE))
        assert answer.json()["kept"][0]["size"] == 10_485_760

    @pytest.mark.parametrize("name", ['日本"é.txt', "../../x", "<script>.png", "a\r\nb.txt"])
    def test_a_name_is_only_a_name(self, bot, folder, name):
        told = send(bot, "attachments", upload(HTML, name)).json()["kept"][0]
        assert "/" not in told["name"]
        answer, body = content(bot, told["id"])
        assert body == HTML
        assert "\n" not in answer["Content-Disposition"]
        assert {path.name for path in folder.rglob("*") if path.is_file()} == {told["sha256"]}

    def test_what_is_no_upload_is_refused(self, bot, kettle):
        for path in ("attachments", f"purchases/{kettle.pk}/attachments"):
            assert refused(send(bot, path)).keys() == {"files"}
            assert refused(bot.post(path, {"files": ["x"]})).keys() == {"files"}
            assert refused(send(bot, path, upload(), kind="poem")).keys() == {"kind"}
            answer = bot.client.post(
                f"/api/v1/{path}",
                b"--x\r\nnothing",
                content_type="multipart/form-data; boundary=" + "y" * 300,
                headers={"Authorization": f"Bearer {bot.secret}"},
            )
            assert answer.status_code in {400, 422}
            assert answer["Content-Type"] == "application/problem+json"
        assert not Attachment.objects.exists()

    def test_letters_that_are_no_unicode_are_refused(self, bot, kettle):
        for path in ("attachments", f"purchases/{kettle.pk}/attachments"):
            answer = bot.client.post(
                f"/api/v1/{path}",
                b"kind=receipt",
                content_type="application/x-www-form-urlencoded; charset=latin-1",
                headers=bot.headers,
            )
            assert answer.status_code == 400
            assert answer.json()["type"] == "urn:pursestrings:bad-request"

    def test_what_nobody_wrote_down_goes_after_a_day(self, bot, time_machine):
        send(bot, "attachments", upload(b"one"))
        time_machine.move_to(NOW + timedelta(hours=25))
        send(bot, "attachments", upload(b"two"))
        assert Blob.objects.count() == 1


class TestHandingOut:
    @pytest.mark.parametrize(
        ("bytes_", "kind"),
        [
            (HTML, "text/plain"),
            (SVG, "text/plain"),
            (b"\0", "application/octet-stream"),
            (PDF, "application/pdf"),
            (picture(), "image/png"),
        ],
    )
    def test_nothing_runs_whatever_it_is_called(self, bot, bytes_, kind):
        told = send(bot, "attachments", upload(bytes_, "photo.png")).json()["kept"][0]
        assert told["content_type"] == kind
        answer, body = content(bot, told["id"])
        assert body == bytes_
        assert answer["Content-Type"] == kind
        assert answer["Content-Disposition"] == 'attachment; filename="photo.png"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"] == "private, no-cache"

    def test_with_the_headers_of_the_page(self, bot, ann):
        key = send(bot, "attachments", upload(PDF, "a.pdf")).json()["kept"][0]["id"]
        answer, _ = content(bot, key)
        bot.client.force_login(ann)
        page = bot.client.get(f"/files/{key}/")
        b"".join(page.streaming_content)
        page_headers, headers = dict(page.items()), dict(answer.items())
        assert headers.pop("X-Request-ID") != page_headers.pop("X-Request-ID")
        assert headers == page_headers

    def test_it_tells_whether_the_bytes_are_whole(self, bot, folder):
        told = send(bot, "attachments", upload(b"A receipt")).json()["kept"][0]
        path = f"attachments/{told['id']}"
        assert bot.get(path).json() == told | {"integrity": "intact"}
        blob = Blob.objects.get()
        place = folder / blob.path
        place.write_bytes(b"A deceipt")
        assert bot.get(path).json()["integrity"] == "different"
        place.unlink()
        assert bot.get(path).json()["integrity"] == "missing"
        lost = bot.get(f"{path}/content")
        assert (lost.status_code, lost.json()["type"]) == (404, "urn:pursestrings:file-lost")


class TestChanging:
    @pytest.fixture
    def paper(self, bot, kettle) -> dict:
        path = f"purchases/{kettle.pk}/attachments"
        return send(bot, path, upload(b"A receipt", "a.txt")).json()["kept"][0]

    def test_it_is_called_differently(self, bot, paper):
        path = f"attachments/{paper['id']}"
        told = bot.patch(path, {"name": "../b.txt"}).json()
        assert told == paper | {"name": "b.txt"}
        assert bot.patch(path, {"kind": "manual"}).json() == told | {"kind": "manual"}
        for field, value in {"name": "", "kind": "poem", "size": 5}.items():
            assert refused(bot.patch(path, {field: value})).keys() == {field}
        assert refused(bot.patch(path, {"name": "\0"})).keys() == {"name"}

    def test_the_version_that_was_seen(self, bot, paper):
        path = f"attachments/{paper['id']}"
        seen = bot.get(path)["ETag"]
        assert bot.patch(path, {"name": "b.txt"}, If_Match=seen).status_code == 200
        assert bot.patch(path, {"name": "c.txt"}, If_Match=seen).status_code == 412
        assert bot.delete(path, If_Match=seen).status_code == 412
        assert bot.get(path).json()["name"] == "b.txt"
        assert bot.delete(path, If_Match=bot.get(path)["ETag"]).status_code == 204

    def test_the_bytes_go_with_the_last_that_needs_them(
        self, bot, paper, folder, django_capture_on_commit_callbacks
    ):
        other = send(bot, "attachments", upload(b"A receipt")).json()["kept"][0]
        assert other["sha256"] == paper["sha256"]
        for key, left in ((paper["id"], 1), (other["id"], 0)):
            with django_capture_on_commit_callbacks(execute=True):
                assert bot.delete(f"attachments/{key}").status_code == 204
            assert Blob.objects.count() == left
            assert len([path for path in folder.rglob("*") if path.is_file()]) == left


class TestRights:
    def test_what_others_keep_is_not_there(self, bot, ann):
        private = AttachmentFactory()
        waiting = keeping.stage(upload=upload(), kind="receipt", by=UserFactory(), now=NOW)
        trashed = AttachmentFactory(purchase=PurchaseFactory(owner=ann, deleted_at=NOW))
        for key in (private.pk, waiting.pk, trashed.pk, 999_999):
            path = f"attachments/{key}"
            assert bot.get(path).status_code == 404
            assert bot.get(f"{path}/content").status_code == 404
            assert bot.patch(path, {"name": "x"}).status_code == 404
            assert bot.delete(path).status_code == 404
        path = f"purchases/{private.purchase_id}/attachments"
        assert bot.get(path).status_code == 404
        assert send(bot, path, upload()).status_code == 404

    def test_what_is_shared_may_be_looked_at(self, bot):
        shared = AttachmentFactory(purchase=PurchaseFactory(shared=True))
        path = f"attachments/{shared.pk}"
        assert bot.get(path).status_code == 200
        assert bot.patch(path, {"name": "x"}).status_code == 404
        assert bot.delete(path).status_code == 404
        path = f"purchases/{shared.purchase_id}/attachments"
        assert (bot.get(path).json()["total"], send(bot, path, upload()).status_code) == (1, 404)

    @pytest.mark.parametrize(
        ("method", "path", "scope"),
        [
            ("post", "attachments", Scope.SPEND),
            ("get", "attachments/1", Scope.READ),
            ("get", "attachments/1/content", Scope.READ),
            ("patch", "attachments/1", Scope.MANAGE),
            ("delete", "attachments/1", Scope.MANAGE),
            ("get", "purchases/1/attachments", Scope.READ),
            ("post", "purchases/1/attachments", Scope.MANAGE),
        ],
    )
    def test_each_takes_one_scope(self, ann, method, path, scope):
        others = [other for other in Scope if other != scope]
        assert program(ann, *others).ask(method, path, {}).status_code == 403
        assert program(ann, scope).ask(method, path, {}).status_code in {404, 422}


def test_the_questions_do_not_grow_with_the_rows(bot, kettle):
    def ask() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert bot.get(f"purchases/{kettle.pk}/attachments").status_code == 200
        return len(asked)

    ask()
    AttachmentFactory.create_batch(3, purchase=kettle)
    few = ask()
    AttachmentFactory.create_batch(9, purchase=kettle)
    assert ask() == few
