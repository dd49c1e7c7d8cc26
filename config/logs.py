"""Structured logs: one line an event, as JSON or for a terminal, with the request's id."""

import re
from typing import Any

import structlog

_RESET_LINK = re.compile(r"(/password/reset/[^/\s]+/)[^/\s'\"]+")


def _without_reset_token(
    logger: Any, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Leave the token out of a reset link: whoever reads the log could choose the password."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _RESET_LINK.sub(r"\1…", value)
    return event


_SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.format_exc_info,
    _without_reset_token,
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
