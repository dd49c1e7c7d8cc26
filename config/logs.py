"""Structured logs: one line an event, as JSON or for a terminal, with the request's id."""

import re
from typing import Any

import structlog

from people import request_ids

#: What opens a door to whoever reads it: a link to choose a password, the address of a calendar.
_SECRET = re.compile(r"(/password/reset/[^/\s]+/|/warranties/calendar/)[^/\s'\"]+")
#: The secret of a token, wherever somebody sent it; what people know it by stays.
_TOKEN = re.compile(r"(\bps_[\w-]{8})[\w-]+")


def _without_secrets(
    logger: Any, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Leave out what in an address is a secret: whoever reads the log could use it."""
    for name, value in event.items():
        # What is no text, such as the request that failed, is written as its repr.
        text = value if isinstance(value, str) else repr(value)
        if name != "_record" and (_SECRET.search(text) or _TOKEN.search(text)):
            event[name] = _TOKEN.sub(r"\1…", _SECRET.sub(r"\1…", text))
    return event


def _with_request(
    logger: Any, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Name the request also where django-structlog does not know it: before it, and after."""
    if known := request_ids.present():
        event.setdefault("request_id", known)
    return event


_SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    _with_request,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.format_exc_info,
    _without_secrets,
]

_RENDERERS: dict[str, structlog.types.Processor] = {
    "json": structlog.processors.JSONRenderer(),
    "console": structlog.dev.ConsoleRenderer(colors=False),
}


def logging_config(log_format: str, *, level: str) -> dict[str, Any]:
    """Return Django's LOGGING for `log_format` ("json" or "console"). Raises ValueError."""
    if log_format not in _RENDERERS:
        raise ValueError(f"LOG_FORMAT: {log_format!r} is neither json nor console")
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": _RENDERERS[log_format],
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # django_structlog logs each request once; Django's own lines would repeat it.
            "django": {"handlers": ["stderr"], "level": level, "propagate": False},
            "django.server": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
            "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        },
    }
