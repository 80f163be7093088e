"""Runs the platform on one machine: embedded PostgreSQL, Airflow's processes, their ports and secrets."""
