"""Everything that changes money's rows. No call to Alipay happens inside a transaction."""
