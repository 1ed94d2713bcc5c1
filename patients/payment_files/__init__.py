"""Payments that come in a file: columns named, tried out row by row, imported in the background, undone.

`columns` (what a column is), `rows` (a row to a payment, or why not), `working` (upload, trial, import, undo). The same
file twice changes nothing: each row has an id of its own, or is given one by what it says.
"""
