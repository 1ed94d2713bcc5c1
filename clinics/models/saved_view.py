from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models.base import ClinicForeignKey, ClinicModel, ScopedManager, clinic_index
from clinics.models.staff import ClinicUser


class SavedViewQuerySet(models.QuerySet):
    def present(self):
        """Views that were not deleted."""
        return self.filter(deleted_at=None)

    def open_to(self, member):
        """Views that a member may use: their own, and those that colleagues share."""
        return self.of(member).present()

    def of(self, member):
        """The same, those included that were deleted."""
        return self.filter(Q(owner=member) | Q(is_shared=True))

    def for_bar(self, member, layout):
        """Everything that the bar of views shows, in the member's own order: tabs first, then by name."""
        mine = models.FilteredRelation("tabs", condition=Q(tabs__member=member))
        views = self.open_to(member).filter(layout=layout).annotate(mine=mine, place=models.F("mine__place"))
        views = views.annotate(is_default=models.F("mine__is_default"), is_pinned=models.F("mine__is_pinned"))
        return views.select_related("owner__user").order_by(models.F("place").asc(nulls_last=True), "name", "pk")


class SavedView(ClinicModel):
    """Filters and an order that somebody gave a name: their own, or shared with the clinic."""

    class Layout(models.TextChoices):
        BOARD = "BOARD", _("Board")
        LIST = "LIST", _("List")
        PATIENTS = "PATIENTS", _("Patients")
        INBOX = "INBOX", _("Inbox")
        TASKS = "TASKS", _("Tasks")

    PAGES = {
        Layout.BOARD: "crm:board",
        Layout.LIST: "crm:lead_list",
        Layout.PATIENTS: "patients:patient_list",
        Layout.INBOX: "inbox:inbox",
        Layout.TASKS: "crm:task_list",
    }
    READ_WITH = {
        Layout.BOARD: "lead:read",
        Layout.LIST: "lead:read",
        Layout.PATIENTS: "patient:read",
        Layout.INBOX: "inbox:read",
        Layout.TASKS: "task:read",
    }

    owner = ClinicForeignKey(ClinicUser, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    layout = models.CharField(max_length=8, choices=Layout)
    query = models.TextField(blank=True, default="", help_text=_("The filters and the order, as in an address."))
    is_shared = models.BooleanField(_("shared with the clinic"), default=False)
    deleted_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(SavedViewQuerySet)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "owner", "layout", "name"],
                condition=Q(deleted_at=None),
                name="saved_view_once_a_name",
            )
        ]
        indexes = [clinic_index("layout", "name", name="saved_view_by_layout", condition=Q(deleted_at=None))]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        beside = f"&{self.query}" if self.query else ""
        return f"{reverse(self.PAGES[self.layout])}?view={self.pk}{beside}"


class ViewTab(ClinicModel):
    """How one person keeps a view: as a tab in its place, and whether the page opens with it."""

    view = ClinicForeignKey(SavedView, on_delete=models.CASCADE, related_name="tabs")
    member = ClinicForeignKey(ClinicUser, on_delete=models.CASCADE, related_name="+")
    layout = models.CharField(max_length=8, choices=SavedView.Layout)
    place = models.PositiveSmallIntegerField(default=0)
    is_pinned = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "member", "view"], name="view_tab_once_a_member"),
            models.UniqueConstraint(
                fields=["clinic", "member", "layout"], condition=Q(is_default=True), name="view_one_default_a_layout"
            ),
        ]

    def __str__(self):
        return f"{self.member_id}: {self.view_id}"


class ListLayout(ClinicModel):
    """The columns that one person wants to see in a list, in their order, and how many rows a page."""

    member = ClinicForeignKey(ClinicUser, on_delete=models.CASCADE, related_name="+")
    layout = models.CharField(max_length=8, choices=SavedView.Layout, default=SavedView.Layout.LIST)
    columns = models.JSONField(default=list)
    size = models.PositiveSmallIntegerField(default=50)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "member", "layout"], name="list_layout_once_a_list")]

    def __str__(self):
        return ", ".join(self.columns)
