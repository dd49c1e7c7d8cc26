"""Every table as plain rows that any database can hold: what exports and backups are made of.

`tables` knows which tables there are, how a row becomes JSON and back, and how rows are read and
written in pieces, so that a million rows need no more memory than a thousand. `snapshots` lets all
of them be read as they were at one moment. `values` knows how what is in a row is written and read.
`packing` writes archives, and `outputs` files that are there whole or not at all.
"""
