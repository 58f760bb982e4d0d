"""The outcomes that invented lives imply, worked out from the lives and from nothing else.

Definitions are those of docs/decisions/0003-outcome-choices.md. No code is shared with the
pipeline, so that agreement between the two means something.
"""
