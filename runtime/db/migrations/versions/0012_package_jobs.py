"""Installing a package is carried out by a worker: what was agreed to, how far it is, what became of it."""
from alembic import op

revision = "0012_package_jobs"
down_revision = "0011_scheduled"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE house.package_job (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            owner_id bigint NOT NULL,
            file_id text NOT NULL,
            label text NOT NULL,
            agreed text[] NOT NULL,
            choices jsonb NOT NULL,
            override text NOT NULL DEFAULT '',
            samples boolean NOT NULL,
            state text NOT NULL DEFAULT 'waiting',
            step text NOT NULL DEFAULT '',
            version int,
            problem text NOT NULL DEFAULT '',
            begun_at timestamptz NOT NULL,
            at timestamptz NOT NULL
        )""")
    op.execute("COMMENT ON COLUMN house.package_job.state IS 'waiting, running, done or failed.'")
    op.execute("COMMENT ON COLUMN house.package_job.step IS 'tests, tables, samples: what it is at.'")


def downgrade() -> None:
    op.execute("DROP TABLE house.package_job")
