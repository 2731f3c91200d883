"""Search over what is public: one interface, PostgreSQL as the engine that is always there (docs/adr/0071-one-search.md)."""
