"""The work of a sweep: reading all ids of an EMR, weighing what is missing, and asking for each that is."""

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinics.jobs import report_progress
from clinics.tenancy import clinic_scope
from patients.emr.errors import Declined, NotSupported, NotThere, ScopeRefused
from patients.emr.reading import Reader
from patients.emr.telling import take_deletion, take_in
from patients.models import EmrRecord

KINDS = ("Appointment", "Encounter", "Patient")  # what is asked of the rest would change nothing here
LISTED = "1000"  # ids that are asked for at once
AT_ONCE = 20  # missing ones that are asked for between two transactions
SHARE = 0.05  # of a type so much may be gone without anybody being asked
FEW = 3  # and so many always
ROW_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


class Sweeper(Reader):
    """Reads on from the place of a run, as `Reader` does, but for ids alone."""

    def sweep(self):
        """Go on to the end; tells whether that is reached, or a person has to be asked first."""
        while self.run.cursor["todo"]:
            self._list(self.run.cursor["todo"][0])
        if "missing" not in self.run.cursor:
            self._weigh()
        if self.run.cursor["asks"]:
            return False
        for kind in KINDS:
            if kind not in self.run.cursor["left"]:
                self._settle(kind)
        self.take_up_waiting()
        return True

    @property
    def began(self):
        return datetime.fromisoformat(self.run.cursor["began"])

    def asked_for(self):
        return {"_elements": "id", "_count": LISTED}

    def apply(self, run, resources):
        """Mark the records that a page names; what is not known yet is left to the next reading."""
        kind = run.cursor["todo"][0]
        ids = [row["id"] for row in resources if row.get("resourceType") == kind and isinstance(row.get("id"), str)]
        named = EmrRecord.objects.of_source(run.connection).filter(resource_type=kind, external_id__in=ids)
        run.count(kind, "unchanged", named.update(met_at=self.began, gone_at=None))

    def _list(self, kind):
        try:
            self.read_kind(kind)
        except (Declined, NotSupported, NotThere, ScopeRefused) as error:
            words = _("%(kind)s: its ids are not listed there, so it was not compared. %(error)s")
            self.warn(words % {"kind": kind, "error": error})
            cursor = self.run.cursor
            left = {"todo": cursor["todo"][1:], "next": "", "left": [*cursor["left"], kind]}
            self.keep([], cursor | left)

    def _weigh(self):
        with clinic_scope(self.clinic):
            figures = {
                kind: [self._records(kind).missing_since(self.began).count(), self._known(kind)]
                for kind in KINDS
                if kind not in self.run.cursor["left"]
            }
        self.keep([], self.run.cursor | {"missing": figures, "asks": is_too_much(figures)})

    def _records(self, kind):
        return EmrRecord.objects.of_source(self.run.connection).filter(resource_type=kind)

    def _known(self, kind):
        return self._records(kind).standing_at(self.began).count()

    def _settle(self, kind):
        while True:
            with clinic_scope(self.clinic):
                records = list(self._records(kind).missing_since(self.began)[:AT_ONCE])
            if not records:
                return
            answers = [(record, self._ask(kind, record.external_id)) for record in records]
            self._keep_answers(kind, answers)

    def _ask(self, kind, row_id):
        """The resource as it stands there; None if it is gone, and {} where that cannot be found out."""
        if not ROW_ID.fullmatch(row_id):
            return {}
        try:
            return self.client.read(kind, row_id)
        except NotThere:
            return None
        except (Declined, NotSupported, ScopeRefused) as error:
            self.warn(f"{kind}/{row_id}: {error}")
            return {}

    def _keep_answers(self, kind, answers):
        """What is gone goes here, too, and what is there is taken in; none of them is asked for again."""
        there = [resource for _record, resource in answers if resource]
        with clinic_scope(self.clinic), transaction.atomic():
            run = self._locked()
            if there:
                take_in(run.connection, run, there, by=run.started_by)
            for record, resource in answers:
                if resource is None:
                    take_deletion(run.connection, run, str(record), by=run.started_by)
            asked = EmrRecord.objects.filter(pk__in=[record.pk for record, _resource in answers])
            asked.update(met_at=self.began)
            run.save()
            report_progress(self.job, run.seen_count, None, note=kind)
        self.run = run


def is_too_much(missing):
    """Tell whether so much is missing of a type ({type: [missing, known]}) that a person has to be asked."""
    return any(count > max(FEW, known * SHARE) or count == known > 1 for count, known in missing.values())
