"""What the pages of runs and of what waits show."""

from django.utils.translation import gettext as _

from patients.emr.mapping import ORDER, read_resource
from patients.emr.policy import GROUPS, is_same
from patients.emr.reasons import in_words
from patients.emr.reviewing import ANSWERS
from patients.models import EmrIssue, EmrRun, Patient

FEW = 20
FOUND = 8


def run_facts(run):
    """The counts of a run by type, and the first of what was not simply taken."""
    if run is None:
        return {"run": None, "types": [], "issues": [], "missing": []}
    known = [name for name in (*ORDER, *sorted(set(run.by_type) - set(ORDER))) if name in run.by_type]
    types = [{"name": name, "counts": [run.by_type[name].get(each, 0) for each in EmrRun.COUNTS]} for name in known]
    missing = [(kind, count, known) for kind, (count, known) in run.cursor.get("missing", {}).items()]
    issues = described(EmrIssue.objects.for_list().of_run(run)[:FEW])
    return {"run": run, "types": types, "issues": issues, "missing": missing}


def described(issues):
    """Issues with `reason` in words, and `who`: the name that the resource gives."""
    issues = list(issues)
    for issue in issues:
        issue.reason = in_words(issue.code, issue.details)
        issue.who = name_in(issue)
        issue.group_labels = [str(GROUPS[name].label) for name in issue.fields if name in GROUPS]
    return issues


def name_in(issue):
    """Who or what a resource is about, as it names itself; "" if it does not say."""
    facts = facts_of(issue)
    if facts is None:
        return ""
    values = facts.values
    if issue.resource_type in ("Patient", "RelatedPerson"):
        return f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
    return values.get("name") or values.get("visit_type") or values.get("type") or ""


def facts_of(issue):
    """What the resource of an issue says; None when it was not kept."""
    if not issue.payload:
        return None
    return read_resource(issue.payload, zone=issue.clinic.zone, now=issue.created_at)


def issue_facts(issue, sought=""):
    """Everything on the page of an issue: both sides field by field, who may be meant, what can be answered.

    `sought` is a text by which somebody looks for another patient than those who were found.
    """
    facts, record = facts_of(issue), issue.record
    row = None
    if record is not None:
        row = record.appointment if issue.resource_type == "Appointment" else record.patient
    return {
        "issue": described([issue])[0],
        "row": row,
        "rows": _side_by_side(issue, facts, row),
        "candidates": _candidates(issue, sought.strip()),
        "sought": sought,
        "answers": ANSWERS.get(issue.code, ()) if issue.resolved_at is None else (),
    }


def _candidates(issue, sought):
    present = Patient.objects.present()
    if len(sought) > 1:
        return list(present.found_by(sought).order_by("name_key", "pk")[:FOUND])
    return list(present.filter(pk__in=issue.candidates))


def _side_by_side(issue, facts, row):
    """(label, theirs, ours, differs) of each field that either side knows."""
    if facts is None:
        return []
    prefix = "appointment." if issue.resource_type == "Appointment" else "patient."
    shown = []
    for name, group in GROUPS.items():
        for field in group.fields if name.startswith(prefix) else ():
            theirs = facts.values.get(field)
            ours = getattr(row, field, None) if row is not None else None
            if field.endswith("_id") or (theirs in (None, "") and ours in (None, "")):
                continue
            shown.append(
                {
                    "label": _label(row, prefix, field),
                    "theirs": theirs,
                    "ours": ours,
                    "differs": name in issue.fields and not is_same(field, ours, theirs),
                }
            )
    return shown


def _label(row, prefix, field):
    model = EmrIssue._meta.apps.get_model("patients", "Appointment" if prefix == "appointment." else "Patient")
    return str(model._meta.get_field(field).verbose_name)


def csv_head():
    return [_("Type"), _("Id"), _("What"), _("Why"), _("Who")]


def csv_rows(issues):
    """What was not simply taken, a line each."""
    for issue in issues.iterator(chunk_size=500):
        reason = in_words(issue.code, issue.details)
        yield [issue.resource_type, issue.external_id, issue.get_kind_display(), reason, name_in(issue)]
