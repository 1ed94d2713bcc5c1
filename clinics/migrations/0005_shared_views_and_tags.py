"""Saved views, arranged lists and tags serve leads and patients alike: their tables move down, rows and all."""

import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models

import clinics.models.base

# Said here, not as a dependency: the first migrations of both apps, which replace all others, would wait for each other.
THERE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM django_migrations WHERE app = 'crm' AND name = '0010_lead_forms') THEN
        RAISE EXCEPTION 'First bring this installation to crm 0010_lead_forms, by the version that had it.';
    END IF;
END $$;
"""
# The wall names its keys after the table; under the old names it would write them a second time.
RENAME = """
ALTER TABLE crm_{name} RENAME TO clinics_{name};
DO $$ DECLARE key record; BEGIN
    FOR key IN SELECT conname FROM pg_constraint
        WHERE conrelid = 'clinics_{name}'::regclass AND conname LIKE 'crm\\_{name}\\_%'
    LOOP
        EXECUTE format('ALTER TABLE clinics_{name} RENAME CONSTRAINT %I TO %I',
            key.conname, 'clinics' || substr(key.conname, 4));
    END LOOP;
END $$;
"""
WIDER = """
ALTER TABLE clinics_savedview ALTER COLUMN layout TYPE varchar(8);
ALTER TABLE clinics_viewtab ALTER COLUMN layout TYPE varchar(8);
ALTER TABLE clinics_listlayout ADD COLUMN layout varchar(8) NOT NULL DEFAULT 'LIST';
ALTER TABLE clinics_listlayout ALTER COLUMN layout DROP DEFAULT;
ALTER TABLE clinics_listlayout DROP CONSTRAINT list_layout_once_a_member;
ALTER TABLE clinics_listlayout ADD CONSTRAINT list_layout_once_a_list UNIQUE (clinic_id, member_id, layout);
"""
LAYOUTS = [("BOARD", "Board"), ("LIST", "List"), ("PATIENTS", "Patients")]


def row_of_a_clinic():
    return [
        (
            "id",
            models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False),
        ),
        ("created_at", models.DateTimeField(auto_now_add=True)),
        ("updated_at", models.DateTimeField(auto_now=True)),
        (
            "clinic",
            models.ForeignKey(
                db_index=False,
                default=clinics.models.base.current_clinic_id,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="clinics.clinic",
            ),
        ),
    ]


def link(to, related_name="+"):
    return clinics.models.base.ClinicForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to=to
    )


class Migration(migrations.Migration):
    dependencies = [("clinics", "0004_webhooks")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(THERE),
                *[migrations.RunSQL(RENAME.format(name=name)) for name in ("savedview", "viewtab", "listlayout", "tag")],
                migrations.RunSQL(WIDER),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Tag",
                    fields=[
                        *row_of_a_clinic(),
                        ("name", models.CharField(max_length=60, verbose_name="name")),
                        ("color", models.CharField(blank=True, default="", max_length=20, verbose_name="color")),
                    ],
                    options={
                        "verbose_name": "tag",
                        "verbose_name_plural": "tags",
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(fields=("clinic", "name"), name="tag_name_once_a_clinic")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedView",
                    fields=[
                        *row_of_a_clinic(),
                        ("name", models.CharField(max_length=60, verbose_name="name")),
                        ("layout", models.CharField(choices=LAYOUTS, max_length=8)),
                        (
                            "query",
                            models.TextField(
                                blank=True, default="", help_text="The filters and the order, as in an address."
                            ),
                        ),
                        ("is_shared", models.BooleanField(default=False, verbose_name="shared with the clinic")),
                        ("deleted_at", models.DateTimeField(null=True)),
                        ("owner", link("clinics.clinicuser")),
                    ],
                    options={
                        "verbose_name": "saved view",
                        "verbose_name_plural": "saved views",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("deleted_at", None)),
                                fields=("clinic", "owner", "layout", "name"),
                                name="saved_view_once_a_name",
                            )
                        ],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("deleted_at", None)),
                                fields=["clinic", "layout", "name"],
                                name="saved_view_by_layout",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ViewTab",
                    fields=[
                        *row_of_a_clinic(),
                        ("layout", models.CharField(choices=LAYOUTS, max_length=8)),
                        ("place", models.PositiveSmallIntegerField(default=0)),
                        ("is_pinned", models.BooleanField(default=True)),
                        ("is_default", models.BooleanField(default=False)),
                        ("view", link("clinics.savedview", "tabs")),
                        ("member", link("clinics.clinicuser")),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("clinic", "member", "view"), name="view_tab_once_a_member"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("is_default", True)),
                                fields=("clinic", "member", "layout"),
                                name="view_one_default_a_layout",
                            ),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="ListLayout",
                    fields=[
                        *row_of_a_clinic(),
                        ("layout", models.CharField(choices=LAYOUTS, default="LIST", max_length=8)),
                        ("columns", models.JSONField(default=list)),
                        ("size", models.PositiveSmallIntegerField(default=50)),
                        ("member", link("clinics.clinicuser")),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("clinic", "member", "layout"), name="list_layout_once_a_list"
                            )
                        ]
                    },
                ),
            ],
        ),
    ]
