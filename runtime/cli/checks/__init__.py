"""What `crm doctor` looks at for the ground floors; rooms bring their own checks."""
