"""MAIL_URL, one line that says how mail leaves the house."""

import pytest

from config.mail import mailer

SMTP = {
    "host": "mail.example.org",
    "port": 587,
    "username": "",
    "password": "",
    "use_ssl": False,
    "use_tls": True,
    "timeout": 10,
}


@pytest.mark.parametrize(
    ("url", "backend"),
    [("console://", "console"), ("memory://", "locmem"), ("none://", "dummy")],
)
def test_mail_may_stay_at_home(url, backend):
    assert mailer(url) == {"BACKEND": f"django.core.mail.backends.{backend}.EmailBackend"}


@pytest.mark.parametrize(
    ("url", "different"),
    [
        ("smtp://mail.example.org", {}),
        ("smtp://mail.example.org:25?tls=false", {"port": 25, "use_tls": False}),
        ("smtp://mail.example.org?tls=true", {}),
        ("smtps://mail.example.org", {"port": 465, "use_ssl": True, "use_tls": False}),
        ("smtps://mail.example.org:2465", {"port": 2465, "use_ssl": True, "use_tls": False}),
        ("smtp://ann:secret@mail.example.org", {"username": "ann", "password": "secret"}),
        (
            "smtp://ann%40example.org:p%40ss%2Fw%3Ard@mail.example.org",
            {"username": "ann@example.org", "password": "p@ss/w:rd"},
        ),
        ("smtp://", {"host": "localhost"}),
    ],
)
def test_smtp_is_encrypted_unless_told_otherwise(url, different):
    assert mailer(url) == {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": SMTP | different,
    }


@pytest.mark.parametrize("url", ["pigeon://example.org", "mail.example.org", ""])
def test_any_other_scheme_is_refused(url):
    with pytest.raises(ValueError, match="MAIL_URL: unknown scheme"):
        mailer(url)


def test_an_address_that_cannot_be_read_never_shows_its_password():
    with pytest.raises(ValueError, match="MAIL_URL") as refusal:
        mailer("pigeon://ann:secret@example.org")
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["smtp://mail.example.org", "smtps://ann:secret@mail.example.org"])
def test_the_options_are_what_the_backend_takes(settings, url):
    from django.core.mail import mailers

    settings.MAILERS = {"default": mailer(url)}
    backend = mailers["default"]
    assert (backend.host, backend.timeout) == ("mail.example.org", 10)
