"""A faithful local Alipay: signed protocol, cashier, notifies, bills, and every kind of failure on demand.

It is another party's system: it shares the signature rules with the adapter and nothing else, keeps its own books in a
file of its own, and is held to Alipay's protocol by running Alipay's unchanged SDK against it. Own parties and own
money only: it never starts in production.
"""
