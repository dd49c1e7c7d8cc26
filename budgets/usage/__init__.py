"""Metered usage from files: which column is what, what a row says, what it cost.

`columns`, `files`, `parsing` and `pricing` are pure and take and return values; `loading` alone
knows the ledger.
"""
