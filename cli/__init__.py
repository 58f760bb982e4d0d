"""The command line `sfp`: a front door without logic, one file per group of commands.

What a command needs is imported where it is used, so that help and wrong usage answer at once.
"""
