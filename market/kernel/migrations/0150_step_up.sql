-- When whoever holds this session last typed a code of their second factor; what binds wants it to be fresh.
ALTER TABLE session ADD COLUMN confirmed_at timestamptz;
