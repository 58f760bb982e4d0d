"""Effects of the practice models: cells in, estimates out.

`cells` reads and collapses, one file per estimator turns cells into a `Result`, `registry` names
them, `table` and `models` make rows. Nothing here knows Prefect except `estimate`.
"""
