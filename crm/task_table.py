"""The list of tasks as rows of a file."""

from django.utils.translation import gettext_lazy as _

HEADER = (
    _("Task"), _("About it"), _("Lead"), _("Stage"), _("Kind"), _("Priority"), _("Due"), _("Whose"), _("State"),
    _("Done"), _("Done by"), _("Comes back"),
)  # fmt: skip


def csv_rows(tasks):
    """Yield the cells of each task; the database is asked only once they are."""
    rows = tasks.select_related("lead__stage", "assigned_to__user", "completed_by__user")
    for task in rows.iterator(chunk_size=1000):
        yield (
            task.title,
            task.description,
            task.lead.display_name,
            task.lead.stage.name,
            task.get_type_display(),
            task.get_priority_display(),
            task.due_at,
            task.assigned_to.display_name if task.assigned_to else "",
            task.get_status_display(),
            task.completed_at,
            task.completed_by.display_name if task.completed_by else "",
            task.get_recurrence_display(),
        )
