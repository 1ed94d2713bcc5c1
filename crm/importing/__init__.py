"""From any file of leads to leads, and back again.

Pure, asking no database: `mapping` (columns to fields), `refusing` (what a file says of who is to be left in peace) and
`cleaning` (text to values), behind `clinics.tables`, which makes rows of bytes. Steps that people take: `uploading` (a
file comes in, its columns are mapped), `reading_in` (it is read whole, as a background job if it is large), `working`
(trial and import, as background jobs), `undoing`. Beneath them `looking_over` and `understanding` (a whole file before
its columns are mapped), `plan` (what holds for a whole file), `people` (who is here already), `drafting` (what becomes
of each row), `writing`, `updating` and `refusals` (a batch into the database).
"""
