"""From any file of leads to leads, and back again.

Pure, asking no database: `mapping` (columns to fields) and `cleaning` (text to values), behind `clinics.tables`, which
makes rows of bytes. Steps that people take: `uploading` (a file comes in, its columns are mapped), `working` (trial and
import, as background jobs), `undoing`. Beneath them `plan` (what holds for a whole file), `people` (who is here
already), `drafting` (what becomes of each row), `writing` and `updating` (a batch into the database).
"""
