"""What stands against a step of an import, in the words of the person who takes it."""

from django.utils.translation import gettext_lazy as _

from clinics.errors import RuleBroken


class ImportIsAtWork(RuleBroken):
    """Raised when somebody else has started this import, its trial or its undoing, and it has not ended."""

    def __init__(self, name):
        super().__init__(_("%(name)s has just started this. Watch it here.") % {"name": name})


class ImportIsOver(RuleBroken):
    message = _("This file has been imported already.")


class ImportNotTriedOut(RuleBroken):
    message = _("Try the file out first: then you see what will become of each row.")


class MappingHasChanged(RuleBroken):
    message = _("Somebody has changed the columns since and tried them out anew. Look at the result first.")


class FileIsGone(RuleBroken):
    message = _("The uploaded file can no longer be read. Upload it again.")


class RowIsGone(RuleBroken):
    message = _("This row is no longer among the problems. Try the file out again.")


class UndoIsOver(RuleBroken):
    message = _("An import can be undone within 7 days.")


class WorkTakenOver(RuleBroken):
    message = _("This import has gone on in another job.")
