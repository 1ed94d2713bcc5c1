"""What the words of a file mean in this clinic: its stages, its people, its sources, what it treats.

Each answer is a guess that the mapping page shows and that may be changed there.
"""

import re

from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from clinics.tables.values import plain_word
from crm.importing.cleaning import STATUS_OF
from crm.importing.mapping import plain
from crm.importing.options import ARCHIVE
from crm.models import LeadStatus, PipelineStage, SourceCategory, TreatmentInterest

ALIKE = 88
# The first category of which a word stands in the name of a source.
CATEGORY_WORDS = (
    (SourceCategory.WEB_PAID, "ads adwords ad paid ppc cpc sem gclid display retargeting sponsored click2call"),
    (SourceCategory.SCHOOL_SCREENING, "school screening escuela schule"),
    (SourceCategory.DOCTOR_REFERRAL, "doctor dr dentist physician provider clinic partner arzt medico medecin"),
    (SourceCategory.PATIENT_REFERRAL, "patient referral referrals reference recommendation friend family word mouth"),
    (SourceCategory.WEB_SOCIAL, "social facebook fb instagram ig tiktok youtube linkedin twitter pinterest whatsapp"),
    (SourceCategory.PRINT_AD, "print newspaper magazine flyer billboard postcard mailer radio tv"),
    (SourceCategory.COMMUNITY_EVENT, "event events community fair gym workshop conference seminar"),
    (SourceCategory.WALK_IN, "walk walkin office"),
    (
        SourceCategory.WEB_ORGANIC,
        "web website organic search google bing seo direct online chat form landing blog internet site traffic",
    ),
)
# Stages of our presets, by a word in what other systems call theirs.
STAGE_WORDS = (
    (
        ("consultation_scheduled", "consult_booked"),
        "booked scheduled appointmentscheduled agendada agendado terminiert",
    ),
    (("consultation_completed",), "showed attended presented examined"),
    (("pending_decision",), "proposal quoted quote negotiation undecided thinking"),
    (("treatment_accepted",), "accepted contractsent aceptado"),
)
NOT = frozenset({"not", "no", "never", "cancelled", "canceled"})
INTEREST_WORDS = (
    (TreatmentInterest.INVISALIGN, "invisalign aligner aligners alineadores"),
    (TreatmentInterest.BRACES_CLEAR, "clear ceramic"),
    (TreatmentInterest.BRACES_METAL, "braces metal brackets zahnspange"),
    (TreatmentInterest.RETAINER, "retainer retainers"),
    (TreatmentInterest.SECOND_OPINION, "opinion"),
    (TreatmentInterest.BOTOX, "botox btx"),
    (TreatmentInterest.FILLER, "filler fillers lip"),
    (TreatmentInterest.LASER, "laser"),
    (TreatmentInterest.SURGERY, "surgery rhinoplasty augmentation tuck facelift"),
    (TreatmentInterest.NECK_PAIN, "neck"),
    (TreatmentInterest.BACK_PAIN, "back spine"),
    (TreatmentInterest.SPORTS_INJURY, "sport sports"),
    (TreatmentInterest.PRENATAL_CARE, "prenatal pregnancy"),
    (TreatmentInterest.GENERAL_INQUIRY, "general inquiry consultation"),
)


def word_key(text):
    """A word of the file as it is looked up: whatever its case and spaces."""
    return " ".join(str(text).casefold().split())


def guess_stages(words, stages):
    """For each word of a stage or status column the id of the stage it most likely means, ARCHIVE, or ""."""
    return {word_key(word): _guess_stage(word, stages) for word in words}


def _guess_stage(word, stages):
    names = {plain(name): stage for stage in stages for name in (stage.name, stage.slug.replace("_", " "))}
    if found := names.get(plain(word)):
        return str(found.pk)
    near = process.extractOne(plain(word), list(names), scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE)
    if near:
        return str(names[near[0]].pk)
    told = set(plain(word).split())
    for slugs, words in STAGE_WORDS:
        if (
            not told & NOT
            and told & set(words.split())
            and (found := next((each for each in stages if each.slug in slugs), None))
        ):
            return str(found.pk)
    return _stage_of_status(STATUS_OF.get(re.sub(r"[\W_]", "", plain_word(word))), stages)


def _stage_of_status(status, stages):
    """NEW is the first stage, ACTIVE the second, and each end of the way is the stage of its kind."""
    if status == LeadStatus.ARCHIVED:
        return ARCHIVE
    on_the_way = [stage for stage in stages if stage.is_open]
    of_kind = {
        LeadStatus.NEW: on_the_way[:1],
        LeadStatus.ACTIVE: on_the_way[1:2] or on_the_way[:1],
        LeadStatus.CONVERTED: [stage for stage in stages if stage.kind == PipelineStage.Kind.WON],
        LeadStatus.LOST: [stage for stage in stages if stage.kind == PipelineStage.Kind.LOST],
    }
    return next((str(stage.pk) for stage in of_kind.get(status, ())), "")


def guess_members(words, members):
    """For each word of a coordinator column the id of the member it names, or ""."""
    names = {}
    for member in members:
        for name in (member.user.email, member.user.first_name, member.display_name):
            if name:
                names.setdefault(plain(name), str(member.pk))
    return {word_key(word): names.get(plain(word), "") for word in words}


def source_name(text):
    """How a new source is called: "ORGANIC_SEARCH" -> "Organic search", anything else as the file has it."""
    text = " ".join(text.replace("_", " ").split()) if "_" in text else text
    return text.capitalize() if text.isupper() and len(text) > 4 else text


def guess_category(name):
    """The category of a new source, by the words in its name."""
    words = set(plain(name).split())
    return next((category for category, known in CATEGORY_WORDS if words & set(known.split())), SourceCategory.OTHER)


def read_interests(texts):
    """(the treatment interests that are known, the texts that are none)."""
    found, unknown = [], []
    for text in texts:
        interest = _read_interest(text)
        if interest is None:
            unknown.append(text)
        elif interest not in found:
            found.append(interest)
    return found, unknown


def _read_interest(text):
    words = plain(text)
    for value, label in TreatmentInterest.choices:
        if words in (plain(str(label)), plain(value)):
            return value
    known = set(words.split())
    return next((interest.value for interest, listed in INTEREST_WORDS if known & set(listed.split())), None)


def shared_by(kinds):
    """In words, what two people have in common: the kinds are id, phone and email."""
    words = {
        "id": _("the same number in the other system"),
        "phone": _("the same phone number"),
        "email": _("the same e-mail address"),
    }
    return ", ".join(words[kind] for kind in ("id", "phone", "email") if kind in kinds)
