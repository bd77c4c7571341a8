"""Exports: who asked for what as a file, how far a worker is with it, and what came of it."""
from alembic import op

revision = "0015_exports"
down_revision = "0014_seals"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE house.export_run (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            actor_id bigint NOT NULL,
            module_id text NOT NULL,
            said text NOT NULL DEFAULT '',
            format text NOT NULL,
            asked jsonb NOT NULL,
            ids bigint[] NOT NULL DEFAULT '{}',
            paths text[] NOT NULL DEFAULT '{}',
            state text NOT NULL DEFAULT 'waiting',
            rows bigint NOT NULL DEFAULT 0,
            total bigint NOT NULL DEFAULT 0,
            size bigint NOT NULL DEFAULT 0,
            problem text NOT NULL DEFAULT '',
            begun_at timestamptz NOT NULL,
            finished_at timestamptz
        )""")
    op.execute("CREATE INDEX export_run_of ON house.export_run (actor_id, id DESC)")
    op.execute("COMMENT ON COLUMN house.export_run.state IS 'waiting, running, done, failed, expired, or sent: answered at once, without a file kept.'")
    op.execute("COMMENT ON COLUMN house.export_run.asked IS 'The state of the list, as its address says it.'")


def downgrade() -> None:
    op.execute("DROP TABLE house.export_run")
