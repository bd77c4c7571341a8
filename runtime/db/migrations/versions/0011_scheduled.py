"""A publishing may be planned for a time, with the hazards ticked then; what became of it waits to be read."""
from alembic import op

revision = "0011_scheduled"
down_revision = "0010_review"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE house.metadata_publishing
            ADD COLUMN due_at timestamptz,
            ADD COLUMN ticked text[] NOT NULL DEFAULT '{}',
            ADD COLUMN override text NOT NULL DEFAULT '',
            ADD COLUMN told boolean NOT NULL DEFAULT false""")
    op.execute("COMMENT ON COLUMN house.metadata_publishing.state IS "
               "'scheduled, waiting, running, paused, done, failed or cancelled.'")
    op.execute("COMMENT ON COLUMN house.metadata_publishing.told IS 'Its owner has read what became of it.'")
    op.execute("CREATE INDEX metadata_publishing_planned ON house.metadata_publishing (owner_id, name) WHERE due_at IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX house.metadata_publishing_planned")
    op.execute("ALTER TABLE house.metadata_publishing DROP COLUMN due_at, DROP COLUMN ticked, DROP COLUMN override, DROP COLUMN told")
