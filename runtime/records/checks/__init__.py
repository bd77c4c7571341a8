"""What `crm doctor` asks of records."""
