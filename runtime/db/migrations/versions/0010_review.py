"""Drafts move onto a newer version as a step that can be taken back; people choose the branch they work on; long publishing is kept."""
from alembic import op

revision = "0010_review"
down_revision = "0009_conversion"


def upgrade() -> None:
    op.execute("ALTER TABLE house.metadata_draft_step ADD COLUMN bases int[]")
    op.execute("COMMENT ON COLUMN house.metadata_draft_step.bases IS '[base before, base after] of a step onto a newer version.'")
    op.execute("""
        CREATE TABLE house.metadata_desk (
            owner_id bigint PRIMARY KEY,
            name text NOT NULL
        )""")
    op.execute("COMMENT ON TABLE house.metadata_desk IS 'The branch somebody works on; without a row their own draft.'")
    op.execute("""
        CREATE TABLE house.metadata_publishing (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            owner_id bigint NOT NULL,
            name text NOT NULL,
            base int NOT NULL,
            documents jsonb NOT NULL,
            note text NOT NULL DEFAULT '',
            state text NOT NULL DEFAULT 'waiting',
            field text NOT NULL DEFAULT '',
            done bigint NOT NULL DEFAULT 0,
            last bigint NOT NULL DEFAULT 0,
            number int,
            problem text NOT NULL DEFAULT '',
            begun_at timestamptz NOT NULL,
            at timestamptz NOT NULL
        )""")
    op.execute("COMMENT ON COLUMN house.metadata_publishing.state IS 'waiting, running, paused, done or failed.'")


def downgrade() -> None:
    op.execute("DROP TABLE house.metadata_publishing")
    op.execute("DROP TABLE house.metadata_desk")
    op.execute("ALTER TABLE house.metadata_draft_step DROP COLUMN bases")
