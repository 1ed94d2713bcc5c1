from clinics.models.base import clinic_index
from clinics.search_words import SearchWord


class LeadWord(SearchWord):
    """A word by which a lead is found."""

    class Meta:
        indexes = [
            clinic_index("word", "person", name="lead_by_word"),
            clinic_index("person", "word", name="words_of_lead"),
        ]
