"""What must hold of definitions before they are published."""
