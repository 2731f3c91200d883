"""The adapter to Alipay (docs/adr/0040-alipay-adapter.md): the SDK's models, our transport, signatures and outcomes."""
