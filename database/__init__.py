"""From raw files to published tables: generator, loads, warehouse state, publish, migrations."""
