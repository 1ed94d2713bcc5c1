"""How to make one row of each model for a clinic: `@makes(Model)` on a function of the world. None may be missing."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clinics.invitations import invite_member
from clinics.models import (
    ApiToken,
    AuditLog,
    BackgroundJob,
    ClinicUser,
    Invitation,
    KeptAnswer,
    Location,
    Reaction,
    Role,
    StaffNotification,
    Tag,
)
from clinics.requests import digest
from crm.importing.uploading import accept_upload
from crm.models import (
    ActivityType,
    AdCampaign,
    ContactPoint,
    Household,
    Lead,
    LeadActivity,
    LeadContactPoint,
    LeadForm,
    LeadImport,
    LeadImportRow,
    LeadSource,
    LeadSubmission,
    LeadTag,
    LeadTask,
    Opportunity,
    PipelineStage,
    ReferringProvider,
    StageChange,
    TaskTemplate,
    Touchpoint,
)
from crm.tests.factories import LeadFactory, LeadFormFactory

MAKERS = {}


def makes(model):
    def register(make):
        MAKERS[model] = make
        return make

    return register


@makes(Location)
def location(world):
    return Location.objects.create(name=f"{world.word} Main Street", address=f"1 {world.word} Street")


@makes(ClinicUser)
def member(world):
    """Somebody with the least of the roles, whom an admin may change without breaking a rule."""
    return world.members[Role.VIEWER]


@makes(Invitation)
def invitation(world):
    return invite_member(f"new@{world.word}.example", role=Role.FRONT_DESK, location=world[Location], by=world.admin)


@makes(ApiToken)
def api_token(world):
    """A token of the admin, whose secret nobody is ever told."""
    return ApiToken.objects.create(
        member=world.admin,
        name=f"{world.word} reports",
        prefix="rc_0000000",
        token_digest=digest(world.word),
        scopes=["lead:read"],
        expires_at=timezone.now() + timedelta(days=1),
    )


@makes(KeptAnswer)
def kept_answer(world):
    return KeptAnswer.objects.create(
        member=world.admin, key=f"{world.word}-1", request_digest="0" * 64, status=200, body=world.word
    )


@makes(AuditLog)
def audit(world):
    return AuditLog.objects.create(
        actor=world.admin,
        action="crm.lead.edited",
        resource_type="crm.lead",
        resource_id=world[Lead].pk,
        after={"notes": world.word},
    )


@makes(Reaction)
def reaction(world):
    return Reaction.objects.create(event=world[AuditLog], handler=f"{world.word}.react", due_at=timezone.now())


@makes(StaffNotification)
def notification(world):
    return StaffNotification.objects.create(member=world.admin, kind="job", text=f"{world.word} is done", url="/leads/")


@makes(BackgroundJob)
def job(world):
    return BackgroundJob.objects.create(
        kind="crm.import",
        title=f"Import {world.word}.csv",
        started_by=world.admin,
        heartbeat_at=timezone.now(),
        result={"created": 1, "note": world.word},
    )


@makes(TaskTemplate)
def task_template(world):
    return TaskTemplate.objects.create(title=f"Call {world.word}")


@makes(PipelineStage)
def stage(world):
    """A stage without a lead, further on than any lead is, so that it can be moved to."""
    return PipelineStage.objects.create(
        name=f"{world.word} stage", slug=f"{world.word}-stage", order=60, auto_task_template=world[TaskTemplate]
    )


@makes(LeadSource)
def source(world):
    return LeadSource.objects.create(name=f"{world.word} ads", category="WEB_PAID")


@makes(AdCampaign)
def ad_campaign(world):
    return AdCampaign.objects.create(name=f"{world.word} spring", platform="Meta")


@makes(ReferringProvider)
def referring_provider(world):
    return ReferringProvider.objects.create(name=f"Dr. {world.word}", practice=f"{world.word} practice")


@makes(Tag)
def tag(world):
    return Tag.objects.create(name=f"{world.word} tag")


@makes(Household)
def household(world):
    return Household.objects.create(name=f"The {world.word} household")


@makes(ContactPoint)
def contact_point(world):
    return ContactPoint.objects.create(kind="EMAIL", value=f"lead@{world.word}.example", household=world[Household])


@makes(Lead)
def lead(world):
    return LeadFactory(
        first_name=world.word,
        last_name=f"{world.word}son",
        email=f"lead@{world.word}.example",
        notes=f"{world.word} has crowded teeth.",
        external_id=f"{world.word}-1",
        stage=PipelineStage.objects.in_order()[1],
        source=world[LeadSource],
        ad_campaign=world[AdCampaign],
        referring_provider=world[ReferringProvider],
        location=world[Location],
        household=world[Household],
        assigned_to=world.members[Role.TREATMENT_COORDINATOR],
        insurance_member_id=f"{world.word}-77",
        created_by=world.admin,
        updated_by=world.admin,
    )


@makes(LeadTag)
def lead_tag(world):
    return LeadTag.objects.create(lead=world[Lead], tag=world[Tag])


@makes(LeadContactPoint)
def lead_contact_point(world):
    return LeadContactPoint.objects.create(lead=world[Lead], contact_point=world[ContactPoint])


@makes(LeadActivity)
def activity(world):
    return LeadActivity.objects.create(
        lead=world[Lead],
        type=ActivityType.NOTE,
        notes=f"{world.word} asked about prices.",
        occurred_at=timezone.now(),
        by=world.members[Role.TREATMENT_COORDINATOR],
    )


@makes(Opportunity)
def opportunity(world):
    return Opportunity.objects.create(lead=world[Lead], expected_value_cents=450_000)


@makes(LeadTask)
def lead_task(world):
    return LeadTask.objects.create(
        lead=world[Lead], title=f"Call {world.word} back", due_at=timezone.now(), assigned_to=world.admin
    )


@makes(StageChange)
def stage_change(world):
    first, second = PipelineStage.objects.in_order()[:2]
    return StageChange.objects.create(
        lead=world[Lead], from_stage=first, to_stage=second, changed_at=timezone.now(), by=world.admin
    )


@makes(Touchpoint)
def touchpoint(world):
    return Touchpoint.objects.create(
        lead=world[Lead],
        source=world[LeadSource],
        ad_campaign=world[AdCampaign],
        utm_campaign=world.word,
        occurred_at=timezone.now(),
    )


@makes(LeadForm)
def lead_form(world):
    return LeadFormFactory(
        name=f"{world.word} form",
        texts={"en": {"title": f"Ask {world.word}"}},
        source=world[LeadSource],
        tag=world[Tag],
        location=world[Location],
        use="WALK_IN",
    )


@makes(LeadSubmission)
def submission(world):
    return LeadSubmission.objects.create(
        channel="WEBFORM",
        form=world[LeadForm],
        payload={"first_name": world.word, "email": f"asks@{world.word}.example"},
        received_at=timezone.now(),
        due_at=timezone.now(),
        status="FAILED",
        reason="UNCLEAR",
        error=world.word,
    )


@makes(LeadImport)
def lead_import(world):
    content = f"First name,Email\n{world.word},second@{world.word}.example\n".encode()
    return accept_upload(world.clinic, SimpleUploadedFile(f"{world.word}.csv", content), by=world.admin)


@makes(LeadImportRow)
def lead_import_row(world):
    return LeadImportRow.objects.create(
        lead_import=world[LeadImport],
        line=2,
        is_dry_run=True,
        outcome="FAILED",
        reason=f"{world.word} is no e-mail address",
        cells=[world.word, world.word],
        lead=world[Lead],
    )
