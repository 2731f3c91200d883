"""Everything that changes a dispute. Order of locks: project, dispute, payable, payment."""
