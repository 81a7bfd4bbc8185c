"""What only IM and Presence has."""
