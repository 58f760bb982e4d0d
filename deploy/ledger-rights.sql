-- Who may do what in the ledger; run in its database by its owner, after `sfp init`. Safe to repeat.
-- The owner is the intake. The watcher reads; the publisher reads, and records editions.
GRANT USAGE ON SCHEMA public TO "sfp-watch", "sfp-publish";
GRANT SELECT ON ALL TABLES IN SCHEMA public TO "sfp-watch", "sfp-publish";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO "sfp-watch", "sfp-publish";
GRANT INSERT, UPDATE, DELETE ON editions TO "sfp-publish";
-- The audit chain only ever grows; of the facts the publisher may move its head, and no other.
GRANT INSERT ON audit TO "sfp-publish";
GRANT INSERT, DELETE ON facts TO "sfp-publish";
ALTER TABLE facts ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS read_all ON facts;
DROP POLICY IF EXISTS remove_head ON facts;
DROP POLICY IF EXISTS put_head ON facts;
CREATE POLICY read_all ON facts FOR SELECT USING (true);
CREATE POLICY remove_head ON facts FOR DELETE TO "sfp-publish" USING (name = 'audit_head');
CREATE POLICY put_head ON facts FOR INSERT TO "sfp-publish" WITH CHECK (name = 'audit_head');
