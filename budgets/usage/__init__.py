"""Metered usage from files: which column is what, what a row says, what it cost.

`formats` knows whose files there are, and a module each reads those of one program. All but
`loading` are pure and take and return values; it alone knows the ledger.
"""
