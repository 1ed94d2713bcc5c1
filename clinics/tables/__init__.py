"""Any file of rows and columns, whatever its encoding, separator or packing: `reading.read_table` and what it needs.

Pure, asking no database. What the columns mean is the business of whoever imports.
"""
