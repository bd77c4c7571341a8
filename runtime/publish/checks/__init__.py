"""What `crm doctor` asks of publishing."""
