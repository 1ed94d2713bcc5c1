"""Finding people by how any word of theirs begins: name, e-mail, phone number, external id.

Behind a policy only comparisons by = and < reach an index, never LIKE: each word is a row of its own, kept by triggers
of the table of people, so that no way of writing a person can forget it. A phone number counts as several words, as
people say it: with its country, without, without its area, and its last four digits.
"""

import re

from django.db import connection, migrations, models

from clinics.models.base import ClinicModel
from clinics.normalising import name_key, phone_digits
from clinics.tenancy import clinic_scope

LONGEST = 80
BETWEEN = re.compile(r"[\s.,;:/'\"()&+-]+")
LAST = "\U0010ffff"
FEW = (
    30_000  # to hold so many against another word takes as long as to walk the newest of a million for two common ones
)
NOT_OF_A_NUMBER = re.compile(r"[^\d\s()+./-]")


class SearchWord(ClinicModel):
    """A word by which a person is found; `person` is an id alone, for the rows come and go with theirs."""

    word = models.CharField(max_length=LONGEST, db_collation="C")
    person = models.UUIDField()

    class Meta:
        abstract = True


def begins_of(text):
    """How the words begin that somebody must have who is looked for by `text`; each of them must be found."""
    key = name_key(text)[:LONGEST]
    digits = phone_digits(text)
    if digits and not NOT_OF_A_NUMBER.search(key):
        return [digits[:LONGEST]]
    if "@" in key:
        return [word for word in key.split(" ") if word]
    return [word for word in BETWEEN.split(key) if word]


def words_of_each(words, text):
    """For each word of a text the SearchWords of everybody that begin with it."""
    return [words.objects.filter(word__gte=begin, word__lt=begin + LAST) for begin in begins_of(text)]


def found_by(people, words, text):
    """Of some people, those who have a word for each word of a text; `words` is their SearchWord."""
    found = words_of_each(words, text)
    for rows in found:
        people = people.filter(pk__in=rows.values("person"))
    return people if found else people.none()


def found_soon_by(people, words, text):
    """The same people, for who wants to see a few of them at once; asks one question more for each of several words.

    The database cannot tell how few begin with “ana7”, and would read each of them before it asks for the other word.
    So a word that few begin with is held against the others first. Where all are common, the newest are walked.
    """
    found = words_of_each(words, text)
    rare = next((rows for rows in found if len(found) > 1 and _is_rare(rows)), None)
    if rare is None:
        return found_by(people, words, text)
    bearers = rare
    for rows in found:
        if rows is not rare:
            bearers = bearers.filter(person__in=rows.values("person"))
    return people.filter(pk__in=bearers.values("person").distinct())


def _is_rare(rows):
    return rows.order_by().values("person")[:FEW].count() < FEW


# In the database --------------------------------------------------------------------------------

WORDS = r"""
CREATE OR REPLACE FUNCTION search_words(name text, email text, phones text[], external_id text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT DISTINCT left(word, 80) FROM (
        SELECT regexp_split_to_table(name, '[\s.,;:/''"()&+-]+') AS word
        UNION ALL SELECT email
        UNION ALL SELECT regexp_split_to_table(split_part(email, '@', 1), '[._+-]+')
        UNION ALL SELECT regexp_split_to_table(lower(external_id), '[\s.,;:/''"()&+-]+')
        UNION ALL
        SELECT right(digits, ending) FROM (SELECT regexp_replace(phone, '\D', '', 'g') AS digits FROM unnest(phones) phone) known,
            unnest(CASE WHEN digits LIKE '1%' THEN ARRAY[15, 10, 7, 4] ELSE ARRAY[15, 10, 9, 8, 7, 4] END) ending
    ) found WHERE word <> '' AND (word = email OR NOT starts_with(email, word))
$$
"""  # noqa: E501
COLUMNS = ("name_key", "email_norm", "phone_e164", "phone_alt_e164", "external_id", "deleted_at")
LINES = """
    INSERT INTO {words} (id, clinic_id, created_at, updated_at, word, person)
    SELECT gen_random_uuid(), clinic_id, now(), now(), found.word, {people}.id
    FROM {rows} {people}, search_words(name_key, email_norm, ARRAY[phone_e164, phone_alt_e164], external_id) found(word)
    WHERE deleted_at IS NULL
"""
KEEP = """
CREATE FUNCTION {words}_of_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {of_new};
    RETURN NULL;
END $$;
CREATE FUNCTION {words}_of_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM {words} WHERE clinic_id = OLD.clinic_id AND person = OLD.id;
    IF TG_OP = 'UPDATE' THEN
        {of_changed};
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER words_new AFTER INSERT ON {people}
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION {words}_of_new();
CREATE TRIGGER words_changed AFTER UPDATE OF {columns} ON {people} FOR EACH ROW
    WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION {words}_of_changed();
CREATE TRIGGER words_gone AFTER DELETE ON {people} FOR EACH ROW EXECUTE FUNCTION {words}_of_changed();
"""
FORGET = """
DROP TRIGGER words_new ON {people}; DROP TRIGGER words_changed ON {people}; DROP TRIGGER words_gone ON {people};
DROP FUNCTION {words}_of_new(); DROP FUNCTION {words}_of_changed();
"""


def keeping_words(people, words):
    """The steps of a migration that let the database keep the words of a table of people, for those here, too."""
    names = {"people": people, "words": words}
    facts = names | {
        "columns": ", ".join(COLUMNS),
        "old": ", ".join(f"OLD.{column}" for column in COLUMNS),
        "new": ", ".join(f"NEW.{column}" for column in COLUMNS),
        "of_new": LINES.format(**names, rows="after_rows"),
        "of_changed": LINES.format(**names, rows="(SELECT NEW.*)"),
    }

    def keep(apps, schema_editor):
        for clinic_id in apps.get_model("clinics", "Clinic").objects.values_list("pk", flat=True):
            with clinic_scope(clinic_id), connection.cursor() as cursor:
                cursor.execute(LINES.format(**names, rows=people))

    return [
        migrations.RunSQL(WORDS, migrations.RunSQL.noop),
        migrations.RunSQL(KEEP.format(**facts), FORGET.format(**names)),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
