"""The fso command: what the Makefile calls and what users repeat."""
