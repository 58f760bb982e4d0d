"""Living processes, by the root they were started for."""

import psutil


def processes_of(root):
    """Return every living process that was started for this root."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("SFP_ROOT") == str(root.path):
                found.append(process)
        except psutil.Error:
            continue
    return found
