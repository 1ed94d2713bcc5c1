"""A day of the manager: the queue and the tasks by keys, a rule tried out, the figures, the commissions of a month."""

from datetime import timedelta

from django.utils import timezone

from clinics.models import Role
from clinics.tenancy import clinic_scope
from crm.following_up.acting import run_next
from crm.following_up.noticing import notice_new
from crm.models import CommissionMonth, CommissionRule, ConvertedPatient, FollowUpRule, Lead, LeadConversion, LeadTask
from crm.tests.factories import LeadFactory, LeadTaskFactory
from patients.tests.factories import PatientFactory, PaymentFactory


def test_a_day_from_the_first_call_to_the_commissions_is_played_by_keys(window_of, member_of, practice):
    olga, now = member_of(Role.CLINIC_ADMIN, "Olga"), timezone.now()
    with clinic_scope(practice):
        for number, name in enumerate(("Ana", "Bo")):
            facts = {"assigned_to": olga, "status": "ACTIVE", "first_contacted_at": now}
            lead = LeadFactory(first_name=name, last_name="", expected_value_cents=900_000 - 400_000 * number, **facts)
            due = {"due_at": now - timedelta(hours=3 - number), "assigned_to": olga, "type": "CALL"}
            LeadTaskFactory(lead=lead, title=f"Call {name}", **due)
        plan = LeadTaskFactory(lead=lead, title="Send the plan", assigned_to=olga, due_at=now + timedelta(minutes=1))
        rule = FollowUpRule.objects.first()
        won = LeadFactory(assigned_to=olga, status="CONVERTED", converted_at=now - timedelta(days=90))
        conversion = LeadConversion.objects.create(lead=won, by=olga, converted_at=won.converted_at)
        patient = PatientFactory()
        ConvertedPatient.objects.create(conversion=conversion, patient=patient)
        month = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)
        PaymentFactory(patient=patient, amount_cents=50_000, paid_on=month)
        pays = {"pays": "percent", "percent": 10, "split": {"closer": 100}}
        CommissionRule.objects.create(name="Closing", rule=pays, effective_from=month)

    # The queue: the outcome of a call by one key, the next step set, the next lead in hand.
    page = window_of(olga, "/today/")
    in_hand = page.locator(".queue__row[aria-current=true]")
    in_hand.locator(".queue__name", has_text="Ana").wait_for()
    page.keyboard.press("3")
    page.get_by_text("Ana: No answer. Next:").wait_for()
    in_hand.locator(".queue__name", has_text="Bo").wait_for()

    # Tasks: done with what came of it and what follows, put off, and that taken back.
    page.goto("/tasks/")
    row = page.locator(f".task-row:has(#task-{plan.pk})")
    page.locator(f"#task-{plan.pk}").focus()
    page.keyboard.press("s")
    page.get_by_text("Put off until").wait_for()
    row.wait_for(state="detached")
    page.get_by_role("button", name="Undo", exact=True).last.click()
    page.locator(f"#task-{plan.pk}").focus()
    page.keyboard.press("w")
    page.locator("#dialog").get_by_role("heading", name="Done: Send the plan").wait_for()
    page.keyboard.press("3")
    page.keyboard.press("Control+Enter")
    row.wait_for(state="detached")
    with clinic_scope(practice):
        assert LeadTask.objects.get(pk=plan.pk).status == "COMPLETED"
        assert LeadTask.objects.open().of_present_leads().count() == 3  # both calls, and what follows the plan

    # A rule on the test bench, the figures of another period, and their file.
    page.goto(f"/rules/{rule.pk}/rehearse/")
    page.get_by_text("It would have been set off").wait_for()
    page.goto("/analytics/")
    page.locator("select[name=period]").select_option("month")
    page.wait_for_url("**period=month**")
    with page.expect_download() as taken:
        page.locator("a[href*='/analytics/export/']").first.click()
    assert taken.value.suggested_filename.endswith(".csv")

    # The commissions of last month, with their reason, made final.
    page.goto("/commissions/")
    page.get_by_role("link", name="Olga Vasquez").click()
    page.get_by_text("10% of $500, as closer.").wait_for()
    page.go_back()
    page.get_by_role("button", name="Lock this month").click()
    page.get_by_text("Final since").wait_for()
    with clinic_scope(practice):
        assert CommissionMonth.objects.get().month == month


def test_the_queue_is_worked_by_keys_and_by_thumb_and_never_slips_from_under_them(
    window_of, phone_of, member_of, practice
):
    renata, now = member_of(), timezone.now()
    with clinic_scope(practice):
        for number, name in enumerate(("Ana", "Bo", "Cy")):
            known = {"assigned_to": renata, "status": "ACTIVE", "first_contacted_at": now, "last_name": ""}
            lead = LeadFactory(first_name=name, expected_value_cents=900_000 - 200_000 * number, **known)
            LeadTaskFactory(lead=lead, title=f"Call {name}", assigned_to=renata, due_at=now - timedelta(hours=2))
    page = window_of(renata, "/today/")
    in_hand = page.locator(".queue__row[aria-current=true] .queue__name")

    # A lead that comes in while one talks stands above, and is next; the key logs the call of whom one sees.
    page.keyboard.press("j")
    in_hand.filter(has_text="Bo").wait_for()
    with clinic_scope(practice):
        LeadFactory(first_name="Di", last_name="", assigned_to=renata)
    page.evaluate("document.body.dispatchEvent(new CustomEvent('tasks-changed'))")
    page.locator(".queue__row", has_text="Di").wait_for()
    assert in_hand.inner_text() == "Bo"
    page.keyboard.press("s")
    in_hand.filter(has_text="Di").wait_for()

    # Written down in words, with the next step that usually follows; nobody leaves without one.
    page.keyboard.press("w")
    dialog = page.locator("#dialog")
    dialog.get_by_role("heading", name="Call with Di").wait_for()
    page.keyboard.press("1")
    dialog.locator("select[name=next_step]").select_option("")
    page.keyboard.press("Control+Enter")
    dialog.get_by_text("Nobody leaves the queue without a next step.").wait_for()
    dialog.locator("select[name=next_step]").select_option("FOLLOW_UP")
    page.keyboard.press("Control+Enter")
    in_hand.filter(has_text="Ana").wait_for()

    # By thumb, put off until later today: still in the queue, and yet the next one is in hand.
    phone = phone_of(renata, "/today/")
    thumb = phone.locator(".queue__row[aria-current=true]")
    thumb.locator(".queue__name", has_text="Ana").wait_for()
    thumb.get_by_role("button", name="In 2 hours").tap()
    thumb.locator(".queue__name", has_text="Cy").wait_for()
    with clinic_scope(practice):
        done = {lead.first_name: lead for lead in Lead.objects.all()}
        assert done["Bo"].tasks.open().get().due_at > now
        assert (done["Di"].status, done["Di"].tasks.open().get().title) == ("ACTIVE", "Follow up")


def test_a_follow_up_rule_is_made_tried_out_and_seen_in_the_log_of_a_lead(window_of, member_of, practice):
    olga = member_of(Role.CLINIC_ADMIN, "Olga")
    with clinic_scope(practice):
        FollowUpRule.objects.all().delete()
        lead = LeadFactory(first_name="Ana", last_name="", assigned_to=olga)
    page = window_of(olga, "/rules/")

    page.get_by_role("link", name="New rule").click()
    page.locator("#id_name").fill("Send it at once")
    page.locator("#id_task_template").select_option(label="Send the paperwork")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("It would have been set off 1 time, for 1 lead.").wait_for()
    page.get_by_role("cell", name="Set the task “Send the paperwork”.").wait_for()

    with clinic_scope(practice):
        assert not lead.tasks.exists()  # trying out changes nothing
        notice_new(lead)
        run_next(timezone.now() + timedelta(seconds=1))
    page.get_by_role("link", name="Ana", exact=True).click()
    log = page.locator("#lead-follow-ups")
    log.get_by_text("Because the lead came in. Set the task “Send the paperwork”.").wait_for()
