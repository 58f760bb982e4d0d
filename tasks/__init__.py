"""One step of work per file: pure functions, with thin Prefect tasks over them."""
