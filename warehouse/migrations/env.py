"""Alembic's entry: run the migrations on the connection the caller opened."""

from alembic import context

from warehouse.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
context.run_migrations()
