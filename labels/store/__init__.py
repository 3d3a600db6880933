"""Clients and what is known of them: tables, migrations, and one way in."""
