"""Run by Alembic: migrates on the connection that ``labels.store.store`` hands over."""

from alembic import context

from labels.store.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
