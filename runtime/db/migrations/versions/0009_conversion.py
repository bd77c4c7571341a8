"""What a record was converted into, once and for all."""
from alembic import op

revision = "0009_conversion"
down_revision = "0008_packages"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE house.conversion (
            module_id text NOT NULL,
            record_id bigint NOT NULL,
            map_id text NOT NULL,
            at timestamptz NOT NULL,
            actor_id bigint,
            made jsonb NOT NULL,
            PRIMARY KEY (module_id, record_id)
        )""")
    op.execute("COMMENT ON COLUMN house.conversion.made IS '[{module: id of the module, record: id, new: whether it was made}]'")


def downgrade() -> None:
    op.execute("DROP TABLE house.conversion")
