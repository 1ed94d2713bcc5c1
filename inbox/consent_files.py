"""Consents from another system, by a file: a row without a proof of its own is not taken."""

from datetime import UTC, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.errors import RuleBroken
from clinics.jobs import report_progress, start_job
from clinics.models import BackgroundJob
from clinics.tables.reading import read_table
from clinics.tables.values import day_first_by_evidence, read_moment
from clinics.tenancy import clinic_scope
from inbox.addresses import normal_address
from inbox.consent import Said, note_consent
from inbox.models import Channel, ConsentSource, ConsentState, Purpose
from inbox.models.choices import PHONE_CHANNELS
from inbox.refusal_words import plain

KIND = "inbox.consent_import"
MOST_ROWS, BATCH = 20_000, 50
COLUMNS = {
    "address": {"address", "phone", "number", "email", "e-mail", "direccion", "telefono", "correo"},
    "channel": {"channel", "canal"},
    "purpose": {"purpose", "for", "proposito", "para"},
    "agreed": {"agreed", "consent", "opted in", "opt in", "acepta", "consentimiento"},
    "when": {"when", "date", "decided at", "fecha", "cuando"},
    "proof": {"proof", "evidence", "source", "prueba", "evidencia"},
}
CHANNELS = {
    **dict.fromkeys(("sms", "text", "text message", "texto", "mensaje de texto"), Channel.SMS),
    **dict.fromkeys(("whatsapp",), Channel.WHATSAPP),
    **dict.fromkeys(("email", "e-mail", "mail", "correo"), Channel.EMAIL),
    **dict.fromkeys(("voice", "phone", "call", "voz", "llamada"), Channel.VOICE),
}
PURPOSES = {
    **dict.fromkeys(("care", "appointments", "citas", "atencion"), Purpose.CARE),
    **dict.fromkeys(("news", "marketing", "offers", "novedades", "ofertas"), Purpose.NEWS),
}
ANSWERS = {
    **dict.fromkeys(("yes", "y", "true", "1", "opted in", "agreed", "si", "acepta"), ConsentState.OPTED_IN),
    **dict.fromkeys(("no", "n", "false", "0", "opted out", "refused", "rechaza"), ConsentState.OPTED_OUT),
}


class ColumnsMissing(RuleBroken):
    message = gettext_lazy("The file needs the columns address, channel, purpose, agreed, when and proof.")


class TooManyRows(RuleBroken):
    message = gettext_lazy("A file holds at most 20,000 rows. Cut it into several.")


def start_import(clinic, upload, *, by):
    """Read a file and take its rows in in the background; returns the job. The same file again changes nothing.

    Raises UnreadableFile, ColumnsMissing, TooManyRows.
    """
    table = read_table(upload)
    places = {name: _place_of(table.headers, known) for name, known in COLUMNS.items()}
    if None in places.values():
        raise ColumnsMissing
    rows = []
    for row in table.rows:
        if len(rows) == MOST_ROWS:
            raise TooManyRows
        cells = {name: "" if row.problem else row.cells[place].strip() for name, place in places.items()}
        rows.append(cells | {"line": row.line, "problem": row.problem})
    day_first = day_first_by_evidence([row["when"] for row in rows])
    parameters = {"file": upload.name[:120], "rows": rows, "day_first": day_first}
    job = start_job(KIND, title=_("Consents from a file"), by=by, parameters=parameters)
    BackgroundJob.objects.filter(pk=job.pk).update(result_url=reverse("inbox:consent_import_detail", args=[job.pk]))
    return job


def _place_of(headers, known):
    return next((place for place, header in enumerate(headers) if plain(header).replace("_", " ") in known), None)


def run_import(clinic, job):
    """The job "inbox.consent_import": {"noted", "known", "refused": [[line, why]]}."""
    rows = job.parameters["rows"]
    found = {"noted": 0, "known": 0, "refused": []}
    for start in range(0, len(rows), BATCH):
        with clinic_scope(clinic):
            for row in rows[start : start + BATCH]:
                _take(clinic, row, job, found)
            report_progress(job, min(start + BATCH, len(rows)), len(rows))
    return found


def _take(clinic, row, job, found):
    """Note one row, or say why not."""
    try:
        said, decided_at = understand(row, zone=clinic.zone, **_facts(job))
    except RuleBroken as broken:
        found["refused"].append([row["line"], str(broken)])
        return
    before = timezone.now()
    entry = note_consent(said, by=job.started_by, decided_at=decided_at)
    found["noted" if entry.created_at >= before else "known"] += 1


def _facts(job):
    return {"file": job.parameters["file"], "day_first": job.parameters["day_first"]}


def understand(row, *, file, day_first, zone):
    """(Said, when) of one row of a file. Raises RuleBroken in words for whoever chose the file."""
    if row["problem"]:
        raise RuleBroken(row["problem"])
    channel = CHANNELS.get(plain(row["channel"]))
    purpose, state = PURPOSES.get(plain(row["purpose"])), ANSWERS.get(plain(row["agreed"]))
    if channel is None or purpose is None or state is None:
        raise RuleBroken(_("The channel, the purpose or the answer is not one that is known here."))
    address = normal_address(channel, row["address"])
    is_real = address.startswith("+") if channel in PHONE_CHANNELS else "@" in address
    if not is_real:
        raise RuleBroken(_("This is no number or address that can be reached on the channel."))
    if not row["proof"]:
        raise RuleBroken(_("A consent without proof is not taken: say where and how they agreed."))
    decided_at = read_moment(row["when"], day_first=day_first, zone=zone) if row["when"] else None
    if decided_at is None or decided_at > datetime.now(UTC):
        raise RuleBroken(_("The day on which they said so is missing, or lies ahead."))
    proof = {"proof": row["proof"][:500], "file": file, "row": row["line"]}
    return Said(channel, address, purpose, state, ConsentSource.IMPORT, proof=proof), decided_at
