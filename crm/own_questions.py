"""Questions of a clinic's own on its forms: what they are, which are fit to be asked, and their answers in words.

A question stands among the fields of a LeadForm as {"name", "kind", "required", "label", "help", "choices"}: its words
by language, its choices by language too, each a list. Answers are kept beside the question as it was asked, since the
form may be changed at any time. A clinic that keeps the least of leads asks none: whatever it asked could be medical.
"""

import re
import secrets

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NAME = re.compile(r"q_[0-9a-f]{8}")
MOST_QUESTIONS = 20
MOST_CHOICES = 30
LONGEST_ANSWER = 2000
LONGEST_CHOICE = 120


class Kind(TextChoices):
    """How a question is answered."""

    TEXT = "text", gettext_lazy("A few words")
    LONG = "long", gettext_lazy("Several lines")
    CHOICE = "choice", gettext_lazy("One of several answers")
    YES_NO = "yes_no", gettext_lazy("Yes or no")


def is_own_name(name):
    return bool(NAME.fullmatch(name))


def new_question():
    """An empty question under a name of its own."""
    return question_entry(f"q_{secrets.token_hex(4)}")


def question_entry(name, kind=Kind.TEXT, required=False, **words):
    """A question as a form keeps it; `words` are label, help and choices by language."""
    entry = {"name": name, "kind": str(kind), "required": required}
    return entry | {part: words.get(part, {}) for part in ("label", "help", "choices")}


def own_questions_of(lead_form):
    """The questions of its own that a form asks, in their order."""
    if not lead_form.clinic.asks_full_names:
        return []
    return [entry for entry in lead_form.fields if is_own_name(entry["name"])]


def in_language(by_language, language):
    """Words in a language, or in another one where there are none."""
    return by_language.get(language) or next((words for words in by_language.values() if words), "")


def read_choices(text):
    """Choices as they are typed, one a line; each counts once."""
    lines = (" ".join(line.split())[:LONGEST_CHOICE] for line in text.splitlines())
    return list(dict.fromkeys(filter(None, lines)))[:MOST_CHOICES]


def choices_of(entry, language):
    """(value, words) of the answers that one may choose from; a value is the very words."""
    if entry["kind"] == Kind.YES_NO:
        return [("yes", _("Yes")), ("no", _("No"))]
    return [(words, words) for words in in_language(entry["choices"], language) or []]


def problem_of(entry):
    """What is missing before a question can be asked, or nothing."""
    if entry.get("kind") not in Kind.values or not in_language(entry["label"], ""):
        return _("Write down what each question of your own asks.")
    languages = [language for language, words in entry["label"].items() if words]
    is_short = any(len(in_language(entry["choices"], language) or []) < 2 for language in languages)
    if entry["kind"] == Kind.CHOICE and is_short:
        return _("“%(question)s” needs at least two answers to choose from.") % {
            "question": in_language(entry["label"], "")
        }
    return ""


def as_asked(entries, language):
    """What is kept beside the answers: name, kind and the words of each question in the language of the page."""
    return [
        {"name": entry["name"], "kind": entry["kind"], "question": in_language(entry["label"], language)}
        for entry in entries
    ]


def answers_in(asked, posted):
    """[{"name", "question", "answer"}] of the questions that were answered; `posted` is name -> list of values."""
    found = []
    for question in asked:
        answer = "\n".join(posted.get(question["name"], [])).replace("\x00", "").strip()[:LONGEST_ANSWER]
        if question["kind"] == Kind.YES_NO:
            answer = {"yes": _("Yes"), "no": _("No")}.get(answer, "")
        if answer:
            found.append({"name": question["name"], "question": question["question"], "answer": answer})
    return found
