"""Everything that holds for a whole import: the file and its columns, the clinic's rows by the words of the file."""

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from clinics.models import ClinicUser, Tag
from clinics.tables.errors import UnreadableFile
from clinics.tables.reading import Reading, corrected, read_table
from crm.importing.file_rules import Rules, rules_for
from crm.importing.mapping import IGNORE, KEPT
from crm.importing.matching import guess_category, source_name, word_key
from crm.importing.options import ARCHIVE, DayOrder, DecimalMark, ImportOptions, NotConverted, Owners
from crm.importing.rules import FileIsGone
from crm.intake import IntakeDefaults
from crm.models import LeadSource, LeadStatus, PipelineStage


@dataclass
class ImportPlan:
    """One import about to be tried out or worked off; see `make_plan`."""

    clinic: Any
    by: Any
    table: Any
    targets: tuple
    rules: Rules
    options: ImportOptions
    moment: Any
    stages: dict
    sources: dict
    members: dict
    tags: dict
    defaults: IntakeDefaults
    import_id: str
    corrections: dict
    kept: Any = None
    new_sources: list = field(default_factory=list)
    new_tags: list = field(default_factory=list)

    @property
    def rows(self):
        """The rows of the file, with what was corrected by hand in the place of what stands there."""
        return self.as_corrected(self.table.rows)

    def as_corrected(self, rows):
        """Rows as they stand in the file, with what was corrected by hand."""
        width = len(self.table.headers)
        return (corrected(row, self.corrections, width=width) for row in rows)

    def rows_with(self, lines, marks):
        """Rows in the order of the file, among them all with one of these lines or marks (see KeptRows)."""
        return self.as_corrected(self.kept.rows_with(lines, marks) if self.kept else self.table.rows)

    @property
    def keeps_all(self):
        """Whether this clinic keeps on leads whatever a file holds, or only what it needs."""
        return self.clinic.asks_full_names

    def stage_of_kind(self, kind):
        return next((stage for stage in self.stages.values() if stage.kind == kind), None)

    def place(self, values):
        """(stage, status) for the words of a row: what is won is won, then its stage, its status, the chosen stage."""
        if values.get("converted"):
            return self._standing(self.stage_of_kind(PipelineStage.Kind.WON))
        for text in (values.get("stage"), values.get("status_word")):
            chosen = self.options.stage_words.get(word_key(text)) if text else None
            if chosen == ARCHIVE:
                return self._chosen_stage(), LeadStatus.ARCHIVED
            if chosen in self.stages:
                return self._standing(self.stages[chosen])
        if values.get("converted") is False and self.options.not_converted == NotConverted.LOST:
            return self._standing(self.stage_of_kind(PipelineStage.Kind.LOST))
        return self._standing(self._chosen_stage())

    def _chosen_stage(self):
        return self.stages.get(self.options.stage, self.defaults.stage)

    def _standing(self, stage):
        stage = stage or self._chosen_stage()
        if stage.kind == PipelineStage.Kind.WON:
            return stage, LeadStatus.CONVERTED
        if stage.kind == PipelineStage.Kind.LOST:
            return stage, LeadStatus.LOST
        return stage, LeadStatus.NEW if stage.pk == self.defaults.stage.pk else LeadStatus.ACTIVE

    def owner_named(self, text):
        """The coordinator whom the row, or the person who imports, names; None leaves it to the rules."""
        if self.options.owners == Owners.PERSON:
            return self.members.get(self.options.owner)
        if self.options.owners == Owners.COLUMN and text:
            return self.members.get(self.options.owner_words.get(word_key(text), ""))
        return None

    def source_for(self, text):
        """The source that a word of the file names; a new one is noted and made with the batch that first needs it."""
        if not text:
            return next(
                (source for source in self.sources.values() if str(source.pk) == self.options.source),
                self.defaults.source,
            )
        name = source_name(text)
        source = self.sources.get(word_key(text)) or self.sources.get(word_key(name))
        if source is None:
            source = LeadSource(name=name[:120], category=guess_category(name))
            self.sources[word_key(text)] = self.sources[word_key(name)] = source
            self.new_sources.append(source)
        return source

    def tags_for(self, names):
        """The tags of a row and the one for all; new ones as with sources."""
        found = []
        for name in dict.fromkeys([*names, *([self.options.tag] if self.options.tag else [])]):
            tag = self.tags.get(word_key(name[:60]))
            if tag is None:
                tag = self.tags[word_key(name[:60])] = Tag(name=name[:60].strip())
                self.new_tags.append(tag)
            if tag not in found:
                found.append(tag)
        return found


def make_plan(lead_import, clinic, *, by, kept=None):
    """Open the file of an import again and gather all that its rows may name. Raises FileIsGone.

    With the KeptRows of its trial the file stays closed, and what the trial found out of it holds.
    """
    table = kept or _open_again(lead_import)
    told = lead_import.summary.get("rules", {}) if kept else {}
    options = ImportOptions.of(lead_import)
    targets = tuple(lead_import.mapping)
    if not clinic.asks_full_names:
        targets = tuple(IGNORE if target == KEPT else target for target in targets)
    rules = rules_for(
        targets,
        () if told else (row.cells for row in table.rows),
        region=clinic.phone_region,
        zone=clinic.zone,
        refuse_bad_phones=options.refuse_bad_phones,
        day_first={DayOrder.DAY: True, DayOrder.MONTH: False}.get(options.day_order, told.get("day_first")),
        decimal_mark={DecimalMark.POINT: ".", DecimalMark.COMMA: ","}.get(
            options.decimal_mark, told.get("decimal_mark")
        ),
    )
    return ImportPlan(
        clinic=clinic,
        by=by,
        table=table,
        targets=targets,
        rules=rules,
        options=options,
        moment=timezone.now(),
        stages={str(stage.pk): stage for stage in PipelineStage.objects.in_order()},
        sources={word_key(source.name): source for source in LeadSource.objects.order_by("pk")},
        members={str(member.pk): member for member in ClinicUser.objects.coordinators().select_related("user")},
        tags={word_key(tag.name): tag for tag in Tag.objects.order_by("pk")},
        defaults=IntakeDefaults(clinic),
        import_id=str(lead_import.pk),
        corrections=lead_import.corrections,
        kept=kept,
    )


def _open_again(lead_import):
    try:
        return read_table(lead_import.open_file(), reading=Reading.of(lead_import))
    except (UnreadableFile, OSError) as error:
        raise FileIsGone from error
