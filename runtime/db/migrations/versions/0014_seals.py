"""History is sealed: a chain of hashes over its rows, triggers that refuse to change them, and one door for what is purged."""
from alembic import op

revision = "0014_seals"
down_revision = "0013_checks"

TABLES = """
CREATE TABLE house.history_seal (
  number bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  ids bigint[] NOT NULL,
  digests bytea NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL
);
COMMENT ON COLUMN house.history_seal.ids IS 'The rows of history it covers, ascending.';
COMMENT ON COLUMN house.history_seal.digests IS 'SHA-256 of each of these rows, 32 bytes each, in the same order.';
ALTER TABLE house.history_seal ALTER COLUMN digests SET STORAGE EXTERNAL;

CREATE TABLE house.history_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  number bigint NOT NULL,
  hash bytea NOT NULL
);
INSERT INTO house.history_head (number, hash) VALUES (0, sha256(''));
COMMENT ON TABLE house.history_head IS 'The last seal, so that one that is taken away is missed.';

CREATE TABLE house.history_purge (
  history_id bigint PRIMARY KEY,
  tombstone_id bigint NOT NULL
);
COMMENT ON TABLE house.history_purge IS 'Which row of history says that another one was purged.';

CREATE TABLE house.audit_check (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  asked_by bigint NOT NULL,
  asked_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'waiting',
  seals bigint NOT NULL DEFAULT 0,
  found jsonb,
  at timestamptz NOT NULL
);
COMMENT ON COLUMN house.audit_check.state IS 'waiting, running, done or failed.';

ALTER TABLE house.import_run ADD COLUMN put_back_to bigint;
COMMENT ON COLUMN house.import_run.put_back_to IS 'Undoing has come down to this row of history.';
"""

KEEP = """
CREATE FUNCTION house.keep_history() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'history' AND current_setting('banyan.purging', true) = 'yes' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'House history is only added to: no % on %.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""

FOLLOW = """
CREATE FUNCTION house.follow_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE house.history_head SET number = NEW.number, hash = NEW.hash WHERE number = NEW.number - 1 AND hash = NEW.previous;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Seal % does not follow the last one.', NEW.number USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$
"""

PURGE = """
CREATE FUNCTION house.purge_history(module text, records bigint[], moment timestamptz, actor bigint, via text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE purged bigint;
BEGIN
  PERFORM set_config('banyan.purging', 'yes', true);
  WITH gone AS (
    DELETE FROM house.history WHERE module_id = module AND record_id = ANY (records) AND verb <> 'purge' RETURNING id, record_id
  ), told AS (
    INSERT INTO house.history (module_id, record_id, version, verb, at, actor_id, channel, changed)
    SELECT module, record_id, 0, 'purge', moment, actor, via,
           jsonb_build_object('purged', jsonb_build_array(jsonb_agg(id ORDER BY id), NULL))
    FROM gone GROUP BY record_id RETURNING id, record_id
  ), noted AS (
    INSERT INTO house.history_purge (history_id, tombstone_id)
    SELECT gone.id, told.id FROM gone JOIN told ON told.record_id = gone.record_id RETURNING 1
  ) SELECT count(*) INTO purged FROM noted;
  PERFORM set_config('banyan.purging', '', true);
  RETURN purged;
END $$
"""

TRIGGERS = """
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON house.history FOR EACH STATEMENT EXECUTE FUNCTION house.keep_history();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON house.history_seal FOR EACH STATEMENT EXECUTE FUNCTION house.keep_history();
CREATE TRIGGER follow AFTER INSERT ON house.history_seal FOR EACH ROW EXECUTE FUNCTION house.follow_seal();
REVOKE EXECUTE ON FUNCTION house.purge_history FROM PUBLIC;
"""


def upgrade() -> None:
    for statements in (TABLES, KEEP, FOLLOW, PURGE, TRIGGERS):
        op.get_bind().exec_driver_sql(statements.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP TRIGGER IF EXISTS keep ON house.history")
    op.execute("DROP FUNCTION house.purge_history")
    op.execute("DROP TABLE house.history_seal, house.history_head, house.history_purge, house.audit_check")
    op.execute("DROP FUNCTION house.follow_seal, house.keep_history")
    op.execute("ALTER TABLE house.import_run DROP COLUMN put_back_to")
