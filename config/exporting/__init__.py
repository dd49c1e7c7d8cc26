"""Data to take along: one JSON document, or a ZIP with the papers in it, of one moment.

`scopes` says whose data: everything, or what is one member's own. `documents` and `archives` write
it piece by piece, `taking` reads it into an empty installation. A backup is something else: it
holds what belongs to this installation too, and is made to be restored.
"""
