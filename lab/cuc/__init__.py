"""What only Unity Connection has."""
