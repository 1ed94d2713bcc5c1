"""Proof from PostgreSQL's catalogue that the wall has no gap; each finding is one plain sentence."""

from clinics.models.base import current_clinic_id
from clinics.wall import (
    APPEND_ONLY,
    CLOSED_TABLES,
    OWN_ROWS,
    SHARED_PREFIXES,
    SHARED_TABLES,
    clinic_links,
    clinic_models,
)

# Minor releases that close known holes in row-level security itself (CVE-2025-8713).
OLDEST_MINOR = {15: 14, 16: 10, 17: 6, 18: 0}


def find_gaps(connection):
    """Return every gap in the wall as a list of sentences; an empty list means that it stands."""
    with connection.cursor() as cursor:
        return [
            *_server_gaps(connection),
            *_role_gaps(cursor),
            *_table_gaps(cursor),
            *_policy_gaps(cursor),
            *_key_gaps(cursor),
            *_unique_gaps(cursor),
            *_grant_gaps(cursor),
            *_view_gaps(cursor),
            *_manager_gaps(),
        ]


def _rows(cursor, query, parameters=()):
    cursor.execute(query, parameters)
    return cursor.fetchall()


def _server_gaps(connection):
    major, minor = divmod(connection.pg_version, 10000)
    if major not in OLDEST_MINOR:
        return [] if major > max(OLDEST_MINOR) else [f"PostgreSQL {major} is older than 15."]
    if minor < OLDEST_MINOR[major]:
        return [f"PostgreSQL {major}.{minor} has known holes; {major}.{OLDEST_MINOR[major]} closes them."]
    return []


def _role_gaps(cursor):
    [(name, is_super, bypasses, owned)] = _rows(
        cursor,
        """
        SELECT current_user, rolsuper, rolbypassrls,
               (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace = 'public'::regnamespace)
        FROM pg_roles r WHERE rolname = current_user
        """,
    )
    gaps = []
    if is_super or bypasses:
        gaps.append(f"The application runs as {name}, which row-level security does not bind.")
    if owned:
        gaps.append(f"The application's role {name} owns {owned} tables.")
    return gaps


def _table_gaps(cursor):
    gaps = []
    tables = _rows(
        cursor,
        """
        SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
               EXISTS (SELECT 1 FROM pg_attribute a
                       WHERE a.attrelid = c.oid AND a.attname = 'clinic_id' AND NOT a.attisdropped),
               EXISTS (SELECT 1 FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.relname
                       AND p.cmd = 'ALL' AND p.qual LIKE '%%app.clinic_id%%' AND p.qual NOT LIKE '%% OR %%'
                       AND p.with_check = p.qual)
        FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1
        """,
    )
    for name, is_secured, has_clinic, has_policy in tables:
        if not has_clinic:
            if name not in SHARED_TABLES | CLOSED_TABLES and not name.startswith(SHARED_PREFIXES):
                gaps.append(f"{name} has no clinic and is not named as a shared table.")
            continue
        if not is_secured:
            gaps.append(f"{name}: row-level security is not enabled and forced.")
        if not has_policy:
            gaps.append(f"{name}: no policy binds reading and writing to the clinic.")
    return gaps


def _policy_gaps(cursor):
    """Permissive policies add up: one that is not ours opens a table beside the one that is."""
    known = {("clinic", table) for table in (model._meta.db_table for model in clinic_models())}
    known |= {("own_rows", table) for table in OWN_ROWS}
    rows = _rows(
        cursor,
        "SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' AND permissive = 'PERMISSIVE'",
    )
    strays = [(table, name) for name, table in rows if (name, table) not in known]
    return [f"{table}: policy {name} opens it beside the clinic's own." for table, name in strays]


def _key_gaps(cursor):
    plain = _rows(
        cursor,
        """
        SELECT k.conrelid::regclass::text, k.conname
        FROM pg_constraint k
        WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace AND array_length(k.conkey, 1) = 1
          AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attname = 'clinic_id')
          AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attname = 'clinic_id')
        """,
    )
    gaps = [f"{table}: foreign key {name} does not include the clinic." for table, name in plain]
    composite = {
        tuple(row)
        for row in _rows(
            cursor,
            """
            SELECT k.conrelid::regclass::text, a.attname FROM pg_constraint k
            JOIN pg_attribute clinic ON clinic.attrelid = k.conrelid AND clinic.attnum = k.conkey[1]
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2]
            WHERE k.contype = 'f' AND array_length(k.conkey, 1) = 2 AND clinic.attname = 'clinic_id'
            """,
        )
    }
    for model in clinic_models():
        for field in clinic_links(model):
            if (model._meta.db_table, field.column) not in composite:
                gaps.append(f"{model._meta.db_table}.{field.column}: no composite foreign key guards it.")
    return gaps


def _unique_gaps(cursor):
    rows = _rows(
        cursor,
        """
        SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE i.indisunique AND NOT i.indisprimary AND c.relnamespace = 'public'::regnamespace
          AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attname = 'clinic_id')
          AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attname = 'clinic_id'
                          AND a.attnum = ANY (i.indkey))
        """,
    )
    return [f"{table}: unique index {index} reaches across clinics." for table, index in rows]


def _grant_gaps(cursor):
    gaps = [
        f"{table}: the application may {right.lower()} it."
        for table, right in _rows(
            cursor,
            """
            SELECT c.relname, p.privilege
            FROM pg_class c CROSS JOIN (VALUES ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) p(privilege)
            WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
              AND has_table_privilege(current_user, c.oid, p.privilege)
            """,
        )
    ]
    for table in sorted(APPEND_ONLY):
        [(may,)] = _rows(cursor, "SELECT has_table_privilege(current_user, %s, 'UPDATE, DELETE')", [table])
        [(guarded,)] = _rows(
            cursor,
            "SELECT count(*) FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND tgname = 'append_only' AND tgenabled <> 'D'",
            [table],
        )
        if may or not guarded:
            gaps.append(f"{table}: rows can be changed or deleted.")
    return gaps


def _view_gaps(cursor):
    rows = _rows(
        cursor,
        """
        SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
        AND NOT coalesce(reloptions::text LIKE '%%security_invoker=true%%', false)
        """,
    )
    return [f"{name}: the view runs with its owner's rights." for (name,) in rows]


def _manager_gaps():
    """Outside a clinic, the first manager of each model must refuse to answer."""
    if current_clinic_id() is not None:
        raise RuntimeError("Audit the wall outside of a clinic's scope.")
    gaps = []
    for model in clinic_models():
        for manager in model._meta.managers:
            if type(manager.get_queryset()).__name__ != "DisabledQuerySet":
                gaps.append(f"{model._meta.label}.{manager.name} answers outside of a clinic's scope.")
        if any(relation.remote_field.through._meta.auto_created for relation in model._meta.local_many_to_many):
            gaps.append(f"{model._meta.label}: a many-to-many table without a model of its own has no clinic.")
    return gaps
