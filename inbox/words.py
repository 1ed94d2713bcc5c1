"""The words of conversations, kept by the database itself, so that no way of writing a message can forget them.

Behind a policy only = and < reach an index, never a text search: each word of a conversation is a row of its own.
"""

from django.db import connection, migrations

from clinics.tenancy import clinic_scope

FUNCTION = r"""
CREATE OR REPLACE FUNCTION words_said(said text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT DISTINCT left(word, 40) FROM regexp_split_to_table(
        regexp_replace(normalize(lower(left(said, 8000)), NFKD), '[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+'
    ) found(word) WHERE length(word) > 1
$$
"""
ADD = """
    INSERT INTO inbox_conversationword (id, clinic_id, created_at, updated_at, word, conversation)
    SELECT gen_random_uuid(), clinic_id, now(), now(), word, conversation_id FROM (
        SELECT DISTINCT clinic_id, conversation_id, word
        FROM {rows} said, words_said(said.subject || ' ' || said.text) found(word)
    ) each_once ON CONFLICT DO NOTHING
"""
TRIGGERS = """
CREATE FUNCTION inbox_words_of_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {of_new};
    RETURN NULL;
END $$;
CREATE FUNCTION inbox_words_of_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched uuid[] := ARRAY(
        SELECT DISTINCT unnest(ARRAY[o.conversation_id, n.conversation_id])
        FROM before_rows o JOIN after_rows n USING (id)
        WHERE (o.conversation_id, o.subject, o.text) IS DISTINCT FROM (n.conversation_id, n.subject, n.text)
    );
BEGIN
    IF cardinality(touched) > 0 THEN
        DELETE FROM inbox_conversationword WHERE conversation = ANY(touched)
            AND clinic_id = (SELECT clinic_id FROM after_rows LIMIT 1);
        {of_changed};
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION inbox_words_of_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM inbox_conversationword WHERE clinic_id = OLD.clinic_id AND conversation = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER words_new AFTER INSERT ON inbox_unifiedmessage
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION inbox_words_of_new();
CREATE TRIGGER words_changed AFTER UPDATE ON inbox_unifiedmessage
    REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION inbox_words_of_changed();
CREATE TRIGGER words_gone AFTER DELETE ON inbox_unifiedconversation
    FOR EACH ROW EXECUTE FUNCTION inbox_words_of_gone();
"""
FORGET = """
DROP TRIGGER words_new ON inbox_unifiedmessage; DROP TRIGGER words_changed ON inbox_unifiedmessage;
DROP TRIGGER words_gone ON inbox_unifiedconversation;
DROP FUNCTION inbox_words_of_new(); DROP FUNCTION inbox_words_of_changed(); DROP FUNCTION inbox_words_of_gone();
"""
TOUCHED = "(SELECT * FROM inbox_unifiedmessage WHERE conversation_id = ANY(touched))"


def keeping_words():
    """The steps of a migration that let the database keep the words of conversations, for those here, too."""
    kept = TRIGGERS.format(of_new=ADD.format(rows="after_rows"), of_changed=ADD.format(rows=TOUCHED))

    def keep(apps, schema_editor):
        for clinic_id in apps.get_model("clinics", "Clinic").objects.values_list("pk", flat=True):
            with clinic_scope(clinic_id), connection.cursor() as cursor:
                cursor.execute(ADD.format(rows="inbox_unifiedmessage"))

    return [
        migrations.RunSQL(FUNCTION, migrations.RunSQL.noop),
        migrations.RunSQL(kept, FORGET),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
