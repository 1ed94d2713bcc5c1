"""Structured logs: one JSON object a line, each with its request id, never with personal data.

What may stand in a line is an allow-list of keys; a message formats nothing but its own constant text.
"""

import logging
import sys
from collections.abc import Mapping

import sentry_sdk
import structlog

# Names, addresses, phone numbers and texts of people never belong in a log, whatever the caller passes.
ALLOWED_KEYS = {
    "event", "level", "logger", "timestamp", "request_id", "method", "route", "status", "milliseconds", "clinic_id",
    "member_id", "task", "task_id", "job_id", "reaction_id", "attempts", "error", "exception", "count", "kind", "host",
}  # fmt: skip


def drop_personal_data(logger, name, event):
    """Keep only the keys that are known to be free of personal data."""
    return {key: value for key, value in event.items() if key in ALLOWED_KEYS or key.startswith("_")}


def keep_exception_type(logger, name, event):
    """Replace a traceback's message by its type and place: messages of database errors quote row values."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if info and info[0] is not None:
        kind, _, trace = info
        while trace and trace.tb_next:
            trace = trace.tb_next
        place = f" at {trace.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}" if trace else ""
        event["exception"] = f"{kind.__module__}.{kind.__qualname__}{place}"
    return event


def constant_message(logger, name, event):
    """Standard-library records keep their template, not the values filled into it: a task's include its error."""
    values, record = event.pop("positional_args", None), event.get("_record")
    if isinstance(values, Mapping):
        event["task"], event["task_id"] = values.get("name"), values.get("id")
    elif values and record is not None and record.name.startswith(("celery", "uvicorn.error")):
        event["event"] %= values
    event["event"] = str(event["event"]).strip().partition("\n")[0]
    return event


SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_config(*, level, readable):
    """Return Django's LOGGING dict; `readable` prints lines for one's own screen, whole and with tracebacks."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
    if readable:
        guard = []
        renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    else:
        guard = [constant_message, keep_exception_type, drop_personal_data]
        renderer = structlog.processors.JSONRenderer()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "use_get_message": readable,
                "pass_foreign_args": not readable,
                "foreign_pre_chain": SHARED,
                "processors": [
                    *guard,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["console"], "propagate": False},
            "uvicorn.access": {"handlers": [], "propagate": False},
        },
    }


def report_errors(dsn):
    """Send unhandled errors to Sentry: the place, never a body, a local variable or a person."""
    sentry_sdk.init(
        dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=drop_messages,
    )


def drop_messages(event, _hint):
    """Keep the type and place of an error: messages of database errors quote the values of rows."""
    for exception in event.get("exception", {}).get("values", []):
        exception["value"] = ""
    event.pop("breadcrumbs", None)
    return event
