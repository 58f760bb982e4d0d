"""Disclosure control: what may be shown so that no child can be recognised.

The route: `figures` adds the outcomes up to every figure a table could print; `primary` finds the
ones that are sensitive in themselves; `protect` hides as little else as it can so that the hidden
ones stay hidden; `attack` tries to work them out; `control` runs the four and tells what may be
shown. docs/disclosure.md explains the rules, docs/decisions/0008-disclosure-control.md the choices.
"""
