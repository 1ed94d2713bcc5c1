"""Refusals that come with a file of leads: written into the ledger with the leads, and taken back with them."""

from itertools import islice

from django.db.models import Q
from django.utils import timezone

from clinics.audit import record
from clinics.copying import copy_in
from clinics.live import publish
from crm.models import LeadImport
from inbox.consent import Said, note_consent
from inbox.consent_flow import tell_patients
from inbox.models import ConsentSource, ConsentState, ContactConsent
from patients.models import Patient

AT_ONCE = 2000


def keep_refusals(lead_import, refusals, *, by):
    """Write the Refusals of a batch of a file into the ledger, in the transaction of its leads.

    A refusal that somebody has said here themselves stands as it is; any consent gives way, since whoever refused
    elsewhere has refused. Patients who are reached there are told. Records "inbox.consent.refused_in_file".
    """
    addresses = {refusal.address for refusal in refusals}
    rows = ContactConsent.objects.standing().filter(address__in=addresses)
    standing = {_place(row): row for row in rows.select_for_update(of=("self",)).order_by("pk")}
    entries = [
        _entry(lead_import, refusal, standing.get(_place(refusal)), by)
        for refusal in refusals
        if not _is_told(standing.get(_place(refusal)), lead_import)
    ]
    if not entries:
        return
    given_way = [standing[_place(entry)].pk for entry in entries if _place(entry) in standing]
    ContactConsent.objects.filter(pk__in=given_way).update(is_current=False, updated_at=timezone.now())
    copy_in(ContactConsent, entries, skip_known=True)
    _insist(entries, by=by)
    reached = _patients_at({entry.address for entry in entries})
    for entry in entries:
        if entry.address in reached:
            tell_patients(entry)
    record("inbox.consent.refused_in_file", lead_import, by=by, after={"addresses": len({e.address for e in entries})})
    publish("consent")


def _place(row):
    return str(row.channel), row.address, str(row.purpose)


def _is_told(standing, lead_import):
    """Whether what stands is a refusal of somebody's own, or of this very file."""
    if standing is None or standing.state != ConsentState.OPTED_OUT:
        return False
    return standing.proof.get("import") in (None, str(lead_import.pk))


def _entry(lead_import, refusal, standing, by):
    proof = {
        "proof": refusal.words,
        "file": lead_import.file_name,
        "row": refusal.line,
        "import": str(lead_import.pk),
        "instead_of": str(standing.pk) if standing else None,
    }
    return ContactConsent(
        channel=str(refusal.channel),
        address=refusal.address,
        purpose=str(refusal.purpose),
        state=ConsentState.OPTED_OUT.value,
        source=ConsentSource.IMPORT.value,
        decided_at=timezone.now(),
        proof=proof,
        by=by,
    )


def _insist(entries, *, by):
    """Where somebody has just said something about an address, the refusal of the file comes after it."""
    written = set(ContactConsent.objects.filter(pk__in=[entry.pk for entry in entries]).values_list("pk", flat=True))
    for entry in entries:
        if entry.pk not in written:
            said = Said(entry.channel, entry.address, entry.purpose, entry.state, entry.source, proof=entry.proof)
            note_consent(said, by=by)


def _patients_at(addresses):
    """Those of some addresses at which a patient is reached."""
    asked = Q(phone_e164__in=addresses) | Q(phone_alt_e164__in=addresses) | Q(email_norm__in=addresses)
    rows = Patient.objects.filter(asked, deleted_at=None).order_by()
    return {value for row in rows.values_list("phone_e164", "phone_alt_e164", "email_norm") for value in row if value}


def take_back_refusals(lead_import, kept_lines, *, by):
    """End the refusals that a file has brought, and let what they gave way to stand again; returns how many addresses.

    Those of `kept_lines` and of addresses at which a patient is reached hold on, and so does every later word. The
    entries stay in the ledger. Records "inbox.consent.file_taken_back".
    """
    mine = ContactConsent.objects.standing().filter(proof__import=str(lead_import.pk))
    undone = {str(pk) for pk in LeadImport.objects.undone().values_list("pk", flat=True)}
    addresses = set()
    rows = mine.order_by("pk").only("address", "proof").iterator(chunk_size=AT_ONCE)
    while some := list(islice(rows, AT_ONCE)):
        patients = _patients_at({row.address for row in some})
        ended = [row for row in some if row.proof["row"] not in kept_lines and row.address not in patients]
        ids = [row.pk for row in ended]
        ContactConsent.objects.filter(pk__in=ids).update(is_current=False, updated_at=timezone.now())
        back = _standing_before(ended, undone)
        ContactConsent.objects.filter(pk__in=back).update(is_current=True, updated_at=timezone.now())
        addresses |= {row.address for row in ended}
    if addresses:
        record("inbox.consent.file_taken_back", lead_import, by=by, after={"addresses": len(addresses)})
        publish("consent")
    return len(addresses)


def _standing_before(entries, undone):
    """The ids of the entries that some gave way to, passing over those of files that are taken back themselves."""
    wanted, back = {row.proof["instead_of"] for row in entries} - {None}, []
    while wanted:
        rows = list(ContactConsent.objects.filter(pk__in=wanted).only("proof"))
        passed = [row for row in rows if row.proof.get("import") in undone]
        back += [row.pk for row in rows if row not in passed]
        wanted = {row.proof["instead_of"] for row in passed} - {None}
    return back
