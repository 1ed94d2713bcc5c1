from django.db import models

from clinics.models import ClinicModel
from clinics.models.base import clinic_index

LONGEST = 200


class LeadAnswer(ClinicModel):
    """What a lead last answered to a question of the clinic's own, so that leads are found by it.

    Kept by triggers of the leads from `Lead.extra`, whichever way an answer comes, is merged or taken away; `person` is
    an id alone, for the rows come and go with theirs. `question` is the name of the question, `answer` the words.
    """

    question = models.CharField(max_length=20, db_collation="C")
    answer = models.CharField(max_length=LONGEST)
    person = models.UUIDField()

    class Meta:
        indexes = [
            clinic_index("question", "answer", "person", name="lead_by_answer"),
            clinic_index("person", name="answers_of_lead"),
        ]
