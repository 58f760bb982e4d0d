"""One small function per outcome, one file per subject."""
