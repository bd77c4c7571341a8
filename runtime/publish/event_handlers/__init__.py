"""What publishing does afterwards."""
