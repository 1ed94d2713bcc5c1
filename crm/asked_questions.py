"""The questions of its own that a clinic has asked, for whoever looks for leads by their answers.

An answer is kept in the words and the language in which it was given; looked for is what it means, so that "Yes" and
"Sí" are one. What was answered in somebody's own words can only be there or not.
"""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from crm.models import LeadAnswer, LeadForm
from crm.own_questions import Kind, in_language, is_own_name

ANY = "*"


@dataclass(frozen=True)
class AskedQuestion:
    """`answers` are (value, label, every wording of it); a question that is answered freely has one, ANY."""

    name: str
    label: str
    answers: tuple

    def wordings(self, value):
        """Every wording in which this answer may have been given; None for any answer at all."""
        return next(words for known, _label, words in self.answers if known == value)


def questions_in(forms):
    """The AskedQuestions in the fields of some forms, by name, in the reader's language; the first form wins."""
    language, found = (translation.get_language() or "en")[:2], {}
    for fields in forms:
        for entry in fields:
            if is_own_name(entry["name"]) and entry["name"] not in found:
                label = in_language(entry["label"], language)
                found[entry["name"]] = AskedQuestion(entry["name"], label, _answers(entry, language))
    return found


def asked_questions(clinic):
    """The same of all forms of the open clinic; none where it keeps no answers."""
    if not clinic.asks_full_names:
        return {}
    return questions_in(LeadForm.objects.with_own_questions().values_list("fields", flat=True))


def choices_of(questions):
    """(value of the filter, words) of every answer that leads can be looked for by."""
    return [
        (f"{question.name}:{value}", f"{label} · {question.label}")
        for question in questions.values()
        for value, label, _wordings in question.answers
    ]


def having_answered(leads, questions, chosen):
    """The leads that gave, to each question that is asked about, one of the chosen answers ("name:value")."""
    by_question = {}
    for choice in chosen:
        name, _colon, value = choice.partition(":")
        by_question.setdefault(name, []).append(questions[name].wordings(value))
    for name, wanted in by_question.items():
        given = LeadAnswer.objects.filter(question=name)
        if None not in wanted:
            given = given.filter(answer__in={words for wordings in wanted for words in wordings})
        leads = leads.filter(pk__in=given.values("person"))
    return leads


def _answers(entry, language):
    if entry["kind"] == Kind.YES_NO:
        return tuple((value, words, _in_every_language(value)) for value, words in (("yes", _("Yes")), ("no", _("No"))))
    if entry["kind"] == Kind.CHOICE:
        lists = [words for _language, words in sorted(entry["choices"].items()) if words]
        shown = in_language(entry["choices"], language)
        return tuple(
            (value, shown[place] if place < len(shown) else value, _at(lists, place))
            for place, value in enumerate(lists[0])
        )
    return ((ANY, _("answered"), None),)


def _at(lists, place):
    """What stands at one place of the choices in each language."""
    return frozenset(words[place] for words in lists if place < len(words))


@cache
def _in_every_language(value):
    """How a page in each language keeps a yes or a no."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.add({"yes": _("Yes"), "no": _("No")}[value])
    return frozenset(found)
