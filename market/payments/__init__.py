"""Money: instructions to Alipay, and the ledger that mirrors what Alipay holds. The market itself never holds any."""
