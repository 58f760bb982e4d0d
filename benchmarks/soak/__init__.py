"""Long fault proofs: the same files through a root that is hurt and one that is left alone.

    python -m benchmarks.soak                  every proof
    python -m benchmarks.soak processes --kills 1000

What each printed is in `docs/reliability.md`; short versions are in `tests/flows/`.
"""
