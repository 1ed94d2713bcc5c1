from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from clinics.models.absence import Absence
from clinics.models.base import ClinicForeignKey, ClinicModel, ScopedManager


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        """Create somebody who can log in; without a password, only after a reset."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)

    def who_has(self, email):
        """The person with this e-mail address, or None."""
        return self.filter(email=email).first()


class User(AbstractBaseUser):
    """A person who logs in: staff of one or more clinics, or a client. Stands before the wall, holds no health data."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    first_name = models.CharField(_("first name"), max_length=80, blank=True, default="")
    last_name = models.CharField(_("last name"), max_length=80, blank=True, default="")
    language = models.CharField(_("language"), max_length=8, blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # The admin of Django asks for these; a clinic's admin rights come from the role alone.
    is_staff = False
    is_superuser = False

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("login")
        verbose_name_plural = _("logins")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self):
        return self.get_full_name() or self.email

    def get_full_name(self):
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self):
        return self.first_name or self.email

    def has_perm(self, perm, obj=None):
        """Django's own permissions are not used; `clinics.access` decides."""
        return False

    def has_module_perms(self, app_label):
        return False


class Role(models.TextChoices):
    CLINIC_ADMIN = "CLINIC_ADMIN", _("Clinic admin")
    DOCTOR = "DOCTOR", _("Doctor")
    TREATMENT_COORDINATOR = "TREATMENT_COORDINATOR", _("Treatment coordinator")
    FRONT_DESK = "FRONT_DESK", _("Front desk")
    MARKETING = "MARKETING", _("Marketing")
    VIEWER = "VIEWER", _("Viewer")


def name_of_person(first_name, last_name, email):
    """What colleagues call somebody: their name, or else how their e-mail address begins."""
    return f"{first_name} {last_name}".strip() or email.partition("@")[0]


class ClinicUserQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True, user__is_active=True)

    def admins(self):
        return self.active().filter(role=Role.CLINIC_ADMIN)

    def coordinators(self):
        """Those who may own leads, the coordinators before the admins."""
        return (
            self.active()
            .filter(role__in=[Role.TREATMENT_COORDINATOR, Role.CLINIC_ADMIN])
            .annotate(is_admin=models.Case(models.When(role=Role.CLINIC_ADMIN, then=1), default=0))
            .order_by("is_admin", "user__first_name", "pk")
        )

    def for_list(self):
        """Everything that a row of the staff list shows, in one query; those who left come last."""
        rows = self.select_related("user", "location")
        return rows.order_by("-is_active", "user__first_name", "user__email", "pk")


class ClinicUser(ClinicModel):
    """A member of staff: one person in one clinic, with a role there. Somebody may work for several clinics."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    location = ClinicForeignKey("clinics.Location", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    role = models.CharField(_("role"), max_length=30, choices=Role)
    phone_e164 = models.CharField(_("mobile phone"), max_length=16, blank=True, default="")
    notification_preferences = models.JSONField(default=dict, blank=True)
    # Each time away as Absence.plain says it, those of the past as well; crm tries rules out on the days of then.
    absences = models.JSONField(default=list, blank=True, editable=False)
    deputy = ClinicForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("deputy")
    )
    manager = ClinicForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("reports to")
    )
    capacity = models.PositiveSmallIntegerField(_("open leads at most"), null=True, blank=True)
    new_leads_a_day = models.PositiveSmallIntegerField(_("new leads a day at most"), null=True, blank=True)
    # Weekday ("0" is Monday) -> [opens, closes], as the clinic's own; without any, they work while their place is open.
    working_hours = models.JSONField(_("working hours"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager.of(ClinicUserQuerySet)

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")
        constraints = [models.UniqueConstraint(fields=["clinic", "user"], name="member_once_a_clinic")]
        indexes = [models.Index(fields=["user"], name="member_of_user")]

    def __str__(self):
        return self.display_name

    @property
    def shows_in_browser(self):
        """Whether the browser itself shows what is new while this member looks at something else."""
        return self.notification_preferences.get("browser", "never") != "never"

    @property
    def display_name(self):
        return name_of_person(self.user.first_name, self.user.last_name, self.user.email)

    @property
    def short_name(self):
        return self.user.first_name or self.display_name

    @property
    def is_out_of_office(self):
        return self.is_away_on(timezone.localdate())

    def is_away_on(self, day):
        """Whether they are out of office on a day of the clinic's calendar."""
        return self.absence_on(day) is not None

    def absence_on(self, day):
        """The Absence of a day, or None."""
        return next((absence for absence in self.times_away if absence.covers(day)), None)

    def deputy_id_on(self, day):
        """Whom an absence names to stand in on a day, or else whoever usually does; an id or None."""
        absence = self.absence_on(day)
        return (absence and absence.deputy_id) or self.deputy_id

    @property
    def stand_in_id(self):
        """The same of today."""
        return self.deputy_id_on(timezone.localdate())

    @property
    def times_away(self):
        """[Absence] of past, present and future, the first day first."""
        return [Absence.of(plain) for plain in self.absences]


class InvitationQuerySet(models.QuerySet):
    def open(self):
        """Those that can still be accepted."""
        return self.pending().filter(expires_at__gt=timezone.now())

    def pending(self):
        """Those that nobody has accepted or taken back; some may have run out and wait to be sent again."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def for_list(self):
        return self.select_related("location", "invited_by__user").order_by("-created_at", "pk")


class Invitation(ClinicModel):
    """An e-mailed offer to join the clinic's staff; only the digest of its secret is kept."""

    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=30, choices=Role)
    location = ClinicForeignKey("clinics.Location", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    token_digest = models.CharField(max_length=64)
    invited_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager.of(InvitationQuerySet)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["clinic", "token_digest"], name="invitation_secret_once")]

    def __str__(self):
        return self.email

    @property
    def is_open(self):
        return not (self.accepted_at or self.withdrawn_at) and self.expires_at > timezone.now()
