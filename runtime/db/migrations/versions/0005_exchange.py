"""Reserved: the tables of the exchange room."""

revision = "0005_exchange"
down_revision = "0004_records"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
