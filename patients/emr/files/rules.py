"""What stands against a step of an import from a file, in the words of the person who takes it."""

from django.utils.translation import gettext_lazy as _

from clinics.errors import RuleBroken


class FileAtWork(RuleBroken):
    message = _("This file is being worked on. Watch it here.")


class FileIsOver(RuleBroken):
    message = _("This file has been imported already.")


class NotTriedOut(RuleBroken):
    message = _("Try the file out first: then you see what will become of it.")


class NoColumns(RuleBroken):
    message = _("Say which columns hold the name, the phone number or the e-mail address.")


class RunCannotBeUndone(RuleBroken):
    message = _("This can be undone within 7 days, once.")


class WorkTakenOver(RuleBroken):
    message = _("This import has gone on in another job.")
