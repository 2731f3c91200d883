"""The second way in: programs do what pages do (docs/adr/0074-api.md)."""
