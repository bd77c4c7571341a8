"""Reserved: the tables of the metadata room."""

revision = "0002_metadata"
down_revision = "0001_outbox"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
