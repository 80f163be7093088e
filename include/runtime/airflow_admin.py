"""Makes sure that Airflow's admin user exists and has the password of the settings.

Not by `airflow users create`, which takes the password on its command line, where every process can read it.
"""

from __future__ import annotations

from include.settings import settings


def ensure_admin() -> None:
    """Create the user, or set its password."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    name = settings().airflow_admin_user
    password = settings().airflow_admin_password.get_secret_value()
    with get_application_builder() as builder:
        manager = builder.sm
        user = manager.find_user(username=name)
        if user is not None:
            manager.reset_password(user.id, password)
            return
        role = manager.find_role("Admin")
        if not manager.add_user(name, "Platform", "Admin", f"{name}@localhost", role, password=password):
            raise RuntimeError(f"Airflow did not create the user {name}: see above")


if __name__ == "__main__":
    ensure_admin()
