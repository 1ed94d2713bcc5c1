"""One row of each model of saved views and of acts on many leads."""

from clinics.models import ListLayout, SavedView, Tag, ViewTab
from crm.models import BulkAct, BulkActLead, Lead, LeadAnswer, LeadTally, LeadWord
from patients.models import Patient, PatientWord
from tests.isolation.rows import makes


@makes(SavedView)
def saved_view(world):
    return SavedView.objects.create(
        owner=world.admin, layout="LIST", name=f"{world.word} view", query=f"q={world.word}", is_shared=True
    )


@makes(ViewTab)
def view_tab(world):
    return ViewTab.objects.create(view=world[SavedView], member=world.admin, layout="LIST")


@makes(ListLayout)
def list_layout(world):
    return ListLayout.objects.create(member=world.admin, columns=["stage", "phone"])


@makes(LeadTally)
def lead_tally(world):
    return LeadTally.objects.filter(stage=world[Lead].stage_id).first()


@makes(LeadWord)
def lead_word(world):
    return LeadWord.objects.filter(person=world[Lead].pk).first()


@makes(LeadAnswer)
def lead_answer(world):
    lead = world[Lead]
    lead.extra = lead.extra | {"answers": [{"name": "q_0000000a", "question": "Which day?", "answer": world.word}]}
    lead.save(update_fields=["extra"])
    return LeadAnswer.objects.get(person=lead.pk)


@makes(PatientWord)
def patient_word(world):
    return PatientWord.objects.filter(person=world[Patient].pk).first()


@makes(BulkAct)
def bulk_act(world):
    return BulkAct.objects.create(
        kind="TAG", title=f"Tag with {world.word}", facts={"tag": str(world[Tag].pk)}, by=world.admin, total_count=1
    )


@makes(BulkActLead)
def bulk_act_lead(world):
    return BulkActLead.objects.create(act=world[BulkAct], lead=world[Lead], place=1, reason=f"{world.word} is locked")
