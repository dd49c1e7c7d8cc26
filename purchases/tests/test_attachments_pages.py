"""Files on pages: adding them, who gets them, and what a browser may do with them."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import User
from people.tests.factories import UserFactory
from purchases import files, keeping
from purchases.models import Attachment, Blob, Purchase
from purchases.models.attachment import MAX_SIZE
from purchases.tests.factories import PurchaseFactory
from purchases.tests.pictures import BLUE, HTML, PDF, RED, SVG, picture, turned, upload
from purchases.views.uploads import waiting

pytestmark = pytest.mark.django_db

NOT_SHOWN = [HTML, SVG, b"just text", b"\0binary", picture("BMP")]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "purchases"


@pytest.fixture
def owner() -> User:
    return UserFactory()


@pytest.fixture
def purchase(owner) -> Purchase:
    return PurchaseFactory(owner=owner, name="Kettle")


@pytest.fixture
def client(owner) -> Client:
    return signed_in(owner)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def add(purchase: Purchase, content: bytes = b"A receipt", name: str = "a.txt") -> Attachment:
    taken = keeping.attach(
        purchase=purchase,
        uploads=[upload(content, name)],
        kind="receipt",
        by=purchase.owner,
        now=timezone.now(),
    )
    return taken.kept[0]


def stage(by: User, content: bytes = b"A receipt", name: str = "a.txt") -> Attachment:
    return keeping.stage(upload=upload(content, name), kind="receipt", by=by, now=timezone.now())


def send(client: Client, address: str, *uploads: SimpleUploadedFile, **headers: str):
    typed = {"uploads": list(uploads), "file_kind": "manual"}
    return client.post(address, typed, headers=headers)


def body(answer) -> bytes:
    """Read a file to its end, which closes it."""
    return b"".join(answer.streaming_content)


def status(client: Client, address: str) -> int:
    answer = client.get(address)
    if answer.streaming:
        body(answer)
    return answer.status_code


class TestAddingToAPurchase:
    def test_several_at_once(self, client, purchase):
        address = f"/files/of/{purchase.pk}/"
        answer = send(client, address, upload(b"one", "1.txt"), upload(b"two", "2.txt"))
        assert (answer.status_code, answer["Location"]) == (302, f"/purchases/{purchase.pk}/")
        papers = purchase.attachments.values_list("name", "kind", "uploaded_by__purchases")
        assert set(papers) == {("1.txt", "manual", purchase.pk), ("2.txt", "manual", purchase.pk)}

    def test_a_bad_one_is_named_and_the_good_ones_are_kept(self, client, purchase):
        big = upload(b"x" * (MAX_SIZE + 1), "big.txt")
        uploads = [upload(b"one", "1.txt"), upload(b"", "empty.txt"), big]
        answer = send(client, f"/files/of/{purchase.pk}/", *uploads)
        assert answer.status_code == 422
        assert answer.context["upload_form"].errors["uploads"] == [
            "“empty.txt”: This file is empty.",
            "“big.txt”: This file is larger than 10 MB.",
        ]
        assert "“1.txt” is added." in answer.content.decode()
        assert answer.context["upload_form"]["file_kind"].value() == "manual"
        assert [paper.name for paper in purchase.attachments.all()] == ["1.txt"]

    def test_the_largest_file_is_taken(self, client, purchase):
        answer = send(client, f"/files/of/{purchase.pk}/", upload(b"x" * MAX_SIZE))
        assert answer.status_code == 302
        assert purchase.attachments.get().blob.size == 10_485_760

    def test_without_a_file_it_asks_for_one(self, client, purchase):
        assert client.get(f"/files/of/{purchase.pk}/").status_code == 200
        answer = client.post(f"/files/of/{purchase.pk}/", {"file_kind": "receipt"})
        assert answer.status_code == 422
        assert answer.context["upload_form"].errors == {"uploads": ["Choose a file."]}

    def test_of_an_unknown_kind_it_takes_nothing(self, client, purchase):
        typed = {"uploads": upload(), "file_kind": "poem"}
        answer = client.post(f"/files/of/{purchase.pk}/", typed)
        assert answer.status_code == 422
        assert list(answer.context["upload_form"].errors) == ["file_kind"]
        assert not Attachment.objects.exists()

    def test_a_script_gets_the_row(self, client, purchase):
        address, htmx = f"/files/of/{purchase.pk}/", {"HX-Request": "true"}
        answer = send(client, address, upload(picture(), "kettle.png"), **htmx)
        paper = purchase.attachments.get()
        assert answer.status_code == 200
        page = answer.content.decode()
        assert page.strip().startswith(f'<li class="paper" id="paper-{paper.pk}">')
        assert f'src="/files/{paper.pk}/thumbnail/"' in page
        refused = send(client, address, upload(b""), **htmx)
        assert (refused.status_code, refused.content) == (422, b"This file is empty.")

    def test_a_name_is_only_text(self, client, purchase):
        name = '<script>"&.txt'
        answer = send(client, f"/files/of/{purchase.pk}/", upload(name=name), **{"HX-Request": "1"})
        assert purchase.attachments.get().name == name
        assert b"<script>" not in answer.content

    @pytest.mark.parametrize("zeros", [0, 19])
    def test_too_much_at_once_is_refused_before_it_is_read(self, client, purchase, zeros):
        # What is said to follow never does: nobody asks for it.
        length = "0" * zeros + str(11 * MAX_SIZE)
        answer = client.generic(
            "POST", f"/files/of/{purchase.pk}/", b"", headers={"Content-Length": length}
        )
        assert answer.status_code == 413
        assert "That is too much at once" in answer.content.decode()


class TestFilesThatWait:
    def test_a_script_gets_a_row_with_the_key_of_the_file(self, client, owner):
        answer = send(client, "/files/", upload(), **{"HX-Request": "true"})
        paper = Attachment.objects.get()
        assert (paper.purchase, paper.uploaded_by, paper.kind) == (None, owner, "manual")
        expected = f'<input type="checkbox" name="files" value="{paper.pk}" checked>'
        assert expected in answer.content.decode()

    def test_the_reason_of_a_refusal_is_told(self, client):
        refused = send(client, "/files/", upload(b""))
        assert (refused.status_code, refused.content) == (422, b"This file is empty.")
        wrong = client.post("/files/", {"uploads": upload(), "file_kind": "poem"})
        assert (wrong.status_code, wrong.content) == (422, b"Choose what it is.")
        assert not Attachment.objects.exists()

    def test_old_ones_go_when_somebody_brings_new_ones(self, client, owner):
        old = stage(owner, b"old")
        Attachment.objects.update(created_at=timezone.now() - timedelta(days=2))
        send(client, "/files/", upload())
        assert not Attachment.objects.filter(pk=old.pk).exists()

    def test_a_form_without_scripts_brings_them_along(self, owner):
        waits, theirs = stage(owner, b"before"), stage(UserFactory(), b"theirs")
        typed = {
            "uploads": [upload(b"now", "now.txt"), upload(b"", "empty.txt")],
            "files": [str(waits.pk), str(theirs.pk), "9" * 30, "x", ""],
        }
        request = RequestFactory().post("/purchases/add/", typed)
        request.user = owner
        found = waiting(request, now=timezone.now())
        assert [paper.name for paper in found.staged] == ["a.txt", "now.txt"]
        assert found.form.errors == {"uploads": ["“empty.txt”: This file is empty."]}
        assert [paper.attachment for paper in found.context()["staged"]] == found.staged

    def test_only_who_chose_them_sees_them_and_takes_them_away(self, client, owner):
        paper = stage(owner, picture())
        stranger = signed_in(UserFactory())
        for what in ("", "view/", "thumbnail/", "edit/", "delete/"):
            assert status(client, f"/files/{paper.pk}/{what}") == 200
            assert status(stranger, f"/files/{paper.pk}/{what}") == 404
        assert stranger.post(f"/files/{paper.pk}/delete/").status_code == 404
        answer = client.post(f"/files/{paper.pk}/delete/", headers={"HX-Request": "true"})
        assert (answer.status_code, answer.content) == (200, b"")
        assert not Attachment.objects.exists()


class TestDownloading:
    @pytest.mark.parametrize("content", [*NOT_SHOWN, PDF, picture()])
    def test_is_saving_under_its_own_name(self, client, purchase, content):
        paper = add(purchase, content, "photo.png")
        answer = client.get(f"/files/{paper.pk}/")
        assert answer.status_code == 200
        assert answer["Content-Disposition"] == 'attachment; filename="photo.png"'
        assert answer["Content-Type"] == paper.blob.content_type
        assert answer["Content-Length"] == str(len(content))
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-cache"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert body(answer) == content

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ('日本"é.txt', "attachment; filename*=utf-8''%E6%97%A5%E6%9C%AC%22%C3%A9.txt"),
            ("../../x", 'attachment; filename="x"'),
            ('a";b.txt', 'attachment; filename="a\\";b.txt"'),
        ],
    )
    def test_says_any_name_safely(self, client, purchase, name, told):
        file = upload()
        file._name = name
        taken = keeping.attach(
            purchase=purchase, uploads=[file], kind="other", by=purchase.owner, now=timezone.now()
        )
        answer = client.get(f"/files/{taken.kept[0].pk}/")
        assert answer["Content-Disposition"] == told
        body(answer)

    def test_of_a_lost_file_explains_itself(self, client, purchase):
        paper = add(purchase, picture(), "kettle.png")
        files.place_of(paper.blob.path).unlink()
        for what in ("", "view/"):
            answer = client.get(f"/files/{paper.pk}/{what}")
            assert answer.status_code == 404
            assert "This file is missing" in answer.content.decode()
        assert client.get(f"/files/{paper.pk}/thumbnail/").status_code == 404


class TestViewing:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
    def test_of_pictures_is_shut_in(self, client, purchase, kind):
        paper = add(purchase, picture(kind), "photo")
        answer = client.get(f"/files/{paper.pk}/view/")
        assert answer["Content-Disposition"] == 'inline; filename="photo"'
        assert answer["Content-Type"] == f"image/{kind.lower()}"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        policy = answer["Content-Security-Policy"]
        assert policy == "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert body(answer) == picture(kind)

    def test_of_a_pdf_loads_nothing(self, client, purchase):
        answer = client.get(f"/files/{add(purchase, PDF).pk}/view/")
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("inline")
        assert answer["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert answer["X-Frame-Options"] == "DENY"
        body(answer)

    @pytest.mark.parametrize("content", NOT_SHOWN)
    def test_of_anything_else_is_not_to_be_had(self, client, purchase, content):
        paper = add(purchase, content, "photo.png")
        assert client.get(f"/files/{paper.pk}/view/").status_code == 404
        assert client.get(f"/files/{paper.pk}/thumbnail/").status_code == 404


class TestThumbnails:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
    def test_are_small_and_for_this_browser_alone(self, client, purchase, kind):
        answer = client.get(f"/files/{add(purchase, picture(kind)).pk}/thumbnail/")
        assert answer["Content-Type"] == "image/webp"
        assert answer["Cache-Control"] == "private, no-cache"
        with Image.open(BytesIO(answer.content)) as image:
            assert image.size == (320, 213)

    def test_are_upright_and_say_nothing_else(self, client, purchase):
        source = turned()
        assert b"Somebody Secret" in source
        content = client.get(f"/files/{add(purchase, source).pk}/thumbnail/").content
        assert b"Somebody Secret" not in content
        with Image.open(BytesIO(content)) as image:
            assert image.size == (213, 320)
            for place, colour in (((100, 20), RED), ((100, 300), BLUE)):
                pairs = zip(image.getpixel(place), colour, strict=True)
                assert all(abs(one - other) < 40 for one, other in pairs)
            assert not image.getexif()

    @pytest.mark.parametrize(
        ("kind", "how"),
        [("PNG", {"transparency": 0}), ("GIF", {}), ("WEBP", {}), ("JPEG", {"progressive": True})],
    )
    def test_are_not_made_of_what_fills_the_memory(self, client, purchase, kind, how):
        file = BytesIO()
        mode = "RGB" if kind == "JPEG" else "P"
        Image.new(mode, (8000, 2001)).save(file, kind, **how)
        assert len(file.getvalue()) < 300_000
        paper = add(purchase, file.getvalue())
        assert client.get(f"/files/{paper.pk}/thumbnail/").status_code == 404
        assert paper.blob.content_type == f"image/{kind.lower()}"

    def test_are_made_of_a_large_photo_which_is_never_unpacked_as_a_whole(self, client, purchase):
        paper = add(purchase, picture("JPEG", (8000, 2001)))
        assert client.get(f"/files/{paper.pk}/thumbnail/").status_code == 200

    def test_keep_what_can_be_seen_through(self, client, purchase):
        file = BytesIO()
        Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(file, "PNG")
        answer = client.get(f"/files/{add(purchase, file.getvalue()).pk}/thumbnail/")
        with Image.open(BytesIO(answer.content)) as image:
            assert image.getchannel("A").getextrema() == (0, 0)

    def test_are_sent_once_and_asked_about_again(self, client, purchase):
        address = f"/files/{add(purchase, picture()).pk}/thumbnail/"
        etag = client.get(address)["ETag"]
        again = client.get(address, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        stranger = signed_in(UserFactory())
        assert stranger.get(address, headers={"If-None-Match": etag}).status_code == 404

    @pytest.mark.parametrize("is_whole", [True, False])
    def test_are_made_once(self, client, purchase, is_whole):
        right, broken = picture("JPEG", quality=95), picture("JPEG", quality=95)[:-2000]
        paper = add(purchase, right if is_whole else broken)
        address = f"/files/{paper.pk}/thumbnail/"
        status = 200 if is_whole else 404
        assert client.get(address).status_code == status
        # If the picture were unpacked again, the answer would be another one.
        files.place_of(paper.blob.path).write_bytes(broken if is_whole else right)
        assert client.get(address).status_code == status

    def test_are_not_kept_of_bytes_that_go_meanwhile(self, purchase):
        paper = add(purchase, picture())
        Attachment.objects.all().delete()
        Blob.objects.all().delete()
        keeping.keep_thumbnail(blob=paper.blob, small=b"small")
        assert files.stored() == {paper.blob.path}

    def test_of_a_broken_picture_are_not_found(self, client, purchase):
        paper = add(purchase, picture("JPEG", quality=95)[:-2000], "broken.jpg")
        assert paper.blob.content_type == "image/jpeg"
        assert client.get(f"/files/{paper.pk}/thumbnail/").status_code == 404
        body(client.get(f"/files/{paper.pk}/"))


class TestRenamingAndDeleting:
    def test_a_file_gets_another_name_and_kind(self, client, purchase):
        paper = add(purchase)
        page = client.get(f"/files/{paper.pk}/edit/")
        assert page.context["form"]["name"].value() == "a.txt"
        typed = {"name": "Bill.txt", "kind": "warranty"}
        answer = client.post(f"/files/{paper.pk}/edit/", typed)
        assert (answer.status_code, answer["Location"]) == (302, f"/purchases/{purchase.pk}/")
        paper.refresh_from_db()
        assert (paper.name, paper.kind) == ("Bill.txt", "warranty")

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"name": " ", "kind": "manual"}, "name"),
            ({"name": "x" * 256, "kind": "manual"}, "name"),
            ({"name": "x", "kind": "poem"}, "kind"),
        ],
    )
    def test_what_is_wrong_stays_typed(self, client, purchase, typed, field):
        paper = add(purchase)
        answer = client.post(f"/files/{paper.pk}/edit/", typed)
        assert answer.status_code == 422
        form = answer.context["form"]
        assert list(form.errors) == [field]
        assert {name: form[name].value() for name in typed} == typed
        paper.refresh_from_db()
        assert (paper.name, paper.kind) == ("a.txt", "receipt")

    def test_a_file_is_deleted_once_it_was_asked(
        self, client, purchase, django_capture_on_commit_callbacks
    ):
        paper = add(purchase)
        page = client.get(f"/files/{paper.pk}/delete/").content.decode()
        assert "Delete “<bdi>a.txt</bdi>”?" in page
        assert Attachment.objects.exists()
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(f"/files/{paper.pk}/delete/")
        assert (answer.status_code, answer["Location"]) == (302, f"/purchases/{purchase.pk}/")
        assert not Attachment.objects.exists()
        assert files.stored() == set()


class TestWhoMay:
    READING = ("", "view/", "thumbnail/")
    WRITING = ("edit/", "delete/")

    def answers(self, user: User, paper: Attachment, whats: tuple[str, ...]) -> set[int]:
        client = signed_in(user)
        return {status(client, f"/files/{paper.pk}/{what}") for what in whats}

    def test_nobody_else_sees_the_files_of_what_is_private(self, purchase):
        paper = add(purchase, picture())
        stranger, administrator = UserFactory(), UserFactory(administrator=True)
        for user in (stranger, administrator):
            assert self.answers(user, paper, self.READING + self.WRITING) == {404}
            client = signed_in(user)
            assert client.get(f"/files/of/{purchase.pk}/").status_code == 404
            assert send(client, f"/files/of/{purchase.pk}/", upload()).status_code == 404
            assert client.post(f"/files/{paper.pk}/delete/").status_code == 404
            typed = {"name": "Mine.txt", "kind": "manual"}
            assert client.post(f"/files/{paper.pk}/edit/", typed).status_code == 404
        paper.refresh_from_db()
        assert (paper.name, Attachment.objects.count()) == ("a.txt", 1)

    def test_others_look_at_what_is_shared_and_change_nothing(self, purchase):
        Purchase.objects.update(shared=True)
        paper, other = add(purchase, picture()), UserFactory()
        assert self.answers(other, paper, self.READING) == {200}
        assert self.answers(other, paper, self.WRITING) == {404}
        assert send(signed_in(other), f"/files/of/{purchase.pk}/", upload()).status_code == 404

    def test_a_surprise_is_kept_from_who_gets_it(self, owner):
        mom, guest = UserFactory(), UserFactory()
        person = PersonFactory(user=mom)
        occasion = OccasionFactory(date=timezone.localdate() + timedelta(days=9))
        gift = make_gift(occasion, person)
        paper = add(PurchaseFactory(owner=owner, shared=True, gift=gift), picture())
        assert self.answers(mom, paper, self.READING) == {404}
        assert self.answers(guest, paper, self.READING) == {200}
        assert self.answers(owner, paper, self.READING) == {200}

    def test_the_files_of_what_is_in_the_trash_are_not_to_be_had(self, purchase, owner):
        paper = add(purchase, picture())
        Purchase.objects.update(deleted_at=timezone.now())
        assert self.answers(owner, paper, self.READING + self.WRITING) == {404}

    def test_visitors_are_sent_to_sign_in(self, purchase):
        paper = add(purchase, picture())
        for what in self.READING + self.WRITING:
            answer = Client().get(f"/files/{paper.pk}/{what}")
            assert answer["Location"].startswith("/account/login/")

    def test_only_what_makes_sense_is_answered(self, client, purchase):
        paper = add(purchase, picture())
        assert client.get("/files/").status_code == 405
        for what in self.READING:
            assert client.post(f"/files/{paper.pk}/{what}").status_code == 405


class TestThePageOfAPurchase:
    def test_lists_its_files(self, client, purchase):
        paper, text = add(purchase, picture(), "kettle.png"), add(purchase)
        page = client.get(f"/purchases/{purchase.pk}/").content.decode()
        assert f'href="/files/{paper.pk}/view/"' in page
        assert f'src="/files/{paper.pk}/thumbnail/"' in page
        assert f'href="/files/{text.pk}/"' in page
        assert f"/files/{text.pk}/thumbnail/" not in page

    def test_marks_a_file_that_is_missing_and_still_works(self, client, purchase):
        paper = add(purchase, picture(), "kettle.png")
        add(purchase, name="there.txt")
        files.place_of(paper.blob.path).unlink()
        answer = client.get(f"/purchases/{purchase.pk}/")
        assert answer.status_code == 200
        page = answer.content.decode()
        assert page.count("File missing") == 1
        assert f"/files/{paper.pk}/thumbnail/" not in page

    def test_offers_changes_to_its_owner_alone(self, client, purchase):
        Purchase.objects.update(shared=True)
        paper = add(purchase)
        address = f"/purchases/{purchase.pk}/"
        theirs = signed_in(UserFactory()).get(address).content.decode()
        ours = client.get(address).content.decode()
        for what in (f"/files/{paper.pk}/delete/", f"/files/of/{purchase.pk}/"):
            assert what in ours
            assert what not in theirs
        assert "a.txt" in theirs

    def test_asks_the_same_however_many_files_there_are(self, client, purchase):
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                client.get(f"/purchases/{purchase.pk}/")
            return len(captured)

        for number in range(10):
            add(purchase, str(number).encode())
        ten = queries()
        for number in range(10, 20):
            add(purchase, str(number).encode())
        assert queries() == ten
