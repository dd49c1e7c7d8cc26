"""Photos of people: what is accepted, what is stored, who sees it, and when files go."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from occasions import photos
from occasions.tests.factories import PersonFactory
from people.models import Person
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

TYPED = {"name": "Mom", "relationship": "parent", "interests": "Gardening"}
RED, BLUE = (220, 20, 20), (20, 20, 220)
ORIENTATION, ARTIST = 0x0112, 0x013B


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    """Return where uploads go in this test."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def member(client: Client) -> Client:
    client.force_login(UserFactory())
    return client


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 400), **how: object) -> bytes:
    """Return a picture that is red on its left half and blue on its right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    file = BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def turned() -> bytes:
    """Return a picture as a phone writes it: on its side, with who took it."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[ARTIST] = 6, "Somebody Secret"
    return picture("JPEG", exif=exif, quality=95)


def upload(content: bytes, name: str = "IMG_0001.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def stored(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def looks_like(pixel: tuple[int, ...], colour: tuple[int, ...]) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


def with_photo(member: Client) -> Person:
    member.post("/people/add/", TYPED | {"photo": upload(picture())})
    return Person.objects.get(name="Mom")


class TestWhatIsStored:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
    def test_a_square_webp_under_a_name_that_tells_nothing(self, member, folder, kind):
        member.post("/people/add/", TYPED | {"photo": upload(picture(kind), "mom at home.jpg")})
        [file] = stored(folder)
        assert file.parent == folder / "people"
        assert file.suffix == ".webp"
        assert len(file.stem) == 32
        with Image.open(file) as image:
            assert (image.format, image.size) == ("WEBP", (320, 320))

    def test_the_middle_is_kept(self):
        with Image.open(photos.squared(BytesIO(picture()))) as image:
            assert looks_like(image.getpixel((20, 160)), RED)
            assert looks_like(image.getpixel((300, 160)), BLUE)

    def test_a_picture_on_its_side_is_turned_and_says_nothing_else_any_more(self):
        source = turned()
        assert b"Somebody Secret" in source
        packed = photos.squared(BytesIO(source))
        with Image.open(packed) as image:
            assert looks_like(image.getpixel((160, 20)), RED)
            assert looks_like(image.getpixel((160, 300)), BLUE)
            assert not image.getexif()
            assert image.info.keys().isdisjoint({"exif", "xmp", "icc_profile"})
        packed.seek(0)
        assert b"Somebody Secret" not in packed.read()

    def test_what_can_be_seen_through_stays_so(self):
        file = BytesIO()
        Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(file, "PNG")
        with Image.open(photos.squared(file)) as image:
            assert image.getchannel("A").getextrema() == (0, 0)

    @pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1)])
    def test_any_shape_becomes_a_square(self, size):
        with Image.open(photos.squared(BytesIO(picture(size=size)))) as image:
            assert image.size == (320, 320)

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
    def test_any_kind_of_colour_is_read(self, mode):
        file = BytesIO()
        Image.new(mode, (20, 20)).save(file, "JPEG" if mode == "CMYK" else "PNG")
        with Image.open(photos.squared(file)) as image:
            assert image.size == (320, 320)


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "The submitted file is empty."),
            (b"hello", "Choose a JPEG, PNG, WebP or GIF picture."),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Choose a JPEG, PNG, WebP or GIF"),
            (picture("BMP"), "Choose a JPEG, PNG, WebP or GIF picture."),
            (picture("TIFF"), "Choose a JPEG, PNG, WebP or GIF picture."),
            (picture("PNG")[:200], "This picture is damaged."),
            (picture("JPEG")[:700], "This picture is damaged."),
        ],
    )
    def test_is_told_at_the_field_and_the_rest_stays_typed(self, member, folder, content, message):
        answer = member.post("/people/add/", TYPED | {"photo": upload(content)})
        assert answer.status_code == 422
        form = answer.context["form"]
        assert list(form.errors) == ["photo"]
        assert message in form.errors["photo"][0]
        assert {name: form[name].value() for name in TYPED} == TYPED
        assert stored(folder) == []
        assert not Person.objects.exists()

    @pytest.mark.parametrize("sides", [(8001, 8000), (10_000, 10_000), (20_000, 20_000)])
    def test_a_small_file_that_unpacks_to_a_huge_picture(self, member, folder, sides):
        file = BytesIO()
        Image.new("1", sides).save(file, "PNG")
        assert file.tell() < 100_000
        answer = member.post("/people/add/", TYPED | {"photo": upload(file.getvalue())})
        assert answer.status_code == 422
        assert "This picture is too large." in answer.context["form"].errors["photo"][0]
        assert stored(folder) == []

    def test_more_than_ten_mebibytes(self, member):
        content = picture("JPEG")
        limit = content.ljust(10 * 1024 * 1024, b"\0")
        over = member.post("/people/add/", TYPED | {"photo": upload(limit + b"\0")})
        assert over.status_code == 422
        assert over.context["form"].errors["photo"] == ["Choose a picture of at most 10 MB."]
        assert member.post("/people/add/", TYPED | {"photo": upload(limit)}).status_code == 302

    def test_a_good_photo_beside_a_wrong_field_is_asked_for_again(self, member, folder):
        answer = member.post("/people/add/", TYPED | {"name": "", "photo": upload(picture())})
        assert answer.status_code == 422
        assert "Choose the photo again" in answer.content.decode()
        assert stored(folder) == []


class TestWhenFilesGo:
    def test_another_photo_takes_the_place_of_the_first(
        self, member, folder, django_capture_on_commit_callbacks
    ):
        mom = with_photo(member)
        [first] = stored(folder)
        with django_capture_on_commit_callbacks() as later:
            typed = TYPED | {"photo": upload(picture("GIF")), "remove_photo": "on"}
            member.post(f"/people/{mom.pk}/change/", typed)
        assert first in stored(folder)  # until what was written is certain
        for call in later:
            call()
        [second] = stored(folder)
        assert second != first
        mom.refresh_from_db()
        assert mom.photo.name == f"people/{second.name}"

    def test_a_photo_can_be_removed(self, member, folder, django_capture_on_commit_callbacks):
        mom = with_photo(member)
        with django_capture_on_commit_callbacks(execute=True):
            member.post(f"/people/{mom.pk}/change/", TYPED | {"remove_photo": "on"})
        assert stored(folder) == []
        mom.refresh_from_db()
        assert not mom.photo

    def test_it_goes_with_its_person(self, member, folder, django_capture_on_commit_callbacks):
        mom = with_photo(member)
        with django_capture_on_commit_callbacks(execute=True):
            member.post(f"/people/{mom.pk}/delete/")
        assert stored(folder) == []

    def test_it_stays_when_something_else_is_changed(
        self, member, folder, django_capture_on_commit_callbacks
    ):
        mom = with_photo(member)
        before = stored(folder)
        with django_capture_on_commit_callbacks(execute=True):
            member.post(f"/people/{mom.pk}/change/", TYPED | {"name": "Mum"})
        assert stored(folder) == before
        mom.refresh_from_db()
        assert (mom.name, bool(mom.photo)) == ("Mum", True)

    def test_there_is_nothing_to_remove_without_one(self, member):
        mom = PersonFactory()
        assert "remove_photo" not in member.get(f"/people/{mom.pk}/change/").context["form"].fields


class TestServing:
    def test_a_member_gets_the_picture_for_themselves(self, member, folder):
        mom = with_photo(member)
        answer = member.get(f"/people/{mom.pk}/photo")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/webp"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, max-age=604800"
        assert b"".join(answer.streaming_content) == stored(folder)[0].read_bytes()

    def test_visitors_are_sent_to_sign_in(self, member):
        mom = with_photo(member)
        answer = Client().get(f"/people/{mom.pk}/photo")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/")

    def test_no_photo_a_lost_file_and_nobody_are_not_found(self, member, folder):
        mom = with_photo(member)
        stored(folder)[0].unlink()
        for key in (mom.pk, PersonFactory().pk, 999):
            assert member.get(f"/people/{key}/photo").status_code == 404

    def test_only_reading_is_answered(self, member):
        assert member.post(f"/people/{PersonFactory().pk}/photo").status_code == 405
