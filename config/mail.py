"""Turn one mail address line (`smtp://user:pass@host:587?tls=true`) into a Django mailer."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_PLAIN = {
    "console": "django.core.mail.backends.console.EmailBackend",
    "memory": "django.core.mail.backends.locmem.EmailBackend",
    "none": "django.core.mail.backends.dummy.EmailBackend",
}
_SMTP = "django.core.mail.backends.smtp.EmailBackend"


def mailer(url: str) -> dict[str, Any]:
    """Return the `MAILERS` entry for `url`.

    Schemes: `console`, `memory`, `none`, `smtp` (STARTTLS unless `?tls=false`) and `smtps`.
    Raises ValueError for any other scheme.
    """
    parts = urlsplit(url)
    if parts.scheme in _PLAIN:
        return {"BACKEND": _PLAIN[parts.scheme]}
    if parts.scheme not in {"smtp", "smtps"}:
        raise ValueError(f"MAIL_URL: unknown scheme {parts.scheme!r}; use smtp, smtps or console")
    secure = parts.scheme == "smtps"
    wants_tls = parse_qs(parts.query).get("tls", ["true"])[0] != "false"
    return {
        "BACKEND": _SMTP,
        "OPTIONS": {
            "host": parts.hostname or "localhost",
            "port": parts.port or (465 if secure else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": secure,
            "use_tls": not secure and wants_tls,
            "timeout": 10,
        },
    }
