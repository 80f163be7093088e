"""What the DAG, the command line and the services share: settings, contracts, quality, runtime."""
