"""The runtime: turns metadata into tables, forms, pages and rules."""
