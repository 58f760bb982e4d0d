"""Everything an edition holds: data files, workbook, package, report, and what changed.

`edition` puts the parts together; nothing here reads a file, a clock or a setting.
"""
