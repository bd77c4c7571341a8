"""Where tries at signing in are counted while Redis is away; lost in a crash, as counts may be."""
from alembic import op

revision = "0016_limit_counts"
down_revision = "0015_exports"


def upgrade() -> None:
    op.execute("CREATE UNLOGGED TABLE house.limit_count (key text PRIMARY KEY, count bigint NOT NULL, expires timestamptz NOT NULL)")
    op.execute("COMMENT ON TABLE house.limit_count IS 'How often somebody tried, by the hash of who and what; used without Redis.'")


def downgrade() -> None:
    op.execute("DROP TABLE house.limit_count")
