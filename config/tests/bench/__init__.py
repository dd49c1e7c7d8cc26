"""What the ledger and the pages cost: `make bench`, read with docs/performance.md.

Nothing here is a test. Each database gets a scratch one of its own, which is dropped at the end, so
no data of an installation is ever touched. Times of a machine that does other things too mean
little by themselves: what is told is medians of rounds that take turns, and ratios within a round.
"""
