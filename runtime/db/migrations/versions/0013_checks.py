"""What a change of type would do to the values of a large module is found out by a worker, and kept."""
from alembic import op

revision = "0013_checks"
down_revision = "0012_package_jobs"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE house.metadata_check (
            key text PRIMARY KEY,
            conversion jsonb NOT NULL,
            tally bigint NOT NULL,
            last bigint NOT NULL,
            found jsonb NOT NULL,
            done boolean NOT NULL DEFAULT false,
            at timestamptz NOT NULL
        )""")
    op.execute("COMMENT ON TABLE house.metadata_check IS 'How the values of one field would convert: found so far, or all of it.'")
    op.execute("COMMENT ON COLUMN house.metadata_check.tally IS 'Rows ever written to its table when it was begun.'")


def downgrade() -> None:
    op.execute("DROP TABLE house.metadata_check")
