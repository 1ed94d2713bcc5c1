from clinics.models.base import clinic_index
from clinics.search_words import SearchWord


class PatientWord(SearchWord):
    """A word by which a patient is found."""

    class Meta:
        indexes = [
            clinic_index("word", "person", name="patient_by_word"),
            clinic_index("person", "word", name="words_of_patient"),
        ]
