"""Writes down how a file was read, and guesses from its first rows and its words what its columns mean."""

from django.utils.translation import gettext as _

from clinics.models import ClinicUser
from clinics.tables.refusal_headings import refusal_target
from clinics.tables.values import decimal_mark_by_evidence
from crm.importing.languages import language_of
from crm.importing.mapping import IGNORE, KEPT, guess_mapping, plain
from crm.importing.matching import guess_members, guess_stages, word_key
from crm.importing.options import ImportOptions, Owners
from crm.importing.refusing import REFUSING
from crm.intake import REFUSED_WHEN_MINIMAL
from crm.models import LeadImport, PipelineStage

LONGEST_SHEET = 120  # a name longer than this cannot be chosen


def understand(lead_import, table, look):
    """Note on an import, unsaved, how its file was read and what `look_over` found, with a guess for each column."""
    clinic = lead_import.clinic
    lead_import.encoding, lead_import.separator = table.encoding, table.separator
    lead_import.sheets = [name for name in table.sheets if len(name) <= LONGEST_SHEET]
    lead_import.sheet = table.sheet[:LONGEST_SHEET]
    lead_import.headers, lead_import.row_count = list(table.headers), look["count"]
    guesses = guess_mapping(list(table.headers), look["rows"])
    lead_import.notices = [*table.notices, *look["notices"], *_refusal_notices(guesses)]
    lead_import.columns = [
        {"header": guess.header, "reason": _reason(clinic, guess), "target": _allowed(clinic, guess.target)}
        | look["columns"][guess.column]
        for guess in guesses
    ]
    lead_import.mapping = [column["target"] for column in lead_import.columns]
    lead_import.options = _options_for(lead_import).as_json()
    _remember(lead_import)


def told_by(lead_import):
    """In words, what else the headings and the first amounts tell of how a file is written."""
    told = []
    if language := language_of(lead_import.headers):
        told.append(language)
    for column, target in zip(lead_import.columns, lead_import.mapping, strict=True):
        if target == "expected_value":
            words = [word for word, _count in column["words"] or ()]
            mark, _open_case = decimal_mark_by_evidence([*column["samples"], *words])
            told += {",": [_("amounts with a decimal comma")], ".": [_("amounts with a decimal point")]}.get(mark, [])
    return told


def _refusal_notices(guesses):
    """What the file says of who is to be left in peace, and of that what cannot be told: nobody is asked about it."""
    told = [f"“{guess.header}”" for guess in guesses if guess.target in REFUSING]
    open_case = [
        f"“{guess.header}”" for guess in guesses if not guess.target and refusal_target(plain(guess.header)) is None
    ]
    notices = []
    if told:
        words = _(
            "Who refuses to be written to or called is told by %(columns)s. With the import these refusals hold for "
            "every message. A yes permits nothing by itself: bring it in with its proof under “Consents from a file”."
        )
        notices.append(words % {"columns": ", ".join(told)})
    if open_case:
        words = _(
            "Who agreed to be written to and who refused seems to be told by %(columns)s, and not clearly which. It is "
            "kept beside each lead and stops nothing unless you choose below what it refuses."
        )
        notices.append(words % {"columns": ", ".join(open_case)})
    return notices


def _allowed(clinic, target):
    """What a clinic with minimal lead privacy does not keep is left out from the start."""
    if clinic.asks_full_names:
        return target
    return IGNORE if target == KEPT or target in REFUSED_WHEN_MINIMAL else target


def _reason(clinic, guess):
    if _allowed(clinic, guess.target) != guess.target:
        return _("this clinic keeps only first names and contact on leads")
    return guess.reason


def _options_for(lead_import):
    """Options as the words of the file suggest them."""
    stages = list(PipelineStage.objects.in_order())
    members = list(ClinicUser.objects.coordinators().select_related("user"))
    owner_words = guess_members(words_of(lead_import, "assigned_to"), members)
    return ImportOptions(
        stage=next((str(stage.pk) for stage in stages if stage.is_default), ""),
        stage_words=guess_stages(words_of(lead_import, "stage", "status"), stages),
        owners=Owners.COLUMN if any(owner_words.values()) else Owners.TURN,
        owner_words=owner_words,
    )


def words_of(lead_import, *targets):
    """The different words under the columns mapped to these targets, each once, the most frequent first."""
    words = {}
    for column, target in zip(lead_import.columns, lead_import.mapping, strict=True):
        if target in targets and column["words"]:
            for word, _count in column["words"]:
                words.setdefault(word_key(word), word)
    return list(words.values())


def _remember(lead_import):
    """Take mapping and options over from the last import with these headings, or with nearly all of them.

    A column of refusals that was kept beside the lead then holds refusals now; to leave it out stays a choice.
    """
    known = LeadImport.objects.mapped_like(lead_import.headers)
    if known is None:
        return
    then = dict(zip(known.headers, known.mapping, strict=True))
    guessed = dict(zip(lead_import.headers, lead_import.mapping, strict=True))
    taken = {then[header] for header in guessed if header in then} - {KEPT, IGNORE, *REFUSING}
    new = {header: KEPT if target in taken else target for header, target in guessed.items()}
    lead_import.mapping = [_again(guessed[header], then.get(header, new[header])) for header in lead_import.headers]
    fresh = lead_import.options
    lead_import.options = known.options | {
        name: fresh[name] | known.options.get(name, {}) for name in ("stage_words", "owner_words")
    }
    for column, target in zip(lead_import.columns, lead_import.mapping, strict=True):
        if column["target"] != target:
            column["reason"] = _("as the last time with these columns")


def _again(guessed, target):
    return guessed if guessed in REFUSING and target == KEPT else target
