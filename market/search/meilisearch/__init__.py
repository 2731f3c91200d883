"""The market's search on a Meilisearch server, where one is set up (docs/search.md, docs/adr/0072-search-server.md)."""
