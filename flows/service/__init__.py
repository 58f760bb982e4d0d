"""Long-lived processes, which are no flows: server, worker, watcher, deployment."""
