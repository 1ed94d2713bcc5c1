"""From any file of leads to rows that can be imported: `reading` (bytes to rows), `mapping` (columns to fields),
`cleaning` (text to values). None of them asks the database.
"""
