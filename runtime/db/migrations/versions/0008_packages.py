"""Packages remember their version, since when they are installed, and by whom."""
from alembic import op

revision = "0008_packages"
down_revision = "0007_drafts"


def upgrade() -> None:
    op.execute("ALTER TABLE house.metadata_seed ADD COLUMN version text NOT NULL DEFAULT '1.0.0', "
               "ADD COLUMN installed_at timestamptz, ADD COLUMN actor_id bigint, ADD COLUMN fingerprint text NOT NULL DEFAULT ''")
    op.execute("UPDATE house.metadata_seed SET installed_at = at, version = coalesce(manifest->>'version', '1.0.0')")
    op.execute("ALTER TABLE house.metadata_seed ALTER COLUMN installed_at SET NOT NULL")
    op.execute("COMMENT ON COLUMN house.metadata_seed.fingerprint IS 'SHA-256 of the package as it was laid down last.'")


def downgrade() -> None:
    op.execute("ALTER TABLE house.metadata_seed DROP COLUMN version, DROP COLUMN installed_at, DROP COLUMN actor_id, "
               "DROP COLUMN fingerprint")
