"""What a file of events said of people who are erased: the words in which a row was refused."""

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.models import FigureImport

TELLING = 5  # letters: a shorter id stands in what is said of anybody


def forget_problems(words):
    """Take some people's addresses, numbers and ids out of the reasons why rows of files were refused."""
    words = {word.casefold() for word in words if word and len(word) >= TELLING}
    asked = Q()
    for word in words:
        asked |= Q(rows__icontains=word)
    for file in FigureImport.objects.select_for_update().filter(asked).order_by("pk") if words else ():
        for row in file.rows:
            if any(word in row["problem"].casefold() for word in words):
                row["problem"] = _("It named somebody who was erased.")
        file.save(update_fields=["rows", "updated_at"])
