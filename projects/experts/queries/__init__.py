"""What pages and actions read about experts and panels."""
