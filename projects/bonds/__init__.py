"""Bonds of contracts: asked for before signing, given in time, claimed, ruled on, returned when the contract is over."""
