"""Questions of a clinic's own: made in the builder, asked on the page, answered, and read on the lead."""

import pytest
from django.urls import reverse
from django.utils import translation

from clinics.models import Clinic
from crm.lead_forms import create_form
from crm.models import Lead, LeadAnswer, LeadForm, LeadSubmission
from crm.own_questions import problem_of, question_entry
from crm.rules import QuestionUnfinished
from crm.tests.filling_in import ANA
from crm.understanding import process_submission

NEW = reverse("crm:form_create")
BASE = {"name": "Landing page", "use": "WEB", "hue": "240", "language": "", "on_phone": "on"}
DOG, DAY = "q_0000000a", "q_0000000b"
QUESTIONS = [
    question_entry(DOG, "yes_no", label={"en": "Do you have a dog?"}),
    question_entry(DAY, "choice", True, label={"en": "Which day?"}, choices={"en": ["Monday", "Friday"]}),
]


@pytest.fixture
def form(form):
    form.fields = [*form.fields, *QUESTIONS]
    form.save()
    return form


def test_a_question_is_added_written_moved_and_removed_in_the_builder(client_of, owner):
    page = client_of(owner)
    added = page.post(NEW, BASE | {"field": ["phone"], "add": "question"}).context["builder"].rows()
    (mine,) = (row["name"] for row in added if row.get("is_own"))
    words = {
        f"kind_{mine}": "choice",
        f"label_en_{mine}": "Which day?",
        f"choices_en_{mine}": "Monday\n\n Friday \nMonday",
    }
    moved = page.post(NEW, BASE | words | {"field": ["phone", mine], "move": f"{mine}:up"}).context["builder"].rows()
    saved = page.post(NEW, BASE | words | {"field": [mine, "phone"], f"required_{mine}": "on"})

    form = LeadForm.objects.get(name="Landing page")
    assert [row["name"] for row in moved[:2]] == [mine, "phone"]
    assert saved["Location"] == form.get_absolute_url()
    assert form.fields[0] == question_entry(
        mine, "choice", True, label={"en": "Which day?"}, choices={"en": ["Monday", "Friday"]}
    )
    gone = page.post(form.get_absolute_url(), BASE | words | {"field": [mine, "phone"], "remove": mine})
    assert mine not in {row["name"] for row in gone.context["builder"].rows()}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (question_entry(DOG), "Write down what each question"),
        (question_entry(DOG, "drawing", label={"en": "Draw it"}), "Write down what each question"),
        (question_entry(DAY, "choice", label={"en": "Which day?"}, choices={"en": ["Monday"]}), "at least two answers"),
    ],
)
def test_a_question_that_nobody_could_answer_is_not_saved(clinic, owner, entry, words):
    assert words in problem_of(entry)
    with pytest.raises(QuestionUnfinished):
        create_form(clinic, {"name": "New", "fields": [{"name": "phone"}, entry]}, by=owner)


def test_answers_are_kept_with_the_question_and_stand_on_the_lead_and_in_the_inquiry(send, client_of, coordinator):
    send(ANA | {DOG: "yes", DAY: "Friday"})
    done = process_submission(LeadSubmission.objects.get())
    page = client_of(coordinator)

    answers = [
        {"name": DOG, "question": "Do you have a dog?", "answer": "Yes"},
        {"name": DAY, "question": "Which day?", "answer": "Friday"},
    ]
    assert done.lead.activities.get(type="FORM_SUBMIT").payload["answers"] == answers
    on_lead = page.get(done.lead.get_absolute_url()).content.decode()
    assert on_lead.count("Which day?") == 2 and "Friday" in on_lead
    inquiry = page.get(reverse("crm:inquiry_detail", args=[done.pk])).content.decode()
    assert "<dt>Which day?</dt><dd>Friday</dd>" in inquiry and DAY not in inquiry

    send(ANA | {DAY: "Monday"})
    again = process_submission(LeadSubmission.objects.latest("received_at"))
    again.lead.refresh_from_db()
    assert (again.lead, again.lead.extra["answers"]) == (
        done.lead,
        [{"name": DAY, "question": "Which day?", "answer": "Monday"}],
    )


@pytest.mark.parametrize("answers", [{}, {DAY: "Sunday"}])
def test_a_needed_question_is_asked_again_until_it_is_answered(send, answers):
    assert send(ANA | answers).status_code == 422
    assert not LeadSubmission.objects.exists()


def test_a_clinic_that_keeps_little_asks_none_and_keeps_no_answer(send, client_of, clinic, form, owner, coordinator):
    send(ANA | {DOG: "no", DAY: "Friday"})
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy="MINIMAL")
    clinic.refresh_from_db()
    page = client_of(owner).get(form.get_absolute_url()).content.decode()

    assert "A question of your own" not in page and DAY not in page
    with pytest.raises(QuestionUnfinished):
        create_form(clinic, {"name": "New", "fields": [{"name": "phone"}, QUESTIONS[0]]}, by=owner)
    process_submission(LeadSubmission.objects.get())
    assert not any("answers" in (each.lead.extra if each.lead else {}) for each in LeadSubmission.objects.all())


def test_leads_are_found_listed_and_exported_by_their_answers(send, client_of, owner, form):
    """Yes in Spanish is yes; the second answer of one person counts, the first no more."""
    send(ANA | {DOG: "no", DAY: "Friday"})
    send(ANA | {DOG: "yes", DAY: "Friday"})
    send(ANA | {"first_name": "Ben", "email": "ben@example.com", "phone": "2125550142", DOG: "yes", DAY: "Monday"})
    for submission, language in zip(LeadSubmission.objects.order_by("received_at"), ("en", "en", "es"), strict=True):
        with translation.override(language):
            process_submission(submission)
    page, listed = client_of(owner), reverse("crm:lead_list")

    def found(*chosen):
        response = page.get(listed, {"answer": chosen})
        return {row.lead.first_name for row in response.context["rows"]}

    assert (found(f"{DOG}:yes"), found(f"{DOG}:no")) == ({"Ana", "Ben"}, set())
    assert (found(f"{DOG}:yes", f"{DAY}:Monday"), found(f"{DAY}:Monday", f"{DAY}:Friday")) == ({"Ben"}, {"Ana", "Ben"})
    assert "Friday · Which day?" in page.get(listed, {"answer": f"{DAY}:Friday"}).content.decode()
    board = page.get(reverse("crm:board"), {"answer": f"{DAY}:Friday"}).content.decode()
    assert "Ana" in board and "Ben" not in board

    page.post(reverse("crm:lead_columns"), {"order": [DAY, "stage"], "shown": [DAY], "size": "50"})
    shown = page.get(listed)
    assert [column.label for column in shown.context["columns"]] == ["Name", "Which day?"]
    assert ">Friday</td>" in shown.content.decode()
    file = b"".join(page.get(reverse("crm:lead_csv"))).decode()
    assert "Last name,Which day?" in file and ",Friday" in file

    lead = Lead.objects.get(first_name="Ana")
    told = page.get(f"/api/leads/{lead.pk}").json()["answers"]
    assert told[0] == {"name": DOG, "question": "Do you have a dog?", "answer": "Yes"}
    assert page.get("/api/leads", {"answer": f"{DAY}:Monday"}).json()["total"] == 1
    lead.delete()
    assert set(LeadAnswer.objects.values_list("answer", flat=True)) == {"Sí", "Monday"}
