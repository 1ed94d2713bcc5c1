"""Why a file is not taken, in the words of whoever chose it."""

from django.utils.translation import gettext_lazy as _

from clinics.errors import RuleBroken


class FileRefused(RuleBroken):
    message = _("This file cannot be kept here.")


class KindRefused(FileRefused):
    message = _("Only PDF, JPEG, PNG, Word (.docx), Excel (.xlsx) and plain text are kept here.")


class NotWhatItSays(FileRefused):
    message = _("The content of this file is not what its name says. Save it again in its own program, then attach it.")


class TooLarge(FileRefused):
    message = _("This file is larger than 20 MB.")


class EmptyFile(FileRefused):
    message = _("This file is empty.")


class HoldsProgram(FileRefused):
    message = _("This document holds a program (macros). Save it without them, then attach it.")


class TooMuchInside(FileRefused):
    message = _("This file unpacks to far more than it seems. It was not opened.")


class TooManyDocuments(FileRefused):
    message = _("There are 200 documents. Delete some that are no longer needed.")


class FileIsPurged(FileRefused):
    message = _("This document was deleted more than a week ago, and its file is gone.")
