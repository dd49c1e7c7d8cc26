"""Purchases from files: what each row says, and how it becomes a purchase.

`formats` names every format that can be read; each has a reader that turns its file into `rows`,
one at a time, and knows no database. `batches` alone does: it takes a file from its arrival to the
report of what became of it, and back out again.
"""
