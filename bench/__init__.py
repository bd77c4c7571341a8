"""The benchmark: a million deals; product, floor and raw PostgreSQL measured side by side (`make bench`)."""
