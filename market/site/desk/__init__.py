"""The regulator's desk: five tables over everything in scope, with filters, bulk actions, files, and drill-down."""
