-- Who may do what in the ledger; run in its database by its owner, after `sfp init`. Safe to repeat.
-- The owner is the intake. The watcher reads; the publisher reads, and records editions.
GRANT USAGE ON SCHEMA public TO "sfp-watch", "sfp-publish";
GRANT SELECT ON ALL TABLES IN SCHEMA public TO "sfp-watch", "sfp-publish";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO "sfp-watch", "sfp-publish";
GRANT INSERT, UPDATE, DELETE ON editions TO "sfp-publish";
-- The audit chain only ever grows.
GRANT INSERT ON audit TO "sfp-publish";
