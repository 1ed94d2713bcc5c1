"""Refusals that come with a file of leads: written into the ledger with the leads, and taken back with them."""

from collections import Counter, defaultdict
from itertools import islice

from django.db.models import Q
from django.utils import timezone

from clinics.audit import record
from clinics.copying import copy_in
from clinics.live import publish
from crm.models import LeadImport
from inbox.consent import ASKED_FOR, Said, note_consent
from inbox.consent_flow import tell_patients
from inbox.models import ConsentSource, ConsentState, ContactConsent, Suppression, SuppressionReason
from patients.models import Patient

AT_ONCE = 2000
LONGEST_DETAIL = 300
SHOWN_OF_ENTRY = ("channel", "address", "proof", "is_current")


def keep_refusals(lead_import, refusals, *, by):
    """Write the Refusals of a batch of a file into the ledger, in the transaction of its leads.

    A refusal that somebody has said here themselves stands as it is; any consent gives way, since whoever refused
    elsewhere has refused. Where every purpose is refused the address is stopped, as by STOP: no member writes there or
    calls either. Patients who are reached there are told. Records "inbox.consent.refused_in_file".
    """
    _stop(lead_import, refusals, by=by)
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


def _stop(lead_import, refusals, *, by):
    """Stop the addresses at which nothing at all is wanted; those that are stopped already stay as they are."""
    purposes, first = defaultdict(set), {}
    for refusal in refusals:
        place = (str(refusal.channel), refusal.address)
        purposes[place].add(refusal.purpose)
        first.setdefault(place, refusal)
    stops = [
        Suppression(
            channel=channel,
            address=address,
            reason=SuppressionReason.STOP.value,
            detail=_detail(_proof(lead_import, first[channel, address])),
            by=by,
        )
        for (channel, address), refused in purposes.items()
        if refused >= set(ASKED_FOR)
    ]
    copy_in(Suppression, stops, skip_known=True)


def _detail(proof):
    return f"{proof['file']}, {proof['row']}: {proof['proof']}"[:LONGEST_DETAIL]


def _place(row):
    return str(row.channel), row.address, str(row.purpose)


def _is_told(standing, lead_import):
    """Whether what stands is a refusal of somebody's own, or of this very file."""
    if standing is None or standing.state != ConsentState.OPTED_OUT:
        return False
    return standing.proof.get("import") in (None, str(lead_import.pk))


def _proof(lead_import, refusal):
    return {
        "proof": refusal.words,
        "file": lead_import.file_name,
        "row": refusal.line,
        "import": str(lead_import.pk),
    }


def _entry(lead_import, refusal, standing, by):
    proof = _proof(lead_import, refusal) | {"instead_of": str(standing.pk) if standing else None}
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
    mine = ContactConsent.objects.filter(proof__import=str(lead_import.pk))
    undone = {str(pk) for pk in LeadImport.objects.undone().values_list("pk", flat=True)}
    rows, addresses = mine.order_by("pk").only(*SHOWN_OF_ENTRY).iterator(chunk_size=AT_ONCE), set()
    while some := list(islice(rows, AT_ONCE)):
        patients = _patients_at({row.address for row in some})
        mine_alone = [row for row in some if row.proof["row"] not in kept_lines and row.address not in patients]
        ended = [row for row in mine_alone if row.is_current]
        ids = [row.pk for row in ended]
        ContactConsent.objects.filter(pk__in=ids).update(is_current=False, updated_at=timezone.now())
        back, passed = _standing_before(ended, undone)
        ContactConsent.objects.filter(pk__in=back).update(is_current=True, updated_at=timezone.now())
        _let_go([*mine_alone, *passed], by=by)
        addresses |= {row.address for row in ended}
    if addresses:
        record("inbox.consent.file_taken_back", lead_import, by=by, after={"addresses": len(addresses)})
        publish("consent")
    return len(addresses)


def _standing_before(entries, undone):
    """What some entries gave way to: the ids of those that stand again, and the rows of files that are undone, too."""
    wanted, back, passed = {row.proof["instead_of"] for row in entries} - {None}, [], []
    while wanted:
        rows = list(ContactConsent.objects.filter(pk__in=wanted).only(*SHOWN_OF_ENTRY))
        over = [row for row in rows if row.proof.get("import") in undone]
        back += [row.pk for row in rows if row not in over]
        passed += over
        wanted = {row.proof["instead_of"] for row in over} - {None}
    return back, passed


def _let_go(entries, *, by):
    """Lift the stops that came with some entries, but where another file still refuses everything."""
    told = {(row.channel, row.address, _detail(row.proof)) for row in entries}
    about = {"address__in": {address for _channel, address, _detail in told}}
    others = ContactConsent.objects.standing().filter(state=ConsentState.OPTED_OUT, proof__has_key="import", **about)
    refused = Counter(others.values_list("channel", "address"))
    stops = Suppression.objects.standing().filter(reason=SuppressionReason.STOP, **about)
    ids = [
        stop.pk
        for stop in stops
        if (stop.channel, stop.address, stop.detail) in told and refused[stop.channel, stop.address] < len(ASKED_FOR)
    ]
    Suppression.objects.filter(pk__in=ids).update(lifted_at=timezone.now(), lifted_by=by, updated_at=timezone.now())
