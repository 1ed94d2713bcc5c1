from django.utils.translation import gettext_lazy as _


class RuleBroken(Exception):
    """A rule of the house stands against a change; its text tells the reader which, and what to do instead."""

    message = _("This cannot be done.")

    def __init__(self, message=None):
        super().__init__(message or self.message)

    def __str__(self):
        return str(self.args[0])
